"""Estimates of many studies at once, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from feint.stats.types import Estimate, Floats


@dataclass(frozen=True)
class Estimates:
    """Estimates with their intervals, NaN where there is none.

    Attributes:
        estimate: Rates, or differences of rates, shape (S,) or (S, K).
        low: Lower ends, of the same shape.
        high: Upper ends.
        p: Two-sided p values of "no difference"; NaN for rates.
        n: Requests behind a difference, replies behind a rate.
    """

    estimate: Floats
    low: Floats
    high: Floats
    p: Floats
    n: Floats

    @classmethod
    def side_by_side(cls, found: Sequence["Estimates"]) -> "Estimates":
        """K estimates of shape (S,) as one of shape (S, K)."""
        return cls(*(np.stack([getattr(one, part.name) for one in found], axis=-1) for part in fields(cls)))

    def at(self, place: Floats) -> "Estimates":
        """Pick one of the K estimates of each study by its place, shape (S,)."""
        picked = place.astype(np.int64)[:, None]
        return Estimates(*(np.take_along_axis(getattr(self, f.name), picked, axis=1)[:, 0] for f in fields(self)))

    def one(self, study: int = 0) -> Estimate:
        """The estimate of one study, from arrays of shape (S,)."""
        numbers = [float(getattr(self, name)[study]) for name in ("estimate", "low", "high")]
        mean, low, high, p = (None if np.isnan(x) else x for x in (*numbers, float(self.p[study])))
        return Estimate(mean, low, high, int(self.n[study]), p)

    def cover(self, truth_K: Floats, tiny: float = 1e-9) -> Floats:
        """Coverage: 1 if the interval holds the truth, 0 if not, NaN without interval; shape (S, K)."""
        held = (self.low <= truth_K + tiny) & (self.high >= truth_K - tiny)
        return np.where(np.isnan(self.low), np.nan, held)
