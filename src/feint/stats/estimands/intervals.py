"""Intervals over items for any statistic: Student's t from a jackknife, and the bias-corrected accelerated bootstrap.

A statistic is a function of weights of items, shape (B, R), and gives B numbers: all weights 1 are the estimate, a
weight of 0 leaves an item out, and multinomial weights are a resample of items (a cluster bootstrap).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from feint.stats.intervals import jackknife_error
from feint.stats.types import Estimate, Floats

Statistic = Callable[[Floats], Floats]
Scale = Literal["identity", "log1p", "fisher"]
"""Scale on which the jackknife's t interval is symmetric: of the estimate, of log(1 + estimate), of artanh."""
RESAMPLES = 1999
FEWEST = 3
"""Items without which no variance over items is estimated."""


@dataclass(frozen=True)
class Spread:
    """An estimate with its leave-one-out values.

    Attributes:
        estimate: The statistic of all items.
        left_out: The statistic without each item, shape (R,).
    """

    estimate: float
    left_out: Floats

    @property
    def error(self) -> float:
        """Standard error by the jackknife."""
        return jackknife_error(self.left_out)


def leave_one_out(statistic: Statistic, items: int) -> Spread:
    """The statistic of all items, and without each; undefined values are left out."""
    found = statistic(np.vstack([np.ones(items), 1 - np.eye(items)]))
    return Spread(float(found[0]), found[1:][np.isfinite(found[1:])])


def to_scale(values: Floats, scale: Scale) -> Floats:
    """Numbers on the scale of the t interval."""
    if scale == "log1p":
        with np.errstate(divide="ignore"):
            return np.log1p(values)  # minus infinite where the mean is zero, which has no interval
    return np.arctanh(np.clip(values, -1 + 1e-9, 1 - 1e-9)) if scale == "fisher" else values


def from_scale(value: float, scale: Scale) -> float:
    """The inverse of `to_scale`."""
    return float(np.expm1(value) if scale == "log1p" else np.tanh(value) if scale == "fisher" else value)


def t_interval(statistic: Statistic, items: int, level: float, scale: Scale = "identity") -> Estimate:
    """Student's t over items, with the jackknife's standard error.

    Args:
        statistic: The statistic.
        items: Number of items R.
        level: Confidence level.
        scale: Scale on which the interval is symmetric.

    Returns:
        The estimate with interval and two-sided p value of "zero"; without interval if fewer than three items tell the
        variance, or all items are alike.

    >>> value_R = np.array([1.0, 2.0, 4.0, 5.0])
    >>> found = t_interval(lambda w: w @ value_R / w.sum(axis=-1), 4, 0.95)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (3.0, 0.095, 5.905)
    """
    spread = leave_one_out(statistic, items)
    if not np.isfinite(spread.estimate):
        return Estimate(n=items)
    left_out = to_scale(spread.left_out, scale)
    inner = Spread(float(to_scale(np.array([spread.estimate]), scale)[0]), left_out[np.isfinite(left_out)])
    if not np.isfinite(inner.estimate) or len(inner.left_out) < FEWEST or not inner.error > 1e-12:
        return Estimate(spread.estimate, n=items)
    freedom = len(inner.left_out) - 1
    half = float(special.stdtrit(freedom, 0.5 + level / 2)) * inner.error
    p = float(2 * special.stdtr(freedom, -abs(inner.estimate) / inner.error))
    low, high = (from_scale(end, scale) for end in (inner.estimate - half, inner.estimate + half))
    return Estimate(spread.estimate, low, high, items, p)


def bca_interval(statistic: Statistic, items: int, level: float, seed: int = 0) -> Estimate:
    """The bias-corrected accelerated interval of a cluster bootstrap (Efron 1987, JASA 82): items are resampled.

    Args:
        statistic: The statistic.
        items: Number of items R.
        level: Confidence level.
        seed: Fixes the resamples, so that the same table gives the same interval.

    Returns:
        As `t_interval`; the p value is the error rate at which the interval would just exclude zero.
    """
    spread = leave_one_out(statistic, items)
    if not np.isfinite(spread.estimate):
        return Estimate(n=items)
    if len(spread.left_out) < FEWEST or not spread.error > 1e-12:
        return Estimate(spread.estimate, n=items)
    weights = np.random.default_rng(seed).multinomial(items, np.full(items, 1 / items), RESAMPLES).astype(float)
    drawn = statistic(weights)
    drawn = np.sort(drawn[np.isfinite(drawn)])
    below = share_below(drawn, spread.estimate)
    bias, away = float(special.ndtri(below)), spread.left_out.mean() - spread.left_out
    skew = float((away**3).sum() / (6 * np.square(away).sum() ** 1.5))
    z = special.ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    moved = special.ndtr(bias + (bias + z) / np.maximum(1 - skew * (bias + z), 1e-6))
    low, high = (float(end) for end in np.quantile(drawn, moved))
    null = float(special.ndtri(share_below(drawn, 0.0))) - bias
    p = float(2 * special.ndtr(-abs(null / (1 + skew * null) - bias)))
    return Estimate(spread.estimate, min(low, spread.estimate), max(high, spread.estimate), items, min(p, 1.0))


def p_by_inversion(interval: Callable[[float], Estimate]) -> float:
    """The error rate at which an interval would just exclude zero, to seven digits.

    Args:
        interval: The estimate with its interval, by confidence level.
    """
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        found = interval(1 - middle)
        assert found.low is not None and found.high is not None
        low, high = (low, middle) if found.low > 0 or found.high < 0 else (middle, high)
    return high


def share_below(drawn: Floats, value: float) -> float:
    """Share of sorted draws below a value, ties counting half; kept off 0 and 1 by half a draw."""
    share = (np.searchsorted(drawn, value, "left") + np.searchsorted(drawn, value, "right")) / 2 / len(drawn)
    return float(np.clip(share, 0.5 / len(drawn), 1 - 0.5 / len(drawn)))
