"""The estimands of the task beside its contrasts: rates of learning by arm, choice trace, and confidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from feint.stats.estimands import Estimand, MeanDifference
from feint.stats.estimands.base import Observed
from feint.stats.estimands.intervals import Statistic
from feint.stats.types import Floats
from feint.stats.units import Unit
from feint.tasks.agency.fit import fitted

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
        """All arms: the fit is of all choices."""
        return ARMS

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The number, of histories that are weighed."""
        seen.need(self.key, "binary")
        table = seen.table[seen.table["cell"].isin(ARMS) & seen.table["value"].notna()]
        if table.empty:
            return lambda w: np.full(len(w), np.nan), 0
        codes, stays, asked = counted(table)
        found = fitted(codes, stays.tobytes(), asked.tobytes())
        told = self.kind != "optimism" or 1 / found.spread[-2] > CLEAR
        return lambda w: self.number(found.weighed(w)) if told else np.full(len(w), np.nan), len(codes)

    def number(self, theta: Floats) -> Floats:
        """Return the number for parameters of shape (B, P), shape (B,)."""
        if self.kind == "sharpness":
            return np.asarray(np.exp(theta[:, -2]))
        up, down, trace = theta[:, :-2].reshape(len(theta), 3, -1).transpose(1, 0, 2)
        weights = np.array([self.weights.get(arm, 0.0) for arm in ARMS])
        return np.asarray((expit(up) - expit(down) if self.kind == "optimism" else trace) @ weights)


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
        Learning("sharpness", 1.0, SHARPNESS, "sharpness", {}),
    ),
    "confidence": (
        MeanDifference("inflation", 5.0, CONFIDENCE, {"shown": 1.0, "hidden": -1.0}),
        MeanDifference("own_inflation", 5.0, CONFIDENCE, {"shown": 1.0, "another": -1.0}),
    ),
}
