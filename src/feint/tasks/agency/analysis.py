"""The estimands of the task beside its contrasts: rates of learning by arm, choice trace, and confidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import expit, stdtr, stdtrit

from feint.stats.estimands import Estimand, MeanDifference
from feint.stats.estimands.base import Found, Observed
from feint.stats.estimands.intervals import Scale, Statistic, to_scale
from feint.stats.types import Estimate, Floats, Settings
from feint.stats.units import Unit
from feint.tasks.agency.fit import Fit, fitted

ARMS = ("own", "other", "lot")
RATES, ODDS, CONFIDENCE = (
    Unit("of the rate", digits=2),
    Unit("log odds", digits=2),
    Unit("points of confidence", digits=1),
)
SHARPNESS = Unit("log odds a point", digits=1)
CLEAR = 2.0
"""Sharpness over its standard error below which choices tell no rates: they do not follow payoffs."""


@dataclass(frozen=True)
class Learning(Estimand):
    """A weighted sum over arms of one kind of number of the hierarchical fit; see `feint.tasks.agency.fit`.

    Attributes:
        kind: "optimism" (rate of gains less rate of losses), "trace" or "sharpness".
        weights: Weight by arm, for the first two.
    """

    kind: str
    weights: Mapping[str, float]

    @property
    def cells(self) -> tuple[str, ...]:
        """All arms, because one fit holds all choices."""
        return ARMS

    def fit_of(self, seen: Observed) -> tuple[Fit | None, int]:
        """Fit all choices; returns the fit, or None where choices tell no such number, and the number of histories."""
        seen.need(self.key, "binary")
        table = seen.table[seen.table["cell"].isin(ARMS) & seen.table["value"].notna()]
        if table.empty:
            return None, 0
        codes, stays, asked = counted(table)
        found = fitted(codes, stays.tobytes(), asked.tobytes())
        told = self.kind != "optimism" or 1 / found.spread[-2] > CLEAR
        return (found if told else None), len(codes)

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The number, of histories that are weighed."""
        found, items = self.fit_of(seen)
        if found is None:
            return lambda w: np.full(len(w), np.nan), items
        return lambda w: self.number(found.weighed(w)), items

    def estimate(self, seen: Observed, settings: Settings) -> Found:
        """Estimate, with Student's t and the larger of two errors: the jackknife's and that of the posterior.

        The jackknife alone holds too little where a rate is near 0 or 1 (the README tells the coverage).
        """
        jackknifed, (found, items) = super().estimate(seen, settings), self.fit_of(seen)
        one = jackknifed.estimate
        if found is None or one.estimate is None or one.low is None or one.high is None:
            return jackknifed
        middle, low, high = to_scale(np.array([one.estimate, one.low, one.high]), self.scale)
        freedom = items - 1
        quantile = float(stdtrit(freedom, 0.5 + settings.level / 2))
        error = max((high - low) / 2 / quantile, found.error(lambda theta: to_scale(self.number(theta), self.scale)))
        ends = middle + quantile * error * np.array([-1, 1])
        low, high = np.expm1(ends) if self.scale == "log1p" else ends
        p = float(2 * stdtr(freedom, -abs(middle) / error))
        return Found(Estimate(one.estimate, float(low), float(high), items, p), self.method)

    def number(self, theta: Floats) -> Floats:
        """Return the number for parameters of shape (B, P), shape (B,)."""
        if self.kind == "sharpness":
            return np.asarray(np.exp(theta[:, -2]))
        up, down, trace = theta[:, :-2].reshape(len(theta), 3, -1).transpose(1, 0, 2)
        weights = np.array([self.weights.get(arm, 0.0) for arm in ARMS])
        return np.asarray((expit(up) - expit(down) if self.kind == "optimism" else trace) @ weights)


@dataclass(frozen=True)
class Sharpness(Learning):
    """The sharpness, with an interval that is symmetric on a logarithmic scale, because it is never negative."""

    scale: ClassVar[Scale] = "log1p"


def counted(table: pd.DataFrame) -> tuple[tuple[str, ...], Floats, Floats]:
    """Count stays and replies by arm and history: the codes of the histories, and two arrays of shape (A, H)."""
    item, names = pd.factorize(table["request"])
    played = table.drop_duplicates("request").set_index("request")["played"]
    slot = table["cell"].map({arm: place for place, arm in enumerate(ARMS)}).to_numpy(int) * len(names) + item
    stays, asked = (
        np.bincount(slot, weights=one, minlength=len(ARMS) * len(names)).reshape(len(ARMS), -1).astype(float)
        for one in (table["value"].to_numpy(float), np.ones(len(table)))
    )
    return tuple(str(played[name]) for name in names), stays, asked


ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "keeps": (
        Learning("optimism", 0.1, RATES, "optimism", {"own": 1.0}),
        Learning("optimism_other", 0.1, RATES, "optimism", {"other": 1.0}),
        Learning("agency", 0.1, RATES, "optimism", {"own": 1.0, "other": -1.0}),
        Learning("trace", 0.5, ODDS, "trace", {"own": 1.0}),
        Learning("own_trace", 0.5, ODDS, "trace", {"own": 1.0, "other": -1.0}),
        Sharpness("sharpness", 1.0, SHARPNESS, "sharpness", {}),
    ),
    "confidence": (
        MeanDifference("inflation", 5.0, CONFIDENCE, {"shown": 1.0, "hidden": -1.0}),
        MeanDifference("own_inflation", 5.0, CONFIDENCE, {"shown": 1.0, "another": -1.0}),
    ),
}
