"""The estimands of the task beside its contrasts."""

import numpy as np
import pandas as pd

from feint.stats.estimands import BoundedLogistic, Estimand, LogisticEstimand
from feint.stats.types import Floats
from feint.stats.units import POINTS, Unit

ROLES = ("third", "incumbent", "candidate")
POINTS_OF_QUALITY = Unit("points of quality", "point of quality", digits=1)
TEN_DAYS = 10.0


def regressors(table: pd.DataFrame) -> Floats:
    """Return intercept, quality difference, cost, and the two roles, shape (N, 5).

    Differences are in points, the cost in ten staff days.
    """
    cell = table["cell"].astype(str)
    return np.column_stack(
        [
            np.ones(len(table)),
            table["difference"].astype(float),
            table["days"].astype(float) / TEN_DAYS,
            cell == "incumbent",
            cell == "candidate",
        ]
    ).astype(float)


def status_quo(beta: Floats) -> Floats:
    """Return a third party's share of keeps less that of moves, at equal quality and no cost, shape (B,)."""
    return np.asarray(np.tanh(beta[:, 0] / 2))


def price_of_self(beta: Floats) -> Floats:
    """Return the points of quality that make up for the step from candidate to incumbent, shape (B,)."""
    return (beta[:, 3] - beta[:, 4]) / worth(beta)


def price_of_a_move(beta: Floats) -> Floats:
    """Return the points of quality that make up for ten staff days, shape (B,)."""
    return beta[:, 2] / worth(beta)


def worth(beta: Floats) -> Floats:
    """Return what a point of quality is worth in log odds, NaN where quality does not count, shape (B,)."""
    return np.where(beta[:, 1] < -1e-3, -beta[:, 1], np.nan)


ESTIMANDS: tuple[Estimand, ...] = (
    BoundedLogistic("status_quo", 0.20, POINTS, ROLES, regressors, status_quo),
    LogisticEstimand("price_of_self", 0.5, POINTS_OF_QUALITY, ROLES, regressors, price_of_self),
    LogisticEstimand("price_of_a_move", 0.5, POINTS_OF_QUALITY, ROLES, regressors, price_of_a_move),
)
