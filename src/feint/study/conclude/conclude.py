"""From a study's folder to its findings: everything is recomputed from the plan and the logs."""

from pathlib import Path

import pandas as pd

from feint.base.errors import UsageError
from feint.base.subjects import is_ours
from feint.base.version import __version__
from feint.base.writing import write_json, write_text
from feint.findings import Findings
from feint.findings.analysis import StudyData
from feint.findings.findings import Verdict
from feint.report.page import render_report, report_sections
from feint.report.words import count
from feint.situations import load_dossiers
from feint.study.ask.refused import shown
from feint.study.ask.stop import GIVEN_UP, stop_of
from feint.study.conclude.agreement import find_accuracy, find_agreement
from feint.study.conclude.common import find, find_belief, find_estimands, find_realism
from feint.study.conclude.correct import People, correct
from feint.study.conclude.judges import judge_findings
from feint.study.conclude.modelled import disagreement_warnings, find_model, fit_study
from feint.study.conclude.read import Concluding, onward, read_study
from feint.study.folder import Folder
from feint.study.logs import own_words
from feint.study.plan.frozen import JUDGES, LOG
from feint.study.plan.grading import PANEL
from feint.tasks.options import COMPOSED

PARTS = ("cells", "contrasts", "coherence", "twins", "stated", "instrument", "comprehension")
"""Parts of the findings that are taken from `feint.stats.conclude` as they are."""


class NotSavedError(UsageError):
    """Findings that could not be written.

    Attributes:
        findings: The findings.
    """

    def __init__(self, message: str, findings: Findings) -> None:
        super().__init__(message)
        self.findings = findings


def conclude_folder(path: Path, people: People | None = None, *, model: bool = False) -> Findings:
    """Recompute the findings of a study and write findings.json and report.html.

    Args:
        path: The folder of a study.
        people: Reads the labels that people gave, which correct the contrasts; without it, there are none.
        model: True to fit the model of all cells anew; otherwise an existing model of the same labels is shown.

    Raises:
        UsageError: The folder holds no plan or no log, or the log is not one of this plan.
        NotSavedError: The files cannot be written; the error holds the findings.
    """
    folder = Folder(path)
    study = read_study(folder)
    if model:
        fit_study(folder, study.plan, study.labels)
    data = study.data()
    findings = find_all(study, data, people(path) if people else None)
    sections = report_sections(study.task.sections())
    gathered = {section.key: section.gather(data) for section in sections if section.gather is not None}
    page = render_report(findings, study.plan.model_dump(), sections, gathered)
    try:
        with folder.shared():
            write_json(folder.findings, findings.plain())
            write_text(folder.report, page)
    except (OSError, UsageError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NotSavedError(f"{path}: findings.json and report.html are not saved ({reason})", findings) from None
    return findings


def find_all(study: Concluding, data: StudyData, said: pd.DataFrame | None) -> Findings:
    """Compute the findings of a study that was read; `said` holds the labels that people gave, None without any."""
    plan, task = study.plan, study.task
    common = find(plan, study.labels, study.quiz, onward(study.folder, plan, study.log))
    judged, unjudged = judge_findings(study, common.replies)
    model = find_model(study.folder, plan, study.labels, common.found["contrasts"])
    estimands, unestimated = find_estimands(study)
    warnings = [
        *unjudged, *filter(None, [common.unfinished, stopped(study), broken_off(study)]),
        *common.found["verdict"]["warnings"],
        *told_composed(study),
        *unestimated, *judged_anew(study), *refusals(study), *(study.log.eval.metadata or {}).get("warnings", []),
        *disagreement_warnings(model),
    ]  # fmt: skip
    # The statistics call the answer by the task's own word.
    verdict = {**common.found["verdict"], "warnings": warnings}
    verdict = {"answer": verdict.pop(task.words.headline), **verdict}
    parts: dict[str, object] = {
        "estimands": estimands,
        "belief": find_belief(study),
        "realism": find_realism(study),
        "power": common.power,
        "stopping": common.stopping,
        "accuracy": find_accuracy(study),
        "agreement": find_agreement(study),
        "corrected": correct(plan, study.labels, said) if said is not None and len(said) else None,
        "model": model,
        "sections": {
            analysis.key: analysis.run(data).model_dump(mode="json", by_alias=True, exclude_unset=True)
            for analysis in task.analyses()
        },
        **judged,
    }
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
            "verdict": Verdict.model_validate(verdict),
            **{name: common.found[name] for name in PARTS if name in common.found},
            **{name: part for name, part in parts.items() if part is not None and part not in ({}, [])},
        }
    )


def stopped(study: Concluding) -> str:
    """Say why the study ended early; "" if it was asked to the end."""
    limit = stop_of(study.log)
    if not limit:
        return ""
    if limit == GIVEN_UP:
        return "It was stopped because its subject gave no answer, or none that could be used; --resume goes on."
    option, request = f"--{limit.replace('_', '-')}", study.task.words.request
    return f"It was stopped by {option}, before the first {request} that could not be asked in all its cells."


def refusals(study: Concluding) -> list[str]:
    """Warn of parameters that a server refused: requests were sent without these."""
    plan = study.plan
    judges = plan.grading.models.values() if plan.grading else ()
    roles = [("subject", plan.subject), *(("judge", judge) for judge in dict.fromkeys(judges))]
    return [
        f"{role.capitalize()} '{model}' was asked without {shown(refused)}, which its server refused: "
        f"{'; '.join(dict.fromkeys(refused.values())).rstrip('.')}."
        for role, model in roles
        if (refused := plan.refused_by(role, model))
    ]


def told_composed(study: Concluding) -> list[str]:
    """Warn where a model that is not ours was asked in composed sentences, though its task has written documents."""
    plan = study.plan
    asked = "wordings" in plan.task and plan.task.get("library", COMPOSED) == COMPOSED
    asked = asked and plan.read_design().whole().keys() != plan.read_design().cells.keys()
    if not asked or is_ours(plan.subject) or not load_dossiers(study.task.name):
        return []
    return [
        "The situations are composed sentences, which a capable model may take for a puzzle; --library written asks in "
        "documents."
    ]


def broken_off(study: Concluding) -> str:
    """Say that an evaluation of Inspect's did not end well, or left samples without a counterpart; "" otherwise.

    The evaluation is the one whose log the study was made of.
    """
    log = study.log
    if LOG not in study.plan.hashes:
        return ""
    if log.status == "success":
        left, limit = len(study.summaries) - len(study.labels), log.eval.config.limit
        why = f"{study.task.words.request} was not asked in all its cells" + (f" (--limit {limit})" if limit else "")
        return f"Left out: {count(left, 'sample')}, whose {why}." if left else ""
    reason = f", with '{own_words(log.error.message)[:200]}'" if log.error else ""
    return f"The evaluation did not end well: its log has the status '{log.status}'{reason}."


def judged_anew(study: Concluding) -> list[str]:
    """Warn if other judges count than those of the frozen plan."""
    plan, frozen = study.plan, study.frozen
    if plan.judge == frozen.judge and plan.grading == frozen.grading:
        return []
    if plan.grading and frozen.task.get(JUDGES) == PANEL.join(plan.grading.judges.values()):
        return []  # named before any label of the import was seen
    there = f"after the {study.task.words.replies} were there"
    return [f"Judged anew by {plan.judge} {there}; the plan was frozen with {frozen.judge}."]
