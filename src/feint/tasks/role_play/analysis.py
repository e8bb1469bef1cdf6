"""The estimands of the task beside its contrast, by the measure that each is computed from."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from feint.stats.estimands import Estimand, LogisticEstimand, PooledDifference, Share
from feint.stats.types import Floats
from feint.stats.units import POINTS, Unit

CELLS = ("describe", "speak")
MIDDLE = 2.5
A_LEVEL, LEVELS = Unit("log odds a level", digits=2), Unit("levels", "level", digits=2)


def regressors(table: pd.DataFrame) -> Floats:
    """Return intercept and level for each of the two cells, shape (N, 4); levels are counted from their middle."""
    level = table["level"].astype(float).to_numpy() - MIDDLE
    speaks = (table["cell"].astype(str) == "speak").to_numpy(float)
    return np.column_stack([1 - speaks, speaks, (1 - speaks) * level, speaks * level])


def steeper(beta: Floats) -> Floats:
    """Return how much more playing a part falls with the level than telling of it, in log odds a level, shape (B,)."""
    return beta[:, 2] - beta[:, 3]


def falls(beta: Floats) -> Floats:
    """Return how much playing a part falls with the level, in log odds a level, shape (B,)."""
    return -beta[:, 3]


ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "in_character": (
        LogisticEstimand("level_slope", 0.2, A_LEVEL, CELLS, regressors, falls),
        LogisticEstimand("excess_slope", 0.2, A_LEVEL, CELLS, regressors, steeper),
    ),
    "softness": (PooledDifference("softening", 0.1, LEVELS, {"speak": 1.0, "describe": -1.0}),),
    "refused": (Share("refusal", 0.05, POINTS, cell="speak"),),
}
