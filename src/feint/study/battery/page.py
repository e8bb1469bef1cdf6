"""The card of a battery as a page that holds all it shows."""

from dataclasses import dataclass

from markupsafe import Markup

from feint.base.version import __version__
from feint.base.vocabulary import vocabulary
from feint.findings.battery import AxisFinding, BatteryFindings, StudyFinding
from feint.report.contrasts import in_unit, span_in_unit
from feint.report.pages import both, environment
from feint.study.battery.figures import strip
from feint.study.battery.words import badge_of, explained, mark_for, told_published

ROOM = "feint.study.battery"


@dataclass(frozen=True)
class Shown:
    """An axis with its figure.

    Attributes:
        axis: The axis.
        plot: The figure for a screen and for a phone.
        mark: The decision or the state whose mark the axis has.
        badge: The word beside the mark.
        says: What the value says of the model, or why it says nothing.
        published: The published range in the unit of the axis.
    """

    axis: AxisFinding
    plot: dict[str, Markup]
    mark: str
    badge: str
    says: str
    published: str


def shown(axis: AxisFinding, name: str) -> Shown:
    """Draw one axis of one model; `name` tells the figures of the page apart."""
    plot = both(lambda narrow: strip(axis, name, narrow=narrow))
    return Shown(axis, plot, mark_for(axis), badge_of(axis), explained(axis), told_published(axis))


def render_card(card: BatteryFindings) -> str:
    """Write the page; as safe as that of `feint.report.page.render_report`."""
    groups = [
        (task, study, [shown(axis, f"axis-{place}") for place, axis in enumerate(card.axes) if axis.task == task])
        for task, study in card.studies.items()
    ]
    ends = [one for _, _, some in groups for one in some if one.axis.errs in ("more", "less")]
    return (
        environment(ROOM)
        .get_template(f"{ROOM}/templates/card.html.j2")
        .render(
            title=f"Signatures of {card.subject}",
            version=__version__,
            card=card,
            groups=groups,
            ends=ends,
            counts=counts_of(card),
            measured=measured,
            in_unit=in_unit,
            span_in_unit=span_in_unit,
        )
    )


def counts_of(card: BatteryFindings) -> dict[str, int]:
    """Count the axes by state, those without an estimate after those with one."""
    states = ("estimated", "untested", "instrument failed", "too little data", "failed to run")
    counted = {state: sum(axis.state == state for axis in card.axes) for state in states}
    return {state: count for state, count in counted.items() if count}


def measured(task: str, study: StudyFinding) -> str:
    """Say what was asked of one task, in the task's own words."""
    words = vocabulary(task).words
    if study.replies is None:
        return study.reason or "not asked yet"
    missing = f", {study.replies.missing:,} missing" if study.replies.missing else ""
    return f"{study.replies.planned:,} {words.replies}{missing}"
