"""Formulas of intervals and p values, vectorised over leading axes for studies and simulations alike."""

from typing import Any

import numpy as np
from scipy import special

from feint.stats.types import Floats


def effective(replies: Any, requests: Any, icc: float) -> Any:
    """Effective number of independent replies in a clustered set of replies, for an assumed correlation.

    ``n_eff = N / (1 + (N / R - 1) * icc)``, Kish 1965, *Survey Sampling*, section 5.4.

    N replies, a scalar or an array, to R requests have an effective number between R and N, of the same shape; `icc` is
    the correlation of two replies to one request, 0 to 1.
    """
    return replies / (1 + (replies / requests - 1) * icc)


def no_exception_bound(n_effective: Any, level: float) -> Any:
    """Largest share of other outcomes that n identical outcomes leave plausible.

    ``q = 1 - (alpha / 2) ** (1 / n)``: with a larger share, n draws would all be alike with a probability below
    alpha / 2. This is the Clopper-Pearson (1934) upper limit for no events in n.

    n is a number of independent outcomes above 0, a scalar or an array, and 1 - alpha the level.
    """
    return 1 - ((1 - level) / 2) ** (1 / np.asarray(n_effective, float))


def mean_of_moments(
    mean: Any, deviation: Any, requests: Any, n_effective: Any, reach: float, level: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Interval for the mean of per-request differences: Student's t, widened where the data are nearly constant.

    ``d ± t(R - 1) * s / sqrt(R)``, the paired t interval over requests. Differences of 0/1 replies that are nearly
    all alike (a model that nearly always refuses) have a variance near zero, which would give an interval of width
    near zero and, with a true gap, a coverage far below the level. Therefore each end is at least as far out as the
    limit that holds even if all the differences had been alike: with ``q`` of `no_exception_bound`,
    ``low <= d - (reach + d) * q`` and ``high >= d + (reach - d) * q``. The p value follows from the same interval: it
    is below 1 - level exactly when the interval excludes zero.

    Takes the mean d and the standard deviation s (divided by R - 1) over R >= 2 requests, and the effective number of
    pairs of replies behind them (see `effective`); differences are between -reach and +reach. Gives estimate, low, high
    and two-sided p value, each of the shape of the arguments.

    >>> [round(float(x), 3) for x in mean_of_moments(0.5, 0.5, 25, 25, 1.0, 0.95)]
    [0.5, 0.294, 0.706, 0.0]
    """
    quantile = special.stdtrit(requests - 1, 0.5 + level / 2)
    half = quantile * deviation / np.sqrt(requests)
    q = no_exception_bound(n_effective, level)
    below = np.maximum(half, (reach + mean) * q)
    above = np.maximum(half, (reach - mean) * q)
    p = two_sided_p(mean, np.where(mean > 0, below, above) / quantile, requests - 1)
    return mean, np.maximum(mean - below, -reach), np.minimum(mean + above, reach), p


def welch_of_moments(
    a: tuple[Any, Any, Any], b: tuple[Any, Any, Any], effective_a: Any, effective_b: Any, level: float
) -> tuple[Any, Any, Any, Any]:
    """Interval for the difference between two groups of requests that have no request in common.

    Welch's t (1947, degrees of freedom of Satterthwaite), with the same widening as `mean_of_moments`; the limits of
    the two groups are combined by root sum of squares as in Newcombe 1998. A group has the mean, the variance (divided
    by R - 1) and the number R >= 2 of its requests, and the effective number of replies behind it. Gives estimate (a
    minus b), low, high and two-sided p value, each of the shape of the arguments.
    """
    (mean_a, spread_a, n_a), (mean_b, spread_b, n_b) = a, b
    var_a, var_b = np.asarray(spread_a / n_a), np.asarray(spread_b / n_b)
    squares = var_a**2 / (n_a - 1) + var_b**2 / (n_b - 1)
    varies = squares > 0
    freedom = np.where(varies, (var_a + var_b) ** 2 / np.where(varies, squares, 1), n_a + n_b - 2)
    quantile = special.stdtrit(freedom, 0.5 + level / 2)
    bound = np.hypot(no_exception_bound(effective_a, level), no_exception_bound(effective_b, level))
    mean = np.asarray(mean_a - mean_b)
    half = np.maximum(quantile * np.sqrt(var_a + var_b), bound)
    p = two_sided_p(mean, half / quantile, freedom)
    return mean, np.maximum(mean - half, -1.0), np.minimum(mean + half, 1.0), p


def jackknife_error(left_out: Floats) -> float:
    """Standard error of a statistic from its values without each of G items (or groups of items alike).

    ``se² = (G - 1) / G * sum_g (t_(g) - mean)²``, Efron & Tibshirani 1993, section 11.2.

    >>> round(jackknife_error(np.array([2.0, 3.0, 4.0])), 3)
    1.155
    """
    count = len(left_out)
    return float(np.sqrt((count - 1) / count * np.square(left_out - left_out.mean()).sum()))


def two_sided_p(mean: Floats, error: Floats, freedom: Any) -> Floats:
    """Student's two-sided p value; 1 for a mean of zero with any error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.stdtr(freedom, -np.abs(mean) / error)
    return np.where(mean == 0, 1.0, p)


def wilson(share: Any, n: Any, level: float) -> tuple[Any, Any]:
    """Wilson's score interval for a proportion.

    ``(p + z²/2n ± z * sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n)``, Wilson 1927. The share p and the number n, which may
    be an effective one and need not be whole, are scalars or arrays; low and high have their shape.
    """
    z = special.ndtri(0.5 + level / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def tests_of(contrasts: int) -> int:
    """Tests that share the error rate of a study: the contrasts of its design, and low coherence as one more."""
    return contrasts + 1


def holm(p_K: Floats, tests: Any = None) -> Floats:
    """Holm's step-down adjustment (1979) of p values over the last axis, NaN where the argument is.

    NaN means a test that could not be made, and counts as 1. `tests`, of shape () or (..., 1), is the number of
    tests that share the error rate, where it is not K. Where it is larger, the others count as 1; where it is smaller,
    tests that could not be made do not count.

    >>> holm(np.array([0.01, 0.04, np.nan])).round(3)
    array([0.03, 0.08,  nan])
    """
    tests = p_K.shape[-1] if tests is None else tests
    known = np.where(np.isnan(p_K), 1.0, p_K)
    order = np.argsort(known, axis=-1, kind="stable")
    steps = np.take_along_axis(known, order, axis=-1) * (tests - np.arange(p_K.shape[-1]))
    adjusted = np.empty_like(known)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(steps, axis=-1), 1.0), axis=-1)
    return np.where(np.isnan(p_K), np.nan, adjusted)
