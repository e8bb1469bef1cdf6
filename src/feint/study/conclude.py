"""From a study's folder to its findings: everything is recomputed from the plan and the logs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai.log import EvalLog

from feint.errors import UsageError
from feint.inference import Quiz, conclude
from feint.report import render_html
from feint.study.examples import choose_examples, read_examples, read_situations
from feint.study.folder import Folder, write_json, write_text
from feint.study.logs import newest_log, read_labels, read_quiz
from feint.study.plan import Plan, read_plan
from feint.version import __version__


def conclude_folder(path: Path) -> dict[str, Any]:
    """Recompute the findings of a study and write findings.json and report.html.

    Args:
        path: The folder of a study.

    Returns:
        The content of findings.json.

    Raises:
        UsageError: The folder holds no plan or no log, or the log is not one of this plan.
    """
    folder = Folder(path)
    plan = read_plan(folder.plan)
    log = newest_log(folder.logs)
    if log is None:
        raise UsageError(f"{folder.logs}: no logs; run the study first")
    labels = whole_pairs(read_labels(log, plan.judge), list(plan.read_design().cells))
    quiz_log = newest_log(folder.quiz)
    findings = find(plan, labels, read_quiz(quiz_log) if quiz_log else None)
    # What an importer found wrong with the data it was given.
    findings["verdict"]["warnings"] += (log.eval.metadata or {}).get("warnings", [])
    write_json(folder.findings, findings)
    write_text(folder.report, render_report(plan, log, labels, findings))
    return findings


def find(plan: Plan, labels: pd.DataFrame, quiz: pd.DataFrame | None = None) -> dict[str, Any]:
    """Conclude from labels, under a plan.

    Args:
        plan: The frozen plan.
        labels: The table of labels, see `feint.study.logs.read_labels`.
        quiz: The answers to comprehension questions, see `feint.study.logs.read_quiz`; None where none were asked.

    Returns:
        The content of findings.json. Replies that were planned and not asked yet are missing, and warned about.
    """
    design = plan.read_design()
    found = conclude(
        labels,
        plan.contrasts(),
        plan.read_settings(),
        cells=list(design.cells),
        rules=design.rules,
        subject=plan.subject,
        quiz=None if quiz is None else Quiz(quiz, plan.compared_facts()),
    )
    findings = {
        "feint": __version__,
        "subject": plan.subject,
        "design": design.name,
        "conflict": plan.conflict["name"],
        "judge": plan.judge,
        "plan_hash": plan.sha256,
        **found,
    }
    planned, replies = plan.planned["replies"], findings["replies"]
    unasked = planned - replies["planned"]
    if unasked > 0:
        replies |= {
            "planned": planned,
            "missing": replies["missing"] + unasked,
            "missing_by_reason": {**replies["missing_by_reason"], "not_asked": unasked},
        }
        findings["verdict"]["warnings"].insert(
            0, f"The study is not finished: {planned - unasked:,} of {planned:,} replies are in; go on with --resume."
        )
    return findings


def whole_pairs(labels: pd.DataFrame, cells: Sequence[str]) -> pd.DataFrame:
    """Labels of those requests and wordings that were asked in every cell; others wait for the study to go on."""
    asked = labels.groupby(["request", "wording", "sample"])["cell"].transform("nunique")
    return labels[asked == len(cells)].reset_index(drop=True)


def render_report(plan: Plan, log: EvalLog, labels: pd.DataFrame, findings: dict[str, Any]) -> str:
    """The report as a page."""
    design = plan.read_design()
    chosen = choose_examples(labels, plan.contrasts())
    examples = read_examples(log, plan, labels, chosen)
    situations = read_situations(log, design, labels, chosen)
    return render_html(findings, plan=plan.model_dump(), situations=situations, examples=examples)
