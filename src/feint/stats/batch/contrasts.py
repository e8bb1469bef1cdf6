"""Contrasts of many studies at once: estimates with intervals, and what is decided on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feint.stats.batch.units import Table, average, over_requests
from feint.stats.score import outcomes, score_of_moments
from feint.stats.types import Bools, Contrast, Floats, Settings

Words = NDArray[np.str_]


@dataclass(frozen=True)
class Intervals:
    """Estimates of many studies, NaN where there is none.

    Attributes:
        estimate: Rates, or differences of rates, shape (S, K).
        low: Lower end, likewise.
        high: Upper end, likewise.
        p: Two-sided p value of "no difference"; NaN for rates.
    """

    estimate: Floats
    low: Floats
    high: Floats
    p: Floats

    def cover(self, truth_K: Floats, tiny: float = 1e-9) -> Floats:
        """1 where the interval holds the truth, 0 where it does not, NaN where there is none; shape (S, K)."""
        held = (self.low <= truth_K + tiny) & (self.high >= truth_K - tiny)
        return np.where(np.isnan(self.low), np.nan, held)


def columns(contrast: Contrast, cells: Sequence[str]) -> list[int]:
    """The places of the cells that a contrast weighs."""
    return [list(cells).index(cell) for cell in contrast.weights]


def estimate_all(table: Table, contrasts: Sequence[Contrast], cells: Sequence[str], settings: Settings) -> Intervals:
    """Every contrast of every study, as `feint.stats.contrasts.estimate`."""
    return joined([estimate_many(table, contrast, cells, settings) for contrast in contrasts])


def joined(found: Sequence[Intervals]) -> Intervals:
    """Intervals of shape (S,) side by side, shape (S, K)."""
    parts = ("estimate", "low", "high", "p")
    return Intervals(*(np.stack([getattr(one, part) for one in found], axis=-1) for part in parts))


def estimate_many(
    table: Table, contrast: Contrast, cells: Sequence[str], settings: Settings, keep: Bools | None = None
) -> Intervals:
    """One contrast of every study, over the units that a mask of shape (U,) keeps; entries of shape (S,)."""
    at, weights = columns(contrast, cells), list(contrast.weights.values())
    mean_C, scored_C = table.mean[..., at], table.scored[..., at]
    complete: Bools = np.asarray((scored_C > 0).all(axis=-1)) & (True if keep is None else keep)
    value = mean_C @ np.array(weights)
    values_K, shares = outcomes(mean_C, weights)
    value_R, asked = average(value, complete, table.layout)
    shares_K = np.stack(
        [over_requests(*average(share, complete, table.layout))[0] for share in np.moveaxis(shares, -1, 0)], axis=-1
    )
    mean, variance, requests = over_requests(value_R, asked)
    replies = np.where(complete, scored_C.min(axis=-1), 0).sum(axis=-1)
    some, enough = requests > 0, requests > 1
    neutral = (values_K == 0) / (values_K == 0).sum()  # stands for studies that have no interval
    _, low, high, p = score_of_moments(
        np.where(enough, mean, 0),
        np.where(enough, variance, 0),
        np.where(enough, requests, 2),
        values_K,
        np.where(enough[:, None], shares_K, neutral),
        np.where(enough, replies, 2),
        settings.assumed_icc,
        settings.level,
    )
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    return Intervals(np.where(some, mean, np.nan), *(np.where(enough, x, np.nan) for x in (low, high, p)))
