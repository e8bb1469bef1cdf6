"""Strata: kinds of requests that a study fixes, whose differences are no part of what is left to chance."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.stats.types import Bools, Floats, Ints

PRIOR_REQUESTS = 12.0
"""Number of requests that the variance over all of them counts for, beside the variance within strata: with few
requests in each stratum the latter is a rough guess, and zero where they happen to agree."""


def codes_of(strata: Mapping[str, str], requests: Sequence[str]) -> Ints:
    """Codes of the strata of some requests, shape (R,); a request without a stratum is a stratum of its own.

    >>> codes_of({"a": "x", "b": "x"}, ["a", "b", "c"])
    array([1, 1, 0])
    """
    names = [strata.get(request, request) for request in requests]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def strata_gain(
    values_R: Floats, stratum_R: Ints, here_R: Bools | None = None, prior: float = PRIOR_REQUESTS
) -> Floats:
    """Gain in effective requests once the differences between strata are taken out.

    A mean over requests from strata of fixed sizes varies only by the differences between requests of one stratum
    (Cochran 1977, Sampling Techniques, section 5.6; after the fact, 5A.9). The variance within strata is pooled over
    them, with R - S degrees of freedom, and averaged with the variance over all requests, which counts for `prior` of
    them. So the gain is at most ``(R - S + prior) / prior``, and never below 1.

    Args:
        values_R: The contrast in each request, shape (..., R).
        stratum_R: Code of the stratum of each request, shape (R,).
        here_R: Whether a request has a value, shape (..., R); None where all have.
        prior: Requests that the variance over all of them counts for.

    Returns:
        The gain, shape (...); 1 where there are as many strata as requests, or one, or where nothing varies.
    """
    here = (np.ones(values_R.shape) if here_R is None else here_R).astype(float)
    each = np.stack([stratum_R == code for code in np.unique(stratum_R)]).astype(float)
    count = here @ each.T
    requests, strata = here.sum(axis=-1), (count > 0).sum(axis=-1)
    freedom = requests - strata
    means = ((values_R * here) @ each.T) / np.maximum(count, 1)
    within = (here * (values_R - means @ each) ** 2).sum(axis=-1)
    mean = (values_R * here).sum(axis=-1) / np.maximum(requests, 1)
    whole = (here * (values_R - mean[..., None]) ** 2).sum(axis=-1) / np.maximum(requests - 1, 1)
    pooled = (within + prior * whole) / (np.maximum(freedom, 0) + prior)
    gain = np.maximum(1.0, np.where(pooled > 0, whole / np.where(pooled > 0, pooled, 1), 1))
    return np.where((strata < 2) | (freedom < 1), 1.0, gain)
