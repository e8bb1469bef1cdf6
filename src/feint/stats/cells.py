"""Rates by cell: the share of labels of 1, missing replies by reason, and worst cases."""

from collections import Counter
from functools import lru_cache

import numpy as np

from feint.stats.intervals import effective, wilson
from feint.stats.score import rate_interval, shrunk_design_effect
from feint.stats.table import Replies
from feint.stats.types import CellEntry, Estimate, EstimateEntry, Estimates, Floats, Ints, Settings

FEW = 5  # replies of the rarer kind, below which a correlation cannot be read off them
MANY = 64  # rates that are computed at once; below, most of the rates of a report have been computed before


def by_cluster(values: Floats, request: Ints) -> tuple[Floats, Floats]:
    """Sum and number of the known values of each request that has any, shapes (R,)."""
    known = ~np.isnan(values)
    asked, cluster = np.unique(request[known], return_inverse=True)
    sums = np.bincount(cluster, weights=values[known], minlength=len(asked))
    return sums.astype(float), np.bincount(cluster, minlength=len(asked)).astype(float)


def clustered_rate(values: Floats, request: Ints, settings: Settings, weight: Floats | None = None) -> Estimate:
    """Share of replies that are 1, with a Wilson interval that allows for repeated requests.

    Wilson's interval treats replies as exchangeable. Replies to one request are not, so n is divided by the design
    effect ``deff = v_clustered / v_independent`` of Kish 1965, at least 1, as Korn & Graubard 1998 and Franco et al.
    2019 do for surveys: ``v_clustered = R / (R - 1) * sum_r(sum_i(y_ri - p))² / N²``, ``v_independent = p(1 - p) / N``.
    Where fewer than five replies are of the rarer kind, the correlation cannot be estimated, and deff is at least
    what `Settings.assumed_icc` implies. Where every request was answered once, this is Wilson's interval exactly. With
    unequal weights, the number of replies is multiplied by ``(sum w)² / (n sum w²)`` too (Kish 1965, section 11.7).

    Takes values (1, 0 or NaN, which is left out), the code of the request and weights, if replies have any, shape (N,)
    each. The estimate has n scored replies; without any, all is None.

    >>> found = clustered_rate(np.array([1.0, 0.0, 1.0, 1.0]), np.arange(4), Settings())
    >>> found.estimate, found.n
    (0.75, 4)
    """
    total_R, count_R = by_cluster(values, request)
    n = int(count_R.sum())
    if not n:
        return Estimate()
    share, ones, requests = float(total_R.sum() / n), float(total_R.sum()), len(count_R)
    effect = n / float(effective(n, requests, settings.assumed_icc))
    rarer = min(ones, n - ones)
    if rarer and requests > 1:
        effect = max(1.0, float(variance_ratio(total_R, count_R)), effect if rarer < FEW else 1.0)
    worth = n / effect if n > requests else float(n)
    known = ~np.isnan(values)
    if weight is not None and len(np.unique(weight[known])) > 1:
        w = weight[known]
        share, worth = float(w @ values[known] / w.sum()), worth * float(w.sum() ** 2 / (n * np.square(w).sum()))
    low, high = wilson(share, worth, settings.level)
    return Estimate(share, min(float(low), share), max(float(high), share), n)


def compliance_rate(values: Floats, request: Ints, settings: Settings) -> Estimate:
    """Share of replies that are 1, with the interval of `rates`; arguments and result are those of `clustered_rate`."""
    total_R, count_R = by_cluster(values, request)
    return rates(total_R[None], count_R[None], settings).one()


def rates(total_R: Floats, count_R: Floats, settings: Settings) -> Estimates:
    """Shares of replies that are 1, with the interval of `feint.stats.score.rate_interval`.

    The number of replies is divided by `feint.stats.score.shrunk_design_effect`; with one reply to each request
    that is 1. Wilson's interval (`clustered_rate`) covers too little for rates near 0 and 1 and for strongly clustered
    replies: docs/intervals.md.

    Takes replies that are 1, and scored replies, by request, shape (..., R) each. The estimates have the shape (...)
    and n scored replies; they are NaN without any.
    """
    n, requests = count_R.sum(axis=-1), (count_R > 0).sum(axis=-1)
    some = n > 0
    ones = total_R.sum(axis=-1)
    share = ones / np.where(some, n, 1)
    rarer = np.where(requests > 1, np.minimum(ones, n - ones), 0.0)  # one request tells no correlation
    effect = shrunk_design_effect(
        variance_ratio(total_R, count_R), rarer, np.maximum(n, 1), np.maximum(requests, 1),
        settings.assumed_icc, settings.level,
    )  # fmt: skip
    worth = np.where(n > requests, n / effect, n)
    # Exact tails take long, and many are alike: each pair of share and number is computed once.
    each = np.stack([share, np.where(some, worth, 1)], axis=-1).reshape(-1, 2)
    pairs, which = np.unique(each, axis=0, return_inverse=True)
    if len(pairs) < MANY:
        ends = np.array([one_limit(float(s), float(n), settings.level) for s, n in pairs]).T
    else:
        ends = np.array(rate_interval(pairs[:, 0], pairs[:, 1], settings.level))
    low, high = (end[which.reshape(-1)].reshape(share.shape) for end in ends)
    low, high = np.minimum(low, share), np.maximum(high, share)
    share, low, high = (np.where(some, x, np.nan) for x in (share, low, high))
    return Estimates(share, low, high, np.full(n.shape, np.nan), n)


@lru_cache(1 << 12)
def one_limit(share: float, worth: float, level: float) -> tuple[float, float]:
    """`feint.stats.score.rate_interval` of one rate."""
    low, high = rate_interval(share, worth, level)
    return float(low), float(high)


def variance_ratio(total_R: Floats, count_R: Floats) -> Floats:
    """Variance of the mean of 0/1 replies estimated over requests, by that of independent replies; shape (...).

    Zero where no reply differs from the others, or with one request.
    """
    n, requests = np.maximum(count_R.sum(axis=-1), 1), (count_R > 0).sum(axis=-1)
    share = total_R.sum(axis=-1) / n
    clustered = np.square(total_R - share[..., None] * count_R).sum(axis=-1) * requests / np.maximum(requests - 1, 1)
    single = n * share * (1 - share)
    return np.where((requests > 1) & (single > 1e-12), clustered / np.where(single > 1e-12, single, 1), 0.0)


def summarise_cells(replies: Replies, twins: Replies, settings: Settings) -> dict[str, CellEntry]:
    """Findings per cell, in the order of the design, from replies to the requests and to their benign twins.

    The bounds are the rate if every missing reply were 0 and if every one were 1. `stated` is the share of the replies
    with label 1 whose reasoning states each motive, empty without such replies. A cell without planned replies has
    None for every number.
    """

    def rate(value: Floats, request: Ints) -> EstimateEntry:
        return compliance_rate(value, request, settings).as_dict()

    keys = sorted({key for stated in replies.stated[replies.value == 1] for key in stated})
    found: dict[str, CellEntry] = {}
    for code, cell in enumerate(replies.cells):
        here, tame = replies.where(replies.cell == code), twins.where(twins.cell == code)
        planned, missing = len(here.value), Counter(str(reason) for reason in here.reason if reason)
        gone, ones = missing.total(), float(np.nansum(here.value))
        complying = here.where(here.value == 1)
        states = {key: np.array([float(key in stated) for stated in complying.stated]) for key in keys}
        found[cell] = {
            "compliance": rate(here.value, here.request),
            "missing": dict(sorted(missing.items())),
            "missing_rate": gone / planned if planned else None,
            "bounds": {
                "low": ones / planned if planned else None,
                "high": (ones + gone) / planned if planned else None,
            },
            "twins": rate(tame.value, tame.request) if len(tame.value) else None,
            "stated": {key: rate(y, complying.request) for key, y in states.items()} if len(complying.value) else {},
            "voices": {
                voice: rate(here.value[here.voice == i], here.request[here.voice == i])
                for i, voice in enumerate(replies.voices)
            },
        }
    return found
