"""Rates by cell: the share of labels of 1, missing replies by reason, and worst cases."""

from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np

from feint.stats.intervals import effective, wilson
from feint.stats.score import rate_interval, shrunk_design_effect
from feint.stats.table import Replies
from feint.stats.types import Estimate, Floats, Ints, Settings

FEW = 5  # replies of the rarer kind, below which a correlation cannot be read off them


def scored(values: Floats, request: Ints) -> tuple[Floats, Ints, int]:
    """The values that are known, numbers of their requests from 0 on, and how many requests these are."""
    known = ~np.isnan(values)
    asked, cluster = np.unique(request[known], return_inverse=True)
    return values[known], cluster, len(asked)


def clustered_rate(values: Floats, request: Ints, settings: Settings) -> Estimate:
    """Share of replies that are 1, with a Wilson interval that allows for repeated requests.

    Wilson's interval treats replies as exchangeable. Replies to one request are not, so n is divided by the design
    effect ``deff = v_clustered / v_independent`` of Kish 1965, at least 1, as Korn & Graubard 1998 and Franco et al.
    2019 do for surveys: ``v_clustered = R / (R - 1) * sum_r(sum_i(y_ri - p))² / N²``, ``v_independent = p(1 - p) / N``.
    Where fewer than five replies are of the rarer kind, the correlation cannot be estimated, and deff is at least
    what `Settings.assumed_icc` implies. Where every request was answered once, this is Wilson's interval exactly.

    Args:
        values: 1, 0 or NaN (left out), shape (N,).
        request: Code of the request, shape (N,).
        settings: Gives level and assumed_icc.

    Returns:
        Estimate with n scored replies; without any, all is None.
    """
    y, cluster, requests = scored(values, request)
    if not len(y):
        return Estimate()
    share, n = float(y.mean()), len(y)
    worth = n / design_effect(y, cluster, settings.assumed_icc) if n > requests else float(n)
    low, high = wilson(share, worth, settings.level)
    return Estimate(share, min(float(low), share), max(float(high), share), n)


def compliance_rate(values: Floats, request: Ints, settings: Settings) -> Estimate:
    """Share of replies that are 1, with the interval of `feint.stats.score.rate_interval`.

    The number of replies is divided by `feint.stats.score.shrunk_design_effect`; with one reply to each request
    that is 1. Wilson's interval (`clustered_rate`) covers too little for rates near 0 and 1 and for strongly clustered
    replies: docs/intervals.md.

    Args:
        values: 1, 0 or NaN (left out), shape (N,).
        request: Code of the request, shape (N,).
        settings: Gives level and assumed_icc.

    Returns:
        Estimate with n scored replies; without any, all is None.
    """
    y, cluster, requests = scored(values, request)
    if not len(y):
        return Estimate()
    share, n = float(y.mean()), len(y)
    worth = float(n)
    if n > requests:
        rarer = min(y.sum(), n - y.sum()) if requests > 1 else 0  # one request says nothing of correlation
        ratio = variance_ratio(y, cluster)
        worth = n / float(shrunk_design_effect(ratio, rarer, n, requests, settings.assumed_icc, settings.level))
    return Estimate(share, *_limits(share, worth, settings.level), n)


@lru_cache(1 << 12)  # of the hundreds of rates of one report most are alike, such as 0 of 25
def _limits(share: float, worth: float, level: float) -> tuple[float, float]:
    low, high = rate_interval(share, worth, level)
    return float(low), float(high)


def variance_ratio(y: Floats, cluster: Ints) -> float:
    """Variance of the mean of 0/1 replies estimated over clusters, by that of independent replies; 0 without either."""
    requests, residuals = int(cluster.max()) + 1, y - y.mean()
    if requests < 2 or not residuals.any():
        return 0.0
    clustered = requests / (requests - 1) * float(np.square(np.bincount(cluster, weights=residuals)).sum())
    return clustered / float(np.square(residuals).sum())


def design_effect(y: Floats, cluster: Ints, icc: float) -> float:
    """How many times larger the variance of the mean of 0/1 replies is than without clusters; see `clustered_rate`."""
    n, requests = len(y), int(cluster.max()) + 1
    assumed = n / float(effective(n, requests, icc))
    rarer = min(y.sum(), n - y.sum())
    if rarer == 0 or requests < 2:
        return assumed
    return max(1.0, variance_ratio(y, cluster), assumed if rarer < FEW else 1.0)


def summarise_cells(replies: Replies, twins: Replies, settings: Settings) -> dict[str, dict[str, Any]]:
    """Findings per cell, in the order of the design.

    Args:
        replies: Replies to the requests.
        twins: Replies to their benign twins.
        settings: Gives level and assumed_icc.

    Returns:
        By cell: compliance, missing by reason, missing_rate, worst-case bounds, twins, stated, voices. The bounds are
        the rate if every missing reply were a refusal and if every one were compliance. A cell without planned
        replies has None for every number.
    """
    keys = sorted({key for stated in replies.stated[replies.value == 1] for key in stated})
    found = {}
    for code, cell in enumerate(replies.cells):
        here, tame = replies.where(replies.cell == code), twins.where(twins.cell == code)
        planned, missing = len(here.value), Counter(str(reason) for reason in here.reason if reason)
        gone, ones = missing.total(), float(np.nansum(here.value))
        voices = {
            voice: compliance_rate(here.value[here.voice == i], here.request[here.voice == i], settings).as_dict()
            for i, voice in enumerate(replies.voices)
        }
        found[cell] = {
            "compliance": compliance_rate(here.value, here.request, settings).as_dict(),
            "missing": dict(sorted(missing.items())),
            "missing_rate": gone / planned if planned else None,
            "bounds": {
                "low": ones / planned if planned else None,
                "high": (ones + gone) / planned if planned else None,
            },
            "twins": compliance_rate(tame.value, tame.request, settings).as_dict() if len(tame.value) else None,
            "stated": stated_shares(here, keys, settings),
            "voices": voices,
        }
    return found


def stated_shares(replies: Replies, keys: list[str], settings: Settings) -> dict[str, dict[str, Any]]:
    """Share of the replies with label 1 whose reasoning states each motive, by motive; empty without such replies."""
    complying = replies.where(replies.value == 1)
    if not len(complying.value):
        return {}
    return {
        key: compliance_rate(
            np.array([float(key in stated) for stated in complying.stated]), complying.request, settings
        ).as_dict()
        for key in keys
    }
