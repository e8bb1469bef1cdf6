"""Rank correlation of two measures over a few models, with its interval."""

from dataclasses import dataclass
from math import atanh, sqrt, tanh

import numpy as np
from scipy.stats import norm

from feint.stats.estimands.intervals import spearman
from feint.stats.types import Floats

FEWEST = 5
"""Models without which no correlation is told: with four, even a perfect order arises by chance in 1 of 12 cases."""


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's rank correlation with its interval.

    Attributes:
        rho: The correlation; None where the models are too few, or alike in one of both measures.
        low: The lower end of the interval.
        high: The upper end.
        n: The models with both values.
    """

    rho: float | None
    low: float | None
    high: float | None
    n: int


def rank_correlation(x_R: Floats, y_R: Floats, level: float = 0.95) -> RankCorrelation:
    """Correlate the ranks of two measures over models; a model with NaN in either is left out.

    The interval is Fisher's with the standard error of Bonett and Wright (2000, Psychometrika 65:23),
    sqrt((1 + rho²/2) / (n - 3)). For a perfect order, where that has no width, the end nearer zero is that of the next
    lower correlation which n models can have, 1 - 12 / (n (n² - 1)).

    Args:
        x_R: One measure by model, shape (R,).
        y_R: The other, shape (R,).
        level: The level of the interval.

    >>> found = rank_correlation(np.arange(8.0), np.array([0, 2, 1, 3, 5, 4, 7, 6.0]))
    >>> round(found.rho, 3), round(found.low, 2), round(found.high, 2), found.n
    (0.929, 0.54, 0.99, 8)
    >>> rank_correlation(np.arange(4.0), np.arange(4.0)).rho
    """
    both = ~(np.isnan(x_R) | np.isnan(y_R))
    n = int(both.sum())
    if n < FEWEST:
        return RankCorrelation(None, None, None, n)
    rho = float(spearman(x_R[both], y_R[both], np.ones((1, n)))[0])
    if np.isnan(rho):
        return RankCorrelation(None, None, None, n)
    most = 1 - 12 / (n * (n**2 - 1))
    near = float(np.clip(rho, -most, most))
    half = float(norm.ppf((1 + level) / 2)) * sqrt((1 + near**2 / 2) / (n - 3))
    low, high = tanh(atanh(near) - half), tanh(atanh(near) + half)
    return RankCorrelation(rho, -1.0 if rho < -most else low, 1.0 if rho > most else high, n)
