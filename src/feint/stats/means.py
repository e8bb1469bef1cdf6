"""Means of scores: an interval for values between bounds of which few differ from the rest, clustered by request."""

import numpy as np

from feint.stats.cells import by_cluster
from feint.stats.score import score_interval
from feint.stats.types import Estimate, Floats, Ints, Settings


def mean_estimate(value_U: Floats, request_U: Ints, reach: float, settings: Settings) -> Estimate:
    """Mean over requests of values within them, with the score interval of `feint.stats.score.score_interval`.

    Shifts of a score are nearly all zero and now and then large, so that Student's interval is far too short where the
    large ones happen not to be seen. The score interval asks of each mean whether the data would be surprising if it
    were true, with the likeliest distribution over the values seen and the two extremes (empirical likelihood with the
    extremes among its support, Owen 2001, *Empirical Likelihood*, section 2; for two values it is the interval of
    `feint.stats.differences`). Values beyond the extremes widen them.

    Args:
        value_U: One value for each request in one wording, shape (U,); NaN is left out.
        request_U: Code of the request, shape (U,).
        reach: Largest size that a value is taken to have, in the unit of the values.
        settings: Gives level and assumed_icc.

    Returns:
        Estimate with n requests. One request has no interval and no p value; none has no estimate either.
    """
    known = ~np.isnan(value_U)
    value_U, request_U = value_U[known], request_U[known]
    value_R = np.divide(*by_cluster(value_U, request_U))
    if not len(value_R):
        return Estimate()
    if len(value_R) == 1:
        return Estimate(float(value_R[0]), n=1)
    values_K, shares_K = distribution(value_U, request_U, reach)
    interval = score_interval(value_R, values_K, shares_K, float(len(value_U)), settings.assumed_icc, settings.level)
    mean, low, high, p = (float(x) for x in interval)
    return Estimate(mean, low, high, len(value_R), p)


def distribution(value_U: Floats, request_U: Ints, reach: float) -> tuple[Floats, Floats]:
    """The values seen and the extremes, and how often each is seen where every request counts once.

    Returns:
        Values, ascending, the extremes symmetric about zero, and their shares, shapes (K,) and (K,).
    """
    _, which, count = np.unique(request_U, return_inverse=True, return_counts=True)
    weight_U = 1 / (count[which] * len(count))
    reach = max(reach, float(np.abs(value_U).max(initial=0.0)))
    rounded = np.round(np.append(value_U, [-reach, reach]), 9)
    values_K, place = np.unique(rounded, return_inverse=True)
    shares_K = np.bincount(place, np.append(weight_U, [0.0, 0.0]), len(values_K)).astype(float)
    return values_K, shares_K
