"""Ratios of two sides of a contrast: how many times as often, with an interval, or why there is none."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.stats.cells import by_cluster, compliance_rate
from feint.stats.differences import differences
from feint.stats.entries import ContrastEntry
from feint.stats.table import Replies, pair
from feint.stats.types import Bools, Contrast, Estimate, Settings

NEAR_ZERO = 0.01
"""A base whose interval reaches below this rate: a ratio over it could be anything from a few to hundreds."""


def add_ratios(
    found: Mapping[str, ContrastEntry], replies: Replies, contrasts: Sequence[Contrast], settings: Settings
) -> None:
    """Add a key `ratio` to the findings of those contrasts that ask for one; see `ratio_of_sides`."""
    for contrast in contrasts:
        if contrast.ratio:
            found[contrast.key]["ratio"] = ratio_of_sides(replies, contrast, settings)


def ratio_of_sides(replies: Replies, contrast: Contrast, settings: Settings) -> dict[str, object]:
    """The ratio of two rates over the same requests in the same wordings.

    The interval is made of those of the two rates (MOVER-R: Donner & Zou 2012, Statistical Methods in Medical Research
    21, 347-359; Newcombe 2016, 25, 1774-1795), with the correlation of the two over requests. Where the interval of
    the base reaches below `NEAR_ZERO`, no ratio is stated, and no upper end: what can be said then is "at least".

    Args:
        replies: Replies to the requests, twins left out.
        contrast: What is compared; the replies of the cells of one side are taken together.
        settings: Gives level and assumed_icc.

    Returns:
        `estimate`, `low`, `high` (times; None where not to be stated), `near_zero`, `more` and `base` (rates with
        intervals), `n` (requests).
    """
    known = replies.where(~np.isnan(replies.value) & in_all(replies, contrast))
    sides = [
        known.where(np.isin(known.cell, codes(replies, cells))) for cells in (contrast.positive, contrast.negative)
    ]
    over, under = (compliance_rate(side.value, side.request, settings) for side in sides)
    stated = {"more": over.as_dict(), "base": under.as_dict(), "n": len(np.unique(known.request))}
    if over.estimate is None or under.low is None:
        return {"estimate": None, "low": None, "high": None, "near_zero": False, **stated}
    low, high = mover_ratio(over, under, correlation(*sides))
    if under.low < NEAR_ZERO or not under.estimate:
        return {"estimate": None, "low": low, "high": None, "near_zero": True, **stated}
    return {"estimate": over.estimate / under.estimate, "low": low, "high": high, "near_zero": False, **stated}


def codes(replies: Replies, cells: Sequence[str]) -> list[int]:
    """The codes of some cells."""
    return [list(replies.cells).index(cell) for cell in cells]


def in_all(replies: Replies, contrast: Contrast) -> Bools:
    """Replies to a request, in a wording, that has a scored reply in every cell of a contrast; shape (N,)."""
    found = differences(pair(replies), contrast.weights)
    layout, complete = found.layout, found.complete[0]
    step = 1 + max(int(part.max(initial=0)) for part in (replies.wording, layout.wording))
    return np.isin(replies.request * step + replies.wording, (layout.request * step + layout.wording)[complete])


def correlation(more: Replies, base: Replies) -> float:
    """Correlation of two rates over requests; 0 where it cannot be told, or is negative."""
    x, y = (np.divide(*by_cluster(side.value, side.request)) for side in (more, base))
    if len(x) < 3 or not x.std() or not y.std():
        return 0.0
    return max(0.0, float(np.corrcoef(x, y)[0, 1]))


def mover_ratio(over: Estimate, under: Estimate, correlated: float) -> tuple[float | None, float | None]:
    """Interval of a ratio from the intervals of its two parts; see `ratio_of_sides`.

    Returns:
        Both ends. Where the formula has no answer, the lower end is the ratio of the outer ends, and the upper is None.
    """
    a, low_a, high_a = over.estimate or 0.0, over.low or 0.0, over.high or 0.0
    b, low_b, high_b = under.estimate or 0.0, under.low or 0.0, under.high or 0.0
    low: float | None = low_a / high_b if high_b else None
    high: float | None = None
    scale, inside = high_b * (2 * b - high_b), a * b - correlated * (a - low_a) * (high_b - b)
    root = inside**2 - low_a * (2 * a - low_a) * scale
    if scale > 0 and root >= 0:
        low = max(0.0, (inside - root**0.5) / scale)
    scale, inside = low_b * (2 * b - low_b), a * b - correlated * (high_a - a) * (b - low_b)
    root = inside**2 - high_a * (2 * a - high_a) * scale
    if scale > 0 and root >= 0:
        high = (inside + root**0.5) / scale
    return low, high
