"""A contrast within each request and wording, and its estimate over requests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from feint.stats.estimates import Estimates
from feint.stats.layout import CellMeans, Layout, over_requests
from feint.stats.score import outcomes, score_of_moments
from feint.stats.strata import strata_gain
from feint.stats.types import Bools, Floats, Ints, Settings


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

    def per_request(self, study: int = 0) -> tuple[Ints, Floats]:
        """Codes of the requests of one study that have a difference, and the differences; shape (R,) each."""
        value_R, count_R = (x[study] for x in self.by_request())
        return self.layout.requests[count_R > 0], value_R[count_R > 0]


def differences(means: CellMeans, weights: Mapping[str, float]) -> Differences:
    """Weigh the cells within every unit.

    Args:
        means: Replies averaged over samples.
        weights: Weight by cell.
    """
    columns, weight_C = means.columns(list(weights)), list(weights.values())
    mean_C, scored_C = means.mean[..., columns], means.scored[..., columns]
    complete: Bools = np.asarray((scored_C > 0).all(axis=-1))
    possible = outcomes(mean_C, weight_C)
    return Differences(means.layout, complete, mean_C @ np.array(weight_C), scored_C.min(axis=-1), *possible)


def estimate(found: Differences, settings: Settings, stratum_R: Ints | None = None) -> Estimates:
    """Mean difference over requests, with the interval of `feint.stats.score.score_interval`.

    Args:
        found: The differences.
        settings: Gives level and assumed_icc.
        stratum_R: Code of the stratum of each request, by code of the request; None without strata.

    Returns:
        Estimates of shape (S,), with n requests. One request has no interval and no p value; none has no estimate.
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
