"""The estimands of the task beside its contrasts, by the measure that each is computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from feint.stats.estimands import Estimand, LogisticEstimand, MeanDifference, Share
from feint.stats.estimands.base import Observed, item_means
from feint.stats.estimands.intervals import Scale, Statistic
from feint.stats.types import Floats
from feint.stats.units import POINTS, Unit

ERRANDS = ("plain", "carries")
INDICES = ("conflict", "removed", "uncued")
KILOMETRE = 1000.0
LOG_ODDS, DECADES, NATS = Unit("log odds a decade", digits=2), Unit("powers of ten", digits=2), Unit("nats", digits=2)


def regressors(table: pd.DataFrame) -> Floats:
    """Return intercept, distance in powers of ten above one kilometre, and if the car has to be there, shape (N, 3)."""
    distance = np.log10(table["metres"].astype(float) / KILOMETRE)
    return np.column_stack([np.ones(len(table)), distance, table["cell"].astype(str) == "carries"]).astype(float)


def slope(beta: Floats) -> Floats:
    """Return the log odds of walking that a tenfold distance takes away, shape (B,)."""
    return -beta[:, 1]


def midpoint(beta: Floats) -> Floats:
    """Return the distance of equal odds on a plain errand, in powers of ten above one kilometre, shape (B,)."""
    return beta[:, 0] / falling(beta)


def shift(beta: Floats) -> Floats:
    """Return by how many powers of ten that distance is shorter where the car has to be there, shape (B,)."""
    return -beta[:, 2] / falling(beta)


def falling(beta: Floats) -> Floats:
    """Return the slope where walking falls with distance, NaN elsewhere, shape (B,)."""
    return np.where(beta[:, 1] < -1e-3, -beta[:, 1], np.nan)


@dataclass(frozen=True)
class DominanceRatio(Estimand):
    """Cue index over constraint index, less 1: absolute mean differences of the log odds of the short cut.

    The heuristic dominance ratio (HDR) of arXiv 2603.29025, over scenes in place of paraphrases of one scene. Its
    interval is computed on the logarithm; with few scenes it is wide, because the denominator may be small.
    """

    scale: ClassVar[Scale] = "log1p"

    @property
    def cells(self) -> tuple[str, ...]:
        """The three cells."""
        return INDICES

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The quotient of the two absolute means, less 1."""
        conflict, removed, uncued = item_means(seen.need(self.key, "real"), INDICES).T
        goal_R, cue_R = removed - conflict, conflict - uncued

        def quotient(w: Floats) -> Floats:
            under = np.abs(w @ goal_R)
            return np.where(under > 0, np.abs(w @ cue_R) / np.where(under > 0, under, 1), np.nan) - 1

        return quotient, len(goal_R)


ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "shortcut": (
        Share("dominance", 0.05, POINTS, cell="conflict"),
        LogisticEstimand("slope", 0.5, LOG_ODDS, ERRANDS, regressors, slope),
        LogisticEstimand("midpoint", 0.2, DECADES, ERRANDS, regressors, midpoint),
        LogisticEstimand("shift", 0.2, DECADES, ERRANDS, regressors, shift),
    ),
    "lean": (
        MeanDifference("constraint_index", 0.5, NATS, {"removed": 1.0, "conflict": -1.0, "uncued": 0.0}),
        MeanDifference("cue_index", 0.5, NATS, {"conflict": 1.0, "uncued": -1.0, "removed": 0.0}),
        DominanceRatio("dominance_ratio", 0.5, Unit("above equal", digits=2)),
    ),
}
