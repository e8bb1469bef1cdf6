"""What counts as a contradiction between a contrast and the model."""

from typing import Any

import pytest

from feint.stats import Settings
from feint.stats.bayes.summary import contradiction, disagreements


def entry(decision: str, estimate: float, half: float) -> dict[str, Any]:
    return {"decision": decision, "estimate": estimate, "low": estimate - half, "high": estimate + half}


def said(estimate: float, half: float, above: float, beyond: float) -> dict[str, float]:
    ends = {"estimate": estimate, "low": estimate - half, "high": estimate + half}
    return {**ends, "p_above_zero": above, "p_above_small": min(above, beyond), "p_beyond_small": beyond}


@pytest.mark.parametrize(
    ("contrast", "model", "why"),
    [
        (entry("yes", 0.1, 0.05), said(0.09, 0.05, 0.999, 0.95), ""),
        (entry("yes", 0.1, 0.05), said(0.06, 0.08, 0.94, 0.6), "above 0 with a probability of 94.0 % only"),
        (entry("no", 0.0, 0.04), said(0.01, 0.05, 0.6, 0.1), ""),
        (entry("no", 0.0, 0.04), said(0.05, 0.05, 0.97, 0.51), "5 points or more with a probability of 51.0 %"),
        (entry("no", 0.0, 0.04), said(-0.06, 0.03, 0.01, 0.7), "5 points or more with a probability of 70.0 %"),
        # "No" because it is clearly negative: a large negative effect confirms that.
        (entry("no", -0.2, 0.05), said(-0.2, 0.05, 0.0, 1.0), ""),
        (entry("no", -0.2, 0.1), said(-0.08, 0.1, 0.1, 0.7), "below 0 with 90.0 % only"),
        (entry("undetermined", 0.05, 0.06), said(0.06, 0.06, 0.97, 0.6), ""),
        (entry("undetermined", 0.2, 0.05), said(0.05, 0.05, 0.97, 0.5), "its interval is 15 to 25 points"),
        ({"decision": "undetermined", "estimate": None, "low": None, "high": None}, said(0.3, 0.1, 1, 1), ""),
    ],
)  # fmt: skip
def test_contradictions(contrast: dict[str, Any], model: dict[str, float], why: str) -> None:
    found = contradiction(contrast, model, Settings())
    assert why in found
    assert bool(found) is bool(why)


def test_by_contrast() -> None:
    contrasts = {"a": entry("yes", 0.1, 0.05), "b": entry("yes", 0.1, 0.05), "c": entry("yes", 0.1, 0.05)}
    model = {"a": said(0.0, 0.09, 0.5, 0.2), "b": None, "gone": said(0, 1, 0.5, 0.5)}
    assert list(disagreements(contrasts, model, Settings())) == ["a"]
    # The level of the design decides, not a number of this room.
    assert disagreements(contrasts, {"a": said(0.1, 0.05, 0.96, 0.9)}, Settings(level=0.99))
