"""From a study's folder to its findings: everything is recomputed from the plan and the logs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from feint.base.version import __version__
from feint.base.writing import write_json, write_text
from feint.findings import Findings
from feint.findings.analysis import StudyData
from feint.findings.findings import Verdict
from feint.report.page import render_report, report_sections
from feint.report.section import Section
from feint.study.ask.stop import stop_of
from feint.study.conclude.common import Common, find
from feint.study.conclude.correct import People, correct
from feint.study.conclude.estimates import find_estimands
from feint.study.conclude.judges import judge_findings
from feint.study.conclude.modelled import disagreement_warnings, find_model
from feint.study.conclude.read import Concluding, read_study
from feint.study.folder import Folder
from feint.study.plan.frozen import Plan

Fit = Callable[[Folder, Plan, pd.DataFrame], None]
"""Fits the model of all cells to a study's labels and writes it down: `feint.study.conclude.modelled.fit_study`."""
PARTS = ("cells", "contrasts", "coherence", "twins", "stated", "comprehension")
"""Parts of the findings that are taken from `feint.stats.conclude` as they are."""


def conclude_folder(path: Path, people: People | None = None, fit: Fit | None = None) -> Findings:
    """Recompute the findings of a study and write findings.json and report.html.

    Args:
        path: The folder of a study.
        people: Reads the labels that people gave, which correct the contrasts; without it, there are none.
        fit: Computes the model of all cells anew; without it, an existing model of the same labels is shown.

    Raises:
        UsageError: The folder holds no plan or no log, or the log is not one of this plan.
    """
    folder = Folder(path)
    study = read_study(folder)
    if fit:
        fit(folder, study.plan, study.labels)
    data = study.data()
    findings = find_all(study, data, people(path) if people else None)
    write_json(folder.findings, findings.plain())
    write_text(folder.report, write_page(study, data, findings))
    return findings


def find_all(study: Concluding, data: StudyData, said: pd.DataFrame | None = None) -> Findings:
    """Compute the findings of a study that was read.

    Args:
        study: The study.
        data: The parts of it that the task's analyses may read.
        said: The labels that people gave; None without any.
    """
    plan, task = study.plan, study.task
    common = find(plan, study.labels, study.quiz)
    judged = judge_findings(study, common.replies)
    model = find_model(study.folder, plan, study.labels, common.found["contrasts"])
    estimands, unestimated = find_estimands(study)
    parts: dict[str, object] = {
        "estimands": estimands,
        "stopping": common.stopping,
        "corrected": correct(plan, study.labels, said) if said is not None and len(said) else None,
        "model": model,
        "sections": sections_of(study, data),
        **judged.parts,
    }
    warnings = [
        *judged.warnings, *filter(None, [common.unfinished, stopped(study)]), *common.found["verdict"]["warnings"],
        *unestimated, *judged_anew(study), *(study.log.eval.metadata or {}).get("warnings", []),
        *disagreement_warnings(model),
    ]  # fmt: skip
    return Findings.model_validate(
        {
            "feint": __version__,
            "subject": plan.subject,
            "task": task.name,
            "design": plan.design["name"],
            "conflict": plan.conflict["name"],
            "judge": plan.judge,
            "plan_hash": plan.sha256,
            "replies": common.replies,
            "power": common.power,
            "verdict": verdict_of(common, task.words.headline, warnings),
            **{name: common.found[name] for name in PARTS if name in common.found},
            **{name: part for name, part in parts.items() if part is not None and part != {}},
        }
    )


def verdict_of(common: Common, headline: str, warnings: Sequence[str]) -> Verdict:
    """Take the verdict, whose answer the statistics call by the task's own word."""
    found = {**common.found["verdict"], "warnings": list(warnings)}
    return Verdict.model_validate({"answer": found.pop(headline), **found})


def sections_of(study: Concluding, data: StudyData) -> dict[str, object]:
    """Compute what the task adds to the findings."""
    return {
        analysis.key: analysis.run(data).model_dump(mode="json", by_alias=True, exclude_unset=True)
        for analysis in study.task.analyses()
    }


def stopped(study: Concluding) -> str:
    """Say that a limit ended the study; "" if it was asked to the end."""
    limit = stop_of(study.log)
    if not limit:
        return ""
    option = f"--{limit.replace('_', '-')}"
    request = study.task.words.request
    return f"It was stopped by {option}, before the first {request} that could not be asked in all its cells."


def judged_anew(study: Concluding) -> list[str]:
    """Warn if other judges count than those of the frozen plan."""
    plan, frozen = study.plan, study.frozen
    if plan.judge == frozen.judge and plan.grading == frozen.grading:
        return []
    there = f"after the {study.task.words.replies} were there"
    return [f"Judged anew by {plan.judge} {there}; the plan was frozen with {frozen.judge}."]


def write_page(study: Concluding, data: StudyData, findings: Findings) -> str:
    """Write the report as a page."""
    sections = report_sections(study.task.sections())
    return render_report(findings, study.plan.model_dump(), sections, gather(sections, data))


def gather(sections: Sequence[Section], data: StudyData) -> Mapping[str, object]:
    """Read what sections show and findings.json does not hold."""
    return {section.key: section.gather(data) for section in sections if section.gather is not None}
