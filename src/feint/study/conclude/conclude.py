"""From a study's folder to its findings: everything is recomputed from the plan and the logs."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai.log import EvalLog, EvalSampleSummary

from feint.base.errors import UsageError
from feint.base.version import __version__
from feint.base.vocabulary import usual_task, vocabulary
from feint.base.writing import write_json, write_text
from feint.report import render_html
from feint.stats import Quiz, conclude
from feint.stats.several_judges import conclude_by_judges
from feint.stats.types import NOT_JUDGED
from feint.study.ask.stop import stop_of
from feint.study.conclude.correct import People, correct
from feint.study.conclude.examples import choose_examples, read_examples, read_situations, told_situations
from feint.study.conclude.judges import summarise_judges
from feint.study.conclude.modelled import add_model
from feint.study.conclude.replays import choose_runs, read_replays
from feint.study.conclude.runs import read_runs
from feint.study.conclude.seen import seen_by
from feint.study.folder import Folder
from feint.study.judge.current import current
from feint.study.logs import newest_log, outvoted, read_quiz, read_summaries, read_tables
from feint.study.plan.frozen import ALL, Plan, read_plan
from feint.study.plan.tasks import job_of
from feint.study.plan.until import compared, course_of
from feint.tasks.peer_preservation.analysis.runs import summarise_runs

Fit = Callable[[Folder, Plan, pd.DataFrame], None]
"""Fits the model of all cells to a study's labels and writes it down: `feint.study.conclude.modelled.fit_study`."""


def conclude_folder(path: Path, people: People | None = None, fit: Fit | None = None) -> dict[str, Any]:
    """Recompute the findings of a study and write findings.json and report.html.

    Args:
        path: The folder of a study.
        people: Reads the labels that people gave, which correct the contrasts; without, there are none.
        fit: Computes the model of all cells anew; without, the one that is there is shown while its labels are these.

    Returns:
        The content of findings.json.

    Raises:
        UsageError: The folder holds no plan or no log, or the log is not one of this plan.
    """
    folder = Folder(path)
    frozen = read_plan(folder.plan)
    plan = current(folder, frozen)
    log = newest_log(folder.logs)
    if log is None:
        raise UsageError(f"{folder.logs}: no logs; run the study first")
    summaries = read_summaries(log)
    tables = read_tables(log, summaries, plan.judge, pending=plan.grading is not None, task=job_of(plan))
    labels = compared(plan, outvoted(tables))
    words = job_of(plan).words
    if labels.empty:
        raise UsageError(f"{folder.logs}: no {words.request} was asked in all its cells yet; go on with --resume")
    quiz_log = newest_log(folder.quiz)
    findings = find(plan, labels, read_quiz(quiz_log) if quiz_log else None)
    if job_of(plan).in_turns:
        findings["runs"] = find_runs(plan, summaries, labels, log.location)
    if limit := stop_of(log):
        option = f"--{limit.replace('_', '-')}"
        findings["verdict"]["warnings"].insert(
            1, f"It was stopped by {option}, before the first {words.request} that could not be asked in all its cells."
        )
    if plan.grading is not None:
        whole = {judge: compared(plan, table) for judge, table in tables.items()}
        add_judges(findings, plan, summaries, whole)
    if plan.judge != frozen.judge or plan.grading != frozen.grading:
        there = f"after the {words.replies} were there"
        findings["verdict"]["warnings"].append(
            f"Judged anew by {plan.judge} {there}; the plan was frozen with {frozen.judge}."
        )
    # What an importer found wrong with the data it was given.
    findings["verdict"]["warnings"] += (log.eval.metadata or {}).get("warnings", [])
    said = people(path) if people else None
    if said is not None and len(said):
        findings["corrected"] = correct(plan, labels, said)
    if fit:
        fit(folder, plan, labels)
    add_model(findings, folder, plan, labels)
    write_json(folder.findings, findings)
    write_text(folder.report, render_report(plan, log, labels, findings))
    return findings


def find_runs(plan: Plan, summaries: Sequence[EvalSampleSummary], labels: pd.DataFrame, source: str) -> dict[str, Any]:
    """Outcomes of runs beside the label; see `analysis.runs.summarise_runs`."""
    counted = set(zip(labels["id"].astype(str), labels["epoch"], strict=True))
    runs = read_runs([one for one in summaries if (str(one.id), one.epoch) in counted], source)
    return summarise_runs(runs, plan.contrasts(), plan.read_settings(), list(plan.read_design().cells))


def add_judges(
    findings: dict[str, Any], plan: Plan, summaries: Sequence[EvalSampleSummary], tables: dict[str, pd.DataFrame]
) -> None:
    """Add what the judges said, and where there are several, what the verdict would be by each of them alone."""
    assert plan.grading is not None
    cells = list(plan.read_design().cells)
    findings["judging"] = summarise_judges(
        summaries, tables, plan.grading, cells, plan.read_settings(), decides_of(plan)
    )
    waiting = findings["replies"]["missing_by_reason"].get(NOT_JUDGED, 0)
    if job_of(plan).in_turns:
        waiting = waiting_of(findings["judging"])
    if waiting:
        findings["verdict"]["warnings"].insert(
            0,
            f"The study is not judged to the end: {waiting:,} {job_of(plan).words.replies} wait for it; go on with "
            "feint study --resume, or with the feint judge that was stopped.",
        )
    # What was done is one label for all judges, who differ in the motives that they read alone.
    if len(tables) > 1 and not job_of(plan).in_turns:
        found = conclude_by_judges(
            tables, plan.contrasts(), plan.read_settings(), cells=cells, rules=plan.read_design().rules,
            subject=plan.subject, course=course_of(plan, next(iter(tables.values()))["request"].unique()),
        )  # fmt: skip
        findings |= {key: found[key] for key in ("judges", "unanimous", "robust")}


def decides_of(plan: Plan) -> str:
    """Name the task's own labels where these decide the outcome, whoever judges; empty where a judge's labels do."""
    judging = job_of(plan).judging
    return judging.labels if judging.relabel is None else ""


def waiting_of(judging: dict[str, Any]) -> int:
    """Runs that a judge has not been asked about, of the judge for whom there are most."""
    left = [
        sum(cell["missing"].get(NOT_JUDGED, 0) for cell in cells.values())
        for judge in judging["judges"].values()
        for cells in judge["rubrics"].values()
    ]
    return max(left, default=0)


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
        course=course_of(plan, labels["request"].unique()),
        speech=vocabulary(design.task).words,
        strata=plan.strata(),
    )
    findings = {
        "feint": __version__,
        "subject": plan.subject,
        **({} if design.task == usual_task() else {"task": design.task}),
        "design": design.name,
        "conflict": plan.conflict["name"],
        "judge": plan.judge,
        "plan_hash": plan.sha256,
        **found,
    }
    findings["power"] = seen_by(plan, labels, findings)
    replies = findings["replies"]
    planned = plan.planned["replies"] if plan.until == ALL else tell_stopping(findings, plan, labels)
    unasked = planned - replies["planned"]
    if unasked > 0:
        replies |= {
            "planned": planned,
            "missing": replies["missing"] + unasked,
            "missing_by_reason": {**replies["missing_by_reason"], "not_asked": unasked},
        }
        least = "" if plan.until == ALL else "at least "
        findings["verdict"]["warnings"].insert(
            0,
            f"The study is not finished: {planned - unasked:,} of {least}{planned:,} {job_of(plan).words.replies} are "
            "in; go on with --resume.",
        )
    return findings


def tell_stopping(findings: dict[str, Any], plan: Plan, labels: pd.DataFrame) -> int:
    """Say in the findings how many replies it took.

    Returns:
        How many replies are known to be needed: those in hand, and what the block that was begun lacks of requests.
    """
    stopping, design = findings["stopping"], plan.read_design()
    asked, most = len(labels), plan.planned["replies"]
    stopping |= {"replies": asked, "most_replies": most}
    if stopping["ended"]:
        return asked
    course = course_of(plan, labels["request"].unique())
    assert course is not None, "a study that asks everything is not stopped"
    needed = {cell for c in plan.contrasts() if c.key in stopping["open"] for cell in c.weights}
    looked = int(stopping["requests"])
    ahead = next(look for look in course.looking.looks if look > looked) - looked
    begun = set(course.order[looked:])
    here = labels[labels["request"].isin(begun) & labels["cell"].isin(needed & set(design.cells))]
    return asked + max(ahead * len(needed) * course.each - len(here), 0)


def render_report(plan: Plan, log: EvalLog, labels: pd.DataFrame, findings: dict[str, Any]) -> str:
    """The report as a page."""
    design = plan.read_design()
    if job_of(plan).in_turns:
        chosen = choose_runs(labels, plan.contrasts())
        return render_html(
            findings,
            plan=plan.model_dump(),
            situations=told_situations(plan, labels, chosen),
            replays=read_replays(log, labels, chosen, list(design.cells)),
        )
    chosen = choose_examples(labels, plan.contrasts())
    examples = read_examples(log, plan, labels, chosen)
    situations = read_situations(log, design, labels, chosen)
    return render_html(findings, plan=plan.model_dump(), situations=situations, examples=examples)
