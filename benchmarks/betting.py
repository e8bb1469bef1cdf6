"""Looking often without asymptotics: a confidence sequence for bounded differences by betting.

A gambler who bets against "the mean is at most m" multiplies a capital of 1 by ``1 - g + g * y / (m + reach)`` with
each difference, y being the difference plus reach, which is never negative, and g the share of the capital staked. If
the mean is at most m no stake makes the capital grow on average, so that it ever exceeds 1 / alpha with a
probability of alpha at most (Ville 1939), at whatever n and whatever the distribution. The means that the gambler does
not become rich against are the confidence sequence (Waudby-Smith & Ramdas 2023, *JRSS B* 86, "Estimating means of
bounded random variables by betting"). The capital here is an average over constant stakes, the "diversified Kelly"
bets. So the order of the requests does not matter.
"""

from typing import Any

import numpy as np

from feint.stats.types import Estimates, Floats, Ints

STAKES: Floats = np.geomspace(0.03, 0.999, 8)
"""Shares of the capital that are staked, one gambler each: small ones win where differences vary much and n is large,
large ones where nearly all are alike. Not quite all is staked, so that no gambler is ever ruined. Twenty stakes from
0.004 gave wider intervals at every n from 10 to 2000, four from 0.1 were no narrower beyond n = 100."""
STEPS = 20
"""Halvings by which the ends of an interval are found: to a millionth of reach."""


def counted(values_R: Floats, looks_T: Ints) -> tuple[Floats, Floats]:
    """How often each distinct value was seen by each look; a capital depends on nothing else.

    Returns:
        The V distinct values, and their counts, shape (..., T, V).
    """
    kinds, codes = np.unique(values_R, return_inverse=True)
    codes = codes.reshape(values_R.shape)
    counts = np.empty((*values_R.shape[:-1], len(looks_T), len(kinds)))
    for code in range(len(kinds)):
        counts[..., code] = np.cumsum(codes == code, axis=-1)[..., looks_T - 1]
    return kinds, counts


def log_capital(kinds_V: Floats, counts: Floats, null: Any, reach: float) -> Floats:
    """Logarithm of the capital won against "the mean is at most null".

    Args:
        kinds_V: Distinct differences, shape (V,).
        counts: How often each was seen, shape (..., V).
        null: The mean bet against, a scalar or an array of shape (...), above -reach.
        reach: Largest value of a difference.

    Returns:
        Logarithms of shape (...). Capital against "at least null" is that of the negated differences and null.
    """
    ratio = (kinds_V + reach) / (np.asarray(null, float)[..., None] + reach)
    logs = [np.einsum("...v,...v->...", counts, np.log1p(stake * (ratio - 1))) for stake in STAKES]
    capital: Floats = np.logaddexp.reduce(logs, axis=0) - np.log(len(STAKES))
    return capital


def lower_end(kinds_V: Floats, counts: Floats, reach: float, alpha: float) -> Floats:
    """The smallest mean against which the capital is below 1 / alpha; the capital falls with the mean bet against."""
    low = np.full(counts.shape[:-1], -reach)
    high = np.einsum("...v,v->...", counts, kinds_V) / counts.sum(axis=-1)
    for _ in range(STEPS):
        middle = (low + high) / 2
        # A null of -reach itself would divide by zero; the middle never gets there.
        rich = log_capital(kinds_V, counts, np.maximum(middle, -reach * (1 - 1e-12)), reach) >= -np.log(alpha)
        low, high = np.where(rich, middle, low), np.where(rich, high, middle)
    return low


def betting(values_R: Floats, looks_T: Ints, reach: float, level: float) -> Estimates:
    """Confidence sequence by betting against every mean from below and from above, half the error each.

    It assumes that requests come in random order and nothing else: no normality, no variance, no smallest n. A request
    asked several times counts once, with its mean.

    Args:
        values_R: Differences in the order in which they arrived, shape (..., R).
        looks_T: Requests seen at each look, increasing.
        reach: Largest value of a difference.
        level: Probability of covering the truth at all looks at once.
    """
    kinds, counts = counted(values_R, looks_T)
    alpha = 1 - level
    mean = np.einsum("...v,v->...", counts, kinds) / looks_T
    low, high = lower_end(kinds, counts, reach, alpha / 2), -lower_end(-kinds, counts, reach, alpha / 2)
    richest = np.maximum(log_capital(kinds, counts, 0.0, reach), log_capital(-kinds, counts, 0.0, reach))
    return Estimates(mean, low, high, np.exp(np.minimum(np.log(2) - richest, 0.0)), looks_T)
