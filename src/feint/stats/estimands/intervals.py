"""Formulas of estimands: statistics, and intervals over items for any of them, by jackknife or bootstrap.

A statistic is a function of weights of items, shape (B, R), and gives B numbers: all weights 1 are the estimate, a
weight of 0 leaves an item out, and multinomial weights are a resample of items (a cluster bootstrap).
"""

from collections.abc import Callable
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


def leave_one_out(statistic: Statistic, items: int) -> tuple[float, Floats]:
    """The statistic of all items, and without each item, shape (R,); undefined values are left out."""
    found = statistic(np.vstack([np.ones(items), 1 - np.eye(items)]))
    return float(found[0]), found[1:][np.isfinite(found[1:])]


def to_scale(values: Floats, scale: Scale) -> Floats:
    """Numbers on the scale of the t interval."""
    if scale == "log1p":
        with np.errstate(divide="ignore"):
            return np.log1p(values)  # minus infinite where the mean is zero, which has no interval
    return np.arctanh(np.clip(values, -1 + 1e-9, 1 - 1e-9)) if scale == "fisher" else values


def t_interval(statistic: Statistic, items: int, level: float, scale: Scale = "identity") -> Estimate:
    """Student's t over R items, with the jackknife's standard error, symmetric on a scale; the p value is two-sided.

    Without interval if fewer than three items tell the variance, or all items are alike.

    >>> value_R = np.array([1.0, 2.0, 4.0, 5.0])
    >>> found = t_interval(lambda w: w @ value_R / w.sum(axis=-1), 4, 0.95)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (3.0, 0.095, 5.905)
    """
    whole, left_out = leave_one_out(statistic, items)
    if not np.isfinite(whole):
        return Estimate(n=items)
    middle, left_out = float(to_scale(np.array([whole]), scale)[0]), to_scale(left_out, scale)
    left_out = left_out[np.isfinite(left_out)]
    if not np.isfinite(middle) or len(left_out) < FEWEST or not (error := jackknife_error(left_out)) > 1e-12:
        return Estimate(whole, n=items)
    freedom = len(left_out) - 1
    half = float(special.stdtrit(freedom, 0.5 + level / 2)) * error
    p = float(2 * special.stdtr(freedom, -abs(middle) / error))
    back = np.expm1 if scale == "log1p" else np.tanh if scale == "fisher" else np.positive
    return Estimate(whole, float(back(middle - half)), float(back(middle + half)), items, p)


def bca_interval(statistic: Statistic, items: int, level: float) -> Estimate:
    """The bias-corrected accelerated interval of a cluster bootstrap (Efron 1987, JASA 82): R items are resampled.

    The resamples are fixed, so that the same table gives the same interval. The p value is the error rate at which the
    interval would just exclude zero; for the rest see `t_interval`.
    """
    whole, left_out = leave_one_out(statistic, items)
    if not np.isfinite(whole):
        return Estimate(n=items)
    if len(left_out) < FEWEST or not jackknife_error(left_out) > 1e-12:
        return Estimate(whole, n=items)
    weights = np.random.default_rng(0).multinomial(items, np.full(items, 1 / items), RESAMPLES).astype(float)
    drawn = statistic(weights)
    drawn = np.sort(drawn[np.isfinite(drawn)])
    bias, away = float(special.ndtri(share_below(drawn, whole))), left_out.mean() - left_out
    skew = float((away**3).sum() / (6 * np.square(away).sum() ** 1.5))
    z = special.ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    moved = special.ndtr(bias + (bias + z) / np.maximum(1 - skew * (bias + z), 1e-6))
    low, high = (float(end) for end in np.quantile(drawn, moved))
    null = float(special.ndtri(share_below(drawn, 0.0))) - bias
    p = float(2 * special.ndtr(-abs(null / (1 + skew * null) - bias)))
    return Estimate(whole, min(low, whole), max(high, whole), items, min(p, 1.0))


def p_by_inversion(interval: Callable[[float], Estimate]) -> float:
    """The error rate at which an interval, by confidence level, would just exclude zero, to seven digits."""
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


def detection(ones: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Sensitivity d′ and criterion c, with the log-linear correction of Hautus 1995 (BRMIC 27, 46-51).

    Half a reply is added to the hits and the false alarms, one to the trials of each, so that no rate is 0 or 1. Takes
    hits and false alarms, and the trials with and without signal, shape (B, 2) each; gives d′ and c, shape (B,) each.

    >>> sensitivity, criterion = detection(np.array([[84.0, 16.0]]), np.array([[100.0, 100.0]]))
    >>> sensitivity.round(2), abs(criterion).round(2)
    (array([1.96]), array([0.]))
    """
    z = special.ndtri((ones + 0.5) / (trials + 1))
    return z[:, 0] - z[:, 1], -(z[:, 0] + z[:, 1]) / 2


def normed(xy: Floats, xx: Floats, yy: Floats) -> Floats:
    """Correlations from sums of products, shape (B,); NaN where one of the two does not vary."""
    some = (xx > 1e-12) & (yy > 1e-12)
    return np.where(some, xy / np.sqrt(np.where(some, xx * yy, 1)), np.nan)


def spearman(x_R: Floats, y_R: Floats, w: Floats) -> Floats:
    """Spearman's rank correlation for each set of weights, ties sharing their mean rank, shape (B,).

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 9.0]), np.ones((1, 3)))
    array([1.])
    """
    ranks = (w @ ((v[:, None] < v) + 0.5 * (v[:, None] == v)) for v in (x_R, y_R))
    x, y = (v - (w * v).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True) for v in ranks)
    return normed(*((w * u * v).sum(axis=-1) for u, v in ((x, y), (x, x), (y, y))))


def kendall(x_R: Floats, y_R: Floats, w: Floats) -> Floats:
    """Kendall's tau-b for each set of weights, shape (B,).

    >>> kendall(np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 3.0]), np.ones((1, 3))).round(3)
    array([0.333])
    """
    x, y = (np.sign(v[:, None] - v) for v in (x_R, y_R))
    return normed(*(np.einsum("br,rs,bs->b", w, a * b, w, optimize=True) for a, b in ((x, y), (x, x), (y, y))))
