"""The conclusions that every task shares: replies, cells, contrasts, checks, verdict, power, and when asking ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from feint.findings.contrasts import PowerFinding, StoppingFinding
from feint.findings.findings import RepliesFinding
from feint.stats import Quiz, conclude
from feint.stats.power.seen import summarise_power
from feint.stats.table import read_table
from feint.study.plan.frozen import ALL, Plan, task_of
from feint.study.plan.until import course_of

UNASKED = "not_asked"
"""Why a reply is missing that was planned and not asked for."""


@dataclass(frozen=True)
class Common:
    """The conclusions that every task shares.

    Attributes:
        found: As `feint.stats.conclude` gives them.
        replies: The counts of replies, those that were planned and not asked among them.
        power: The gaps that could have been seen.
        stopping: When asking ended; None for a study of fixed size.
        unfinished: A warning that the study is not finished; "" if it is.
    """

    found: Mapping[str, Any]
    replies: RepliesFinding
    power: PowerFinding
    stopping: StoppingFinding | None
    unfinished: str


def find(plan: Plan, labels: pd.DataFrame, quiz: pd.DataFrame | None = None) -> Common:
    """Conclude from labels, under a plan.

    Args:
        plan: The frozen plan.
        labels: The table of labels, see `feint.study.logs.read_labels`.
        quiz: The answers to comprehension questions, see `feint.study.logs.read_quiz`; None if none were asked.
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
        speech=task_of(plan).words,
        strata=plan.strata(),
    )
    stopping = None if plan.until == ALL else stopping_of(found, plan, labels)
    planned = plan.planned["replies"] if stopping is None else needed_replies(stopping, plan, labels)
    replies, unfinished = with_unasked(RepliesFinding.model_validate(found["replies"]), planned, plan)
    return Common(found, replies, power_of(plan, labels, found), stopping, unfinished)


def power_of(plan: Plan, labels: pd.DataFrame, found: Mapping[str, Any]) -> PowerFinding:
    """State what gaps a study could have seen; see `feint.stats.power.seen`.

    For a study that stops when decided, the gaps are those at the most requests that were planned.
    """
    replies, _ = read_table(labels, list(plan.read_design().cells))
    missing = {cell: entry["missing_rate"] for cell, entry in found["cells"].items()}
    most = None if plan.until == ALL else plan.planned["requests"]
    return PowerFinding.model_validate(
        summarise_power(replies, plan.contrasts(), plan.read_settings(), missing, requests=most)
    )


def stopping_of(found: Mapping[str, Any], plan: Plan, labels: pd.DataFrame) -> StoppingFinding:
    """Say when asking ended, and how many replies it took."""
    counts = {"replies": len(labels), "most_replies": plan.planned["replies"]}
    return StoppingFinding.model_validate({**found["stopping"], **counts})


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


def with_unasked(replies: RepliesFinding, planned: int, plan: Plan) -> tuple[RepliesFinding, str]:
    """Count replies that were planned and not asked as missing.

    Returns:
        The counts, and a warning if there are such replies.
    """
    unasked = planned - replies.planned
    if unasked <= 0:
        return replies, ""
    more = RepliesFinding(
        planned=planned,
        scored=replies.scored,
        missing=replies.missing + unasked,
        missing_by_reason={**replies.missing_by_reason, UNASKED: unasked},
    )
    least, noun = "" if plan.until == ALL else "at least ", task_of(plan).words.replies
    return more, (
        f"The study is not finished: {replies.planned:,} of {least}{planned:,} {noun} are in; go on with --resume."
    )
