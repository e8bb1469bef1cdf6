"""A contrast within each request and wording, and its estimate over requests, which may come in fixed strata."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from feint.stats.cells import by_cluster
from feint.stats.layout import CellMeans, Layout, over_requests
from feint.stats.score import outcomes, score_interval, score_of_moments
from feint.stats.types import Bools, Estimate, Estimates, Floats, Ints, Settings

PRIOR_REQUESTS = 12.0
"""Number of requests that the variance over all of them counts for, beside the variance within strata: with few
requests in each stratum the latter is a rough guess, and zero where they happen to agree."""


@dataclass(frozen=True)
class Differences:
    """A contrast within each unit: a request in one wording, with a scored reply in every cell that it weighs.

    Attributes:
        layout: The units.
        complete: Whether a unit has a scored reply in every weighed cell, shape (S, U).
        value: The weighted sum of the cells; means nothing where not complete, shape (S, U).
        replies: Scored replies of the cell that has fewest, shape (S, U).
        outcomes: The K values that the contrast can take with one reply in each cell, shape (K,).
        shares: How often it would take each value, shape (S, U, K).
    """

    layout: Layout
    complete: Bools
    value: Floats
    replies: Floats
    outcomes: Floats
    shares: Floats

    def where(self, keep_U: Bools) -> "Differences":
        """The units that a mask of shape (U,) keeps."""
        return replace(self, complete=self.complete & keep_U)

    def by_request(self) -> tuple[Floats, Floats]:
        """Mean over the wordings of each request, and the number of its complete units; both of shape (S, R)."""
        return self.layout.average(self.value, self.complete)

    def per_request(self) -> tuple[Ints, Floats]:
        """Codes of the requests of the first study that have a difference, and the differences; shape (R,) each."""
        value_R, count_R = (x[0] for x in self.by_request())
        return self.layout.requests[count_R > 0], value_R[count_R > 0]


def differences(means: CellMeans, weights: Mapping[str, float]) -> Differences:
    """Weigh the cells within every unit; weights are by cell."""
    columns, weight_C = means.columns(weights), list(weights.values())
    mean_C, scored_C = means.mean[..., columns], means.scored[..., columns]
    complete: Bools = np.asarray((scored_C > 0).all(axis=-1))
    possible = outcomes(mean_C, weight_C)
    return Differences(means.layout, complete, mean_C @ np.array(weight_C), scored_C.min(axis=-1), *possible)


def estimate(found: Differences, settings: Settings, stratum_R: Ints | None = None) -> Estimates:
    """Mean difference over requests, with the interval of `feint.stats.score.score_interval`.

    `stratum_R` holds the code of the stratum of each request, by code of the request; None without strata. The
    estimates have the shape (S,) and n requests. One request has no interval and no p value; none has no estimate.
    """
    value_R, count_R = found.by_request()
    mean, variance, requests = over_requests(value_R, count_R)
    by_request = [found.layout.average(share, found.complete)[0] for share in np.moveaxis(found.shares, -1, 0)]
    shares_K = np.stack(by_request, axis=-1).sum(axis=-2) / np.maximum(requests, 1)[:, None]
    replies = np.where(found.complete, found.replies, 0).sum(axis=-1)
    some, enough = requests > 0, requests > 1
    neutral = (found.outcomes == 0) / (found.outcomes == 0).sum()  # a placeholder for studies without interval
    gain = 1.0 if stratum_R is None else strata_gain(value_R, stratum_R[found.layout.requests], count_R > 0)
    _, low, high, p = score_of_moments(
        (np.where(enough, mean, 0), np.where(enough, variance, 0), np.where(enough, requests, 2)),
        found.outcomes,
        np.where(enough[:, None], shares_K, neutral),
        np.where(enough, replies, 2),
        settings.assumed_icc,
        settings.level,
        gain,
    )
    low, high = np.minimum(low, mean), np.maximum(high, mean)
    low, high, p = (np.where(enough, x, np.nan) for x in (low, high, p))
    return Estimates(np.where(some, mean, np.nan), low, high, p, requests)


def codes_of(strata: Mapping[str, str], requests: Sequence[str]) -> Ints:
    """Codes of the strata of some requests, shape (R,); a request without a stratum is a stratum of its own."""
    names = [strata.get(request, request) for request in requests]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def strata_gain(values_R: Floats, stratum_R: Ints, here_R: Bools | None = None) -> Floats:
    """Gain in effective requests once the differences between strata are taken out.

    A mean over requests from strata of fixed sizes varies only by the differences between requests of one stratum
    (Cochran 1977, Sampling Techniques, section 5.6; after the fact, 5A.9). The variance within strata is pooled over
    them, with R - S degrees of freedom, and averaged with the variance over all requests, which counts for ``P =
    PRIOR_REQUESTS`` of them. So the gain is at most ``(R - S + P) / P``, and never below 1; it is 1 where there are as
    many strata as requests, or one, or where nothing varies.

    Takes the contrast in each request, shape (..., R), the code of its stratum, shape (R,), and where not all requests
    have a value, a mask of those that have, shape (..., R). The gain has the shape (...).
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
    pooled = (within + PRIOR_REQUESTS * whole) / (np.maximum(freedom, 0) + PRIOR_REQUESTS)
    gain = np.maximum(1.0, np.where(pooled > 0, whole / np.where(pooled > 0, pooled, 1), 1))
    return np.where((strata < 2) | (freedom < 1), 1.0, gain)


def mean_estimate(value_U: Floats, request_U: Ints, reach: float, settings: Settings) -> Estimate:
    """Mean over requests of values within them, with the score interval of `feint.stats.score.score_interval`.

    Shifts of a score are nearly all zero and now and then large, so that Student's interval is far too short where the
    large ones happen not to be seen. The score interval asks of each mean whether the data would be surprising if it
    were true, with the likeliest distribution over the values seen and the two extremes (empirical likelihood with the
    extremes among its support, Owen 2001, *Empirical Likelihood*, section 2; for two values it is the interval of
    `feint.stats.differences`). Values beyond the extremes, ± reach, widen them.

    Takes a value for each request in one wording, NaN left out, and the code of the request, shape (U,) each. The
    estimate has n requests. One request has no interval and no p value; none has no estimate either.
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
    """The values seen and the extremes, ascending, and how often each is seen where every request counts once; (K,)."""
    _, which, count = np.unique(request_U, return_inverse=True, return_counts=True)
    weight_U = 1 / (count[which] * len(count))
    reach = max(reach, float(np.abs(value_U).max(initial=0.0)))
    rounded = np.round(np.append(value_U, [-reach, reach]), 9)
    values_K, place = np.unique(rounded, return_inverse=True)
    shares_K = np.bincount(place, np.append(weight_U, [0.0, 0.0]), len(values_K)).astype(float)
    return values_K, shares_K
