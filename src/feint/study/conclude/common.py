"""The conclusions that every task shares: replies, cells, contrasts, checks, verdict, power, estimands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from feint.base.numbers import listing
from feint.findings.belief import BeliefFinding, RealismFinding
from feint.findings.contrasts import EstimandFinding, PowerFinding, StoppingFinding
from feint.findings.findings import RepliesFinding
from feint.stats import Quiz, Settings, conclude
from feint.stats.belief import summarise_belief, verdict_of_believers
from feint.stats.estimands import Estimand, conclude_estimands
from feint.stats.looks.power import simulate_power
from feint.stats.measures import Measure
from feint.stats.power.need import summarise_power
from feint.stats.realism import summarise_realism
from feint.stats.table import read_table
from feint.stats.units import POINTS, Unit
from feint.study.conclude.read import Concluding
from feint.study.plan.frozen import ALL, Plan, goes_on, task_of
from feint.study.plan.realism import ROLE
from feint.study.plan.until import course_of
from feint.tasks.task import Task

UNASKED = "not_asked"
"""Why a reply is missing that was planned and not asked for."""
NO_VALUE = "unmeasured"
"""Why a further measure is missing from a sample whose label is not."""


@dataclass(frozen=True)
class Common:
    """The conclusions that every task shares.

    Attributes:
        found: As `feint.stats.conclude` gives them.
        replies: The counts of replies, those that were planned and not asked among them.
        power: The gaps that could have been seen; None for a study that stops when decided and is not finished.
        stopping: When asking ended; None for a study of fixed size.
        unfinished: A warning that the study is not finished; "" if it is.
    """

    found: Mapping[str, Any]
    replies: RepliesFinding
    power: PowerFinding | None
    stopping: StoppingFinding | None
    unfinished: str


def find(plan: Plan, labels: pd.DataFrame, quiz: pd.DataFrame | None = None, onward: str = "") -> Common:
    """Conclude from labels, under a plan.

    Args:
        plan: The frozen plan.
        labels: The table of labels, see `feint.study.logs.read_labels`.
        quiz: The answers to comprehension questions, see `feint.study.logs.read_quiz`; None if none were asked.
        onward: How the study is finished; by default, the usual way.
    """
    design, settings, words = plan.read_design(), plan.read_settings(), task_of(plan).words
    cells = list(design.cells)
    course = course_of(plan, labels["request"].unique())
    found = conclude(
        labels,
        plan.contrasts(),
        settings,
        cells=cells,
        rules=design.rules,
        subject=plan.subject,
        quiz=None if quiz is None else Quiz(quiz, plan.compared_facts(), task_of(plan).asks_facts),
        course=course,
        speech=words,
        strata=plan.strata(),
    )
    stopping, planned, least = None, plan.planned["replies"], ""
    if plan.until != ALL:
        counts = {"replies": len(labels), "most_replies": planned}
        stopping = StoppingFinding.model_validate({**found["stopping"], **counts})
        planned, least = needed_replies(stopping, plan, labels), "at least "
    cut_off = int(labels["value"].notna()[labels["cut_off"]].sum()) if "cut_off" in labels else 0
    replies, unfinished = RepliesFinding.model_validate({**found["replies"], "cut_off": cut_off}), ""
    unasked = planned - replies.planned
    if unasked > 0:
        unfinished = (
            f"The study is not finished: {replies.planned:,} of {least}{planned:,} {words.replies} are in; "
            f"{onward or goes_on(plan)}."
        )
        by_reason = {**replies.missing_by_reason, UNASKED: unasked}
        missing = replies.missing + unasked
        replies = replies.model_copy(
            update={"planned": planned, "missing": missing, "missing_by_reason": by_reason}
        )  # fmt: skip
    table, power = read_table(labels, cells)[0], None
    if course is None:
        power = PowerFinding.model_validate(summarise_power(table, plan.contrasts(), settings))
    elif stopping is not None and stopping.ended:
        simulated = simulate_power(table, plan.contrasts(), settings, course, design.rules, words.headline)
        power = PowerFinding.model_validate(simulated)
    return Common(found, replies, power, stopping, unfinished)


def find_belief(study: Concluding) -> BeliefFinding | None:
    """Conclude from the forced choices about situations, with the verdict over those that were taken for real."""
    if study.beliefs is None:
        return None
    plan, settings = study.plan, study.plan.read_settings()
    design = plan.read_design()
    believers = verdict_of_believers(
        study.beliefs, study.labels, plan.contrasts(), settings, cells=list(design.cells), rules=design.rules,
        subject=plan.subject, speech=study.task.words, strata=plan.strata(),
    )  # fmt: skip
    return BeliefFinding.model_validate({**summarise_belief(study.beliefs, settings), "believers": believers})


def find_realism(study: Concluding) -> RealismFinding | None:
    """Conclude from the ratings of prompts; prompts that a reader was not asked about are missing."""
    if study.ratings is None or study.plan.realism is None:
        return None
    found = summarise_realism(study.ratings, study.plan.read_settings(), study.plan.planned[ROLE])
    return RealismFinding.model_validate({"model": study.plan.realism.model, **found})


def needed_replies(stopping: StoppingFinding, plan: Plan, labels: pd.DataFrame) -> int:
    """Count the replies that are known to be needed: the existing replies, and the rest of the current block."""
    asked = len(labels)
    if stopping.ended:
        return asked
    course = course_of(plan, labels["request"].unique())
    assert course is not None, "a study that asks everything is not stopped"
    needed = {cell for c in plan.contrasts() if c.key in stopping.open for cell in c.weights}
    looked = stopping.requests
    ahead = next(look for look in course.looking.looks if look > looked) - looked
    begun = set(course.order[looked:])
    here = labels[labels["request"].isin(begun) & labels["cell"].isin(needed & set(plan.read_design().cells))]
    return asked + max(ahead * len(needed) * course.each - len(here), 0)


def find_estimands(study: Concluding) -> tuple[dict[str, EstimandFinding], list[str]]:
    """Compute the estimands that a task states beside its contrasts, each from one measure.

    Estimands over cells that the design lacks are left out.

    Returns:
        The findings by estimand, and a warning if they are left out: only paired proportions can be looked at while a
        study runs, so a study that stops when decided has no others.
    """
    plan = study.plan
    cells = set(plan.read_design().cells)
    stated = {
        key: [one for one in estimands if set(one.cells) <= cells] for key, estimands in study.task.estimands().items()
    }
    keys = [estimand.key for estimands in stated.values() for estimand in estimands]
    if plan.until != ALL and keys:
        return {}, [f"Not computed, since the study stopped when decided: {listing(keys)}; ask with --until all."]
    return estimates_of(study.task, stated, study.labels, plan.read_settings(), list(plan.read_design().cells)), []


def estimates_of(
    task: Task, stated: Mapping[str, Sequence[Estimand]], labels: pd.DataFrame, settings: Settings, cells: list[str]
) -> dict[str, EstimandFinding]:
    """Compute estimands, which are given by the measure that they are computed from."""
    measures, found = task.vocabulary.measures, dict[str, EstimandFinding]()
    for key, estimands in stated.items():
        words = measures[key]
        unit = POINTS if words.scale == "binary" else Unit(words.unit or "steps", digits=2)
        table = table_of(labels, key, first=next(iter(measures)), partial=words.partial)
        measure = Measure(key, words.scale, unit, words.direction)
        entries = conclude_estimands(table, estimands, settings, cells=cells, measure=measure)
        found |= {name: EstimandFinding.model_validate(entry) for name, entry in entries.items()}
    return found


def table_of(labels: pd.DataFrame, key: str, first: str, *, partial: bool = False) -> pd.DataFrame:
    """Return the table of labels with one measure in the column `value`.

    Rows that have a label and lack a partial measure are left out.
    """
    if key == first:
        return labels
    if partial:
        labels = labels[labels[key].notna() | labels["missing"].notna()]
    missing = labels["missing"].where(labels[key].isna(), None)
    unknown = labels[key].isna() & missing.isna()
    return labels.assign(value=labels[key], missing=missing.mask(unknown, NO_VALUE))
