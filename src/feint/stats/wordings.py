"""Effects of wording on a number: analysis of variance with requests as blocks."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from feint.stats.blocks import TINY, Blocked, codes, parts
from feint.stats.types import Floats, Ints


@dataclass(frozen=True)
class Variance:
    """The variance between groups in S studies, NaN where it is not defined.

    Attributes:
        share: Share of the variance that is between groups, 0 to 1, shape (S,).
        deviation: Standard deviation between groups, in the unit of the values, shape (S,).
        p: P value of "no variance between groups", shape (S,).
    """

    share: Floats
    deviation: Floats
    p: Floats


def between(values: Floats, group: Ints, within: Ints | None = None, request: Ints | None = None) -> Variance:
    """Variance between groups, in the additive model value = request + group + rest.

    With the means of the requests swept out, the groups have the information matrix ``A = diag(n_g) - C' diag(1/n_r)
    C``, C the counts by request and group, and the sum of squares ``q' A^+ q``, q the totals of the groups (intrablock
    analysis, Yates 1940). Groups may be parts of larger ones, whose sum of squares is taken out too. Then ``F = MSB /
    MSE``; equating mean squares to their expectations (Henderson 1953, method 3) gives ``deviation² = (SSB - df * MSE)
    / k`` and ``share = deviation² / (deviation² + MSE)``, each at least 0. Without `within` and `request` this is the
    one-way analysis and the intraclass correlation ICC(1) of Shrout & Fleiss 1979.

    Args:
        values: Shape (S, U).
        group: Code of the group, shape (U,).
        within: Code of the larger group, shape (U,); None for a single one.
        request: Code of the request, shape (U,); None where requests are not told apart.

    Returns:
        The estimates; NaN with too few groups, no group of two, or no variance.
    """
    studies, units = values.shape
    nothing = np.full(studies, np.nan)
    if not units:
        return Variance(nothing, nothing, nothing)
    one = np.zeros(units, dtype=np.int64)
    g, larger, r = codes(group), codes(one if within is None else within), codes(one if request is None else request)
    blocked = Blocked(g, r)
    groups, requests = len(blocked.group.size), len(blocked.request.size)
    swept = values - blocked.request.means(values)[:, r]
    member = np.zeros((groups, int(larger.max()) + 1))
    member[g, larger] = 1.0
    shared = blocked.information(member.T)
    inverse = np.linalg.pinv(shared @ member, hermitian=True)
    totals, total = blocked.group.sums(swept), np.square(swept).sum(axis=1)
    larger_totals = totals @ member
    rank = groups - parts(r, g)
    free, free_rest = rank - (member.shape[1] - parts(r, larger)), units - requests - rank
    if free < 1 or free_rest < 1:
        return Variance(nothing, nothing, nothing)
    explained = (totals * blocked.solve(totals)).sum(axis=1)
    ssb = np.maximum(explained - ((larger_totals @ inverse) * larger_totals).sum(axis=1), 0.0)
    mse = np.maximum(total - explained, 0.0) / free_rest
    k = blocked.trace() - float(np.sum(inverse * (shared @ shared.T)))
    variance = np.maximum((ssb - free * mse) / k, 0.0)
    p = np.where(mse > TINY, special.fdtrc(free, free_rest, ssb / free / np.where(mse > TINY, mse, 1)), ssb < TINY)
    share = np.where(variance > 0, variance / np.where(variance > 0, variance + mse, 1), 0.0)
    defined = total >= TINY
    return Variance(*(np.where(defined, found, np.nan) for found in (share, np.sqrt(variance), p)))


def recurring(wording: Ints) -> bool:
    """Tell if wordings come back over requests, and so can be told apart from requests.

    >>> recurring(np.array([0, 0, 1, 1])), recurring(np.array([0, 1, 2]))
    (True, False)
    """
    counts = np.unique(wording, return_counts=True)[1]
    return bool(len(counts)) and bool(np.median(counts) >= 2)


def wording_share(value_U: Floats, wording_U: Ints, voice_U: Ints) -> float | None:
    """Share of the variance of a contrast, over requests and wordings, that is between wordings.

    By wording where wordings come back over requests; by voice where every wording is told only once.

    Args:
        value_U: The contrast per request and wording, shape (U,).
        wording_U: Code of the wording, shape (U,).
        voice_U: Code of the voice, shape (U,).

    Returns:
        The share, 0 to 1, or None where it cannot be estimated.
    """
    share = float(between(value_U[None], wording_U if recurring(wording_U) else voice_U).share[0])
    return None if np.isnan(share) else share
