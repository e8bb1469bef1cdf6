"""Strata: requests of kinds that a study fixes, whose differences are no part of what is left to chance."""

from typing import Any

import numpy as np

from feint.stats.types import Floats, Ints

PRIOR_REQUESTS = 12.0
"""How many requests the variance over all of them weighs beside that within strata: with few requests in each stratum
the latter is a rough guess, and nothing at all where they happen to agree."""


def strata_gain(values_R: Floats, stratum_R: Ints, prior: float = PRIOR_REQUESTS) -> Any:
    """How many times as much a request is worth once the differences between strata are taken out.

    A mean over requests from strata of fixed sizes varies only by what requests of one stratum differ by (Cochran 1977,
    Sampling Techniques, section 5.6; after the fact, 5A.9). The variance within strata is pooled over them, with R - S
    degrees of freedom, and averaged with the variance over all requests, which counts for `prior` of them; so the gain
    is at most ``(R - S + prior) / prior``, and never below 1.

    Args:
        values_R: The contrast in each request, shape (..., R).
        stratum_R: Code of the stratum of each, shape (R,).
        prior: Requests that the variance over all of them counts for.

    Returns:
        The gain, shape (...); 1 where there are as many strata as requests, or one, or where nothing varies.
    """
    requests, strata = values_R.shape[-1], np.unique(stratum_R)
    freedom = requests - len(strata)
    if len(strata) < 2 or freedom < 1:
        return np.ones(values_R.shape[:-1])
    each = np.stack([stratum_R == code for code in strata]).astype(float)
    means = (values_R @ each.T) / each.sum(axis=1)
    within = ((values_R - means @ each) ** 2).sum(axis=-1)
    whole = ((values_R - values_R.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1) / (requests - 1)
    pooled = (within + prior * whole) / (freedom + prior)
    return np.maximum(1.0, np.where(pooled > 0, whole / np.where(pooled > 0, pooled, 1), 1))
