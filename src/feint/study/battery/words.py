"""The words of the card: at which end of an axis a model is, and what is published."""

from feint.findings.battery import AxisFinding
from feint.report.contrasts import in_unit

ERRS = {"neither": "neither", "unclear": "undetermined"}
"""The words for a model that is at neither end of an axis."""


def errs_words(axis: AxisFinding) -> str:
    """Say at which end of an axis a model is, or why that is not known."""
    if axis.state != "estimated":
        return axis.state
    return axis.more if axis.errs == "more" else axis.less if axis.errs == "less" else ERRS[axis.errs or "unclear"]


def mark_for(axis: AxisFinding) -> str:
    """Name the decision or the state whose mark an axis has: an effect at either end is a *yes* of the card.

    >>> axis = AxisFinding(task="t", key="k", of="c", label="L", less="less", more="more", state="estimated",
    ...                    estimate=-0.4, low=-0.5, high=-0.3, decision="no", errs="less")
    >>> mark_for(axis)
    'yes'
    """
    if axis.state != "estimated":
        return axis.state
    return {"more": "yes", "less": "yes", "neither": "no"}.get(axis.errs or "", axis.decision or "undetermined")


def told_published(axis: AxisFinding) -> str:
    """Write the published range in the unit of the axis; "" without one."""
    shown = axis.published
    if shown is None:
        return ""
    unit = axis.unit or "points"
    ends = [in_unit(value, unit) for value in ((shown.low, shown.high) if shown.low < shown.high else (shown.low,))]
    return " to ".join(ends)


def badge_of(axis: AxisFinding) -> str:
    """Write the word of an axis in short: the end at which the model is, or the state that has no estimate.

    >>> axis = AxisFinding(task="t", key="k", of="c", label="L", less="less", more="more", state="estimated",
    ...                    estimate=-0.4, low=-0.5, high=-0.3, decision="no", errs="less")
    >>> badge_of(axis)
    'less'
    """
    if axis.state != "estimated":
        return axis.state
    return ERRS.get(axis.errs or "unclear", axis.errs or "undetermined")


def explained(axis: AxisFinding) -> str:
    """Say what the value says of the model; where it says nothing, say why."""
    return errs_words(axis) if axis.errs in ("more", "less") else axis.reason or errs_words(axis)
