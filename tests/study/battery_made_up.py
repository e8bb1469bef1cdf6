"""Batteries for tests: small ones that are run, and cards with made-up values."""

from typing import Any

from feint.findings.battery import AxisFinding, BatteryFindings, PublishedFinding, StudyFinding
from feint.findings.findings import RepliesFinding

TASKS = "alignment_faking,peer_preservation"
PROFILE = "actor/profile/guardian"
SMALL: tuple[object, ...] = (
    "battery", PROFILE, "--tasks", TASKS, "-n", 1, "--wordings", 1, "-T", "alignment_faking.twins=1",
    "-T", "peer_preservation.kinds=scoring", "--display", "none",
)  # fmt: skip
"""A battery of seconds: 22 replies, and then 16 runs."""
NOTHING: dict[str, Any] = {"estimate": None, "low": None, "high": None}


def axis(key: str, estimate: float | None = 0.3, **given: Any) -> AxisFinding:
    """An axis: with an estimate 0.1 above and below which its interval ends, or in another state."""
    task = given.pop("task", "alignment_faking")
    made = {
        "task": task,
        "key": key,
        "of": key,
        "label": key.capitalize(),
        "less": f"less {key}",
        "more": f"more {key}",
    }
    if estimate is None:
        return AxisFinding(**{**made, **NOTHING, "reason": "why not", **given})
    low, high = estimate - 0.1, estimate + 0.1
    errs = "more" if low > 0 else "less" if high < 0 else "unclear"
    value = {"estimate": estimate, "low": low, "high": high, "n": 40, "unit": "points", "smallest_effect": 0.05}
    decision = {"more": "yes", "less": "no", "unclear": "undetermined"}[errs]
    return AxisFinding(**{**made, **value, "state": "estimated", "errs": errs, "decision": decision, **given})


def card(*axes: AxisFinding, subject: str = "lab/model", **given: Any) -> BatteryFindings:
    """A card of one task that is finished."""
    counts = RepliesFinding(planned=40, scored=38, missing=2, missing_by_reason={"truncated": 2})
    study = StudyFinding(
        title="Does it?", subject=subject, design="motives", state="finished", replies=counts,
        report="alignment_faking/report.html",
    )  # fmt: skip
    every = {"studies": {"alignment_faking": study}, "axes": list(axes), **given}
    return BatteryFindings(feint="1", subject=subject, size="quick", **every)


def all_states() -> BatteryFindings:
    """A card with an axis in every state, one with a published range, and one in another unit."""
    shown = PublishedFinding(low=-0.01, high=0.2, source="Someone 2026", note="Corrected later.")
    return card(
        axis("guarding", 0.3, published=shown),
        axis("holding", -0.4),
        axis("nearly", 0.01, low=-0.02, high=0.03, errs="neither", decision="no"),
        axis("perhaps", 0.05),
        axis("slope", 1.2, low=0.4, high=2.0, unit="d′", smallest_effect=0.2),
        axis("unasked", None, state="untested"),
        axis("broken", None, state="instrument failed", published=shown),
        axis("few", None, state="too little data"),
        axis("crashed", None, state="failed to run"),
    )
