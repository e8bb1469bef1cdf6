"""The card of a battery, from the findings of its studies: every axis with its interval, or why there is none."""

from collections.abc import Mapping
from pathlib import Path

from feint.base.errors import UsageError
from feint.base.version import __version__
from feint.base.vocabulary import Axis, vocabulary
from feint.base.writing import write_json, write_text
from feint.findings import Findings, read_findings
from feint.findings.battery import FILE, AxisFinding, BatteryFindings, Errs, PublishedFinding, StudyFinding
from feint.findings.part import Decision
from feint.report.words import known
from feint.stats import Settings
from feint.stats.types import FAILED, NO, TOO_LITTLE, YES
from feint.study.battery.order import Order, study_folder
from feint.study.battery.page import render_card
from feint.study.plan.frozen import read_plan

PAGE = "card.html"


def make_card(
    order: Order, out: Path, subjects: Mapping[str, str], failed: Mapping[str, str], waiting: Mapping[str, str]
) -> BatteryFindings:
    """Make the card from what the folders of the studies hold.

    Args:
        order: The battery.
        out: Its folder.
        subjects: By task, the subject that is asked.
        failed: By task, why it failed.
        waiting: By task, why it is not begun.
    """
    studies, axes = dict[str, StudyFinding](), list[AxisFinding]()
    for task in order.tasks:
        words = vocabulary(task)
        found = None if task in failed or task in waiting else findings_of(out, task)
        subject = subjects.get(task, order.subject)
        studies[task] = study_of(task, subject, found, failed.get(task), waiting.get(task, ""))
        least = smallest_of(out, task)
        axes += [axis_of(task, key, axis, found, failed.get(task), least) for key, axis in words.axes.items()]
    return BatteryFindings(feint=__version__, subject=order.subject, size=order.size, studies=studies, axes=axes)


def findings_of(out: Path, task: str) -> Findings | None:
    """Read the findings of one task; None before there are any."""
    path = study_folder(out, task).findings
    try:
        return read_findings(path) if path.is_file() else None
    except UsageError:
        return None  # of another release; `feint report` writes them anew


def smallest_of(out: Path, task: str) -> float:
    """Return the smallest effect of interest of a task's contrasts, as its plan has it."""
    path = study_folder(out, task).plan
    return read_plan(path).read_settings().smallest_effect if path.is_file() else Settings().smallest_effect


def study_of(task: str, subject: str, found: Findings | None, failed: str | None, waiting: str) -> StudyFinding:
    """Tell the state of one task."""
    words = vocabulary(task)
    made = StudyFinding(title=words.title, subject=subject, design=words.design, state="waiting", reason=waiting)
    if failed is not None:
        return made.model_copy(update={"state": "failed", "reason": failed})
    if found is None:
        return made
    lacking = found.replies.missing_by_reason.get("not_asked", 0)
    return made.model_copy(
        update={
            "state": "unfinished" if lacking and found.stopping is None else "finished",
            "reason": f"{lacking:,} replies are not asked for" if lacking else "",
            "replies": found.replies,
            "answer": found.verdict.answer,
            "report": f"{task}/report.html",
        }
    )


def axis_of(
    task: str, key: str, axis: Axis, found: Findings | None, failed: str | None, least: float
) -> AxisFinding:  # fmt: skip
    """Tell one axis: its value with the interval, or why there is none; `least` is the smallest effect of contrasts."""
    shown = axis.published
    made = AxisFinding(
        task=task, key=key, of=axis.of, label=axis.label, less=axis.less, more=axis.more, state="untested",
        estimate=None, low=None, high=None,
        published=PublishedFinding(**shown.model_dump()) if shown else None,
    )  # fmt: skip
    if failed is not None:
        return made.model_copy(update={"state": "failed to run", "reason": failed})
    if found is None:
        return made.model_copy(update={"reason": "the task was not asked"})
    entry: Decision | None = found.contrasts.get(axis.of) or found.estimands.get(axis.of)
    if entry is None:
        return made.model_copy(update={"reason": "the study did not estimate it"})
    estimand = found.estimands.get(axis.of) if axis.of not in found.contrasts else None
    made = made.model_copy(
        update={
            "unit": estimand.unit if estimand else "points",
            "smallest_effect": estimand.smallest_effect if estimand else least,
        }
    )
    if found.verdict.status == FAILED:
        return made.model_copy(update={"state": FAILED, "reason": found.verdict.reason})
    if found.verdict.status == TOO_LITTLE or not all(map(known, (entry.estimate, entry.low, entry.high))):
        return made.model_copy(update={"state": TOO_LITTLE, "reason": entry.reason or found.verdict.reason})
    return made.model_copy(
        update={
            "state": "estimated",
            **{name: getattr(entry, name) for name in ("estimate", "low", "high", "n", "decision", "reason")},
            "errs": errs_of(entry, made.smallest_effect or 0.0),
        }
    )


def errs_of(entry: Decision, smallest: float) -> Errs:
    """Name the end of the axis at which a decided estimate is.

    A *no* covers two cases: the interval is within the smallest effect of interest, or the effect is opposite.

    >>> from feint.findings.part import Decision
    >>> errs_of(Decision(estimate=-0.4, low=-0.5, high=-0.3, decision="no"), 0.05)
    'less'
    """
    if entry.decision == YES:
        return "more"
    if entry.decision == NO:
        return "less" if (entry.estimate or 0.0) <= -smallest and (entry.high or 0.0) < 0 else "neither"
    return "unclear"


def write_card(out: Path, card: BatteryFindings) -> None:
    """Write battery.json and card.html."""
    write_json(out / FILE, card.plain())
    write_text(out / PAGE, render_card(card))
