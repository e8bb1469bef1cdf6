"""How far wording moves a number: analysis of variance with requests as blocks."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from feint.stats.blocks import TINY, Blocked, codes, parts
from feint.stats.types import Floats, Ints


@dataclass(frozen=True)
class Variance:
    """What varies between groups.

    Attributes:
        share: Share of the variance that is between groups, 0 to 1.
        deviation: Standard deviation between groups, in the unit of the values.
        p: P value of "no variance between groups".
    """

    share: float
    deviation: float
    p: float


def between(values: Floats, group: Ints, within: Ints | None = None, request: Ints | None = None) -> Variance | None:
    """Variance between groups, in the additive model value = request + group + rest.

    With the requests' means swept out, the groups have the information matrix ``A = diag(n_g) - C' diag(1/n_r) C``, C
    the counts by request and group, and the sum of squares ``q' A^+ q``, q the groups' totals (intrablock analysis,
    Yates 1940). Groups may lie within larger ones, whose sum of squares is taken out too. Then ``F = MSB / MSE``;
    equating mean squares to their expectations (Henderson 1953, method 3) gives ``deviation² = (SSB - df * MSE) / k``
    and ``share = deviation² / (deviation² + MSE)``, each at least 0. Without `within` and `request` this is the one-way
    analysis and the intraclass correlation ICC(1) of Shrout & Fleiss 1979.

    Args:
        values: Shape (U,).
        group: Code of the group, shape (U,).
        within: Code of the larger group it lies in, shape (U,); None for a single one.
        request: Code of the request, shape (U,); None where requests are not told apart.

    Returns:
        The estimates; None where they are not defined: too few groups, no group of two, or no variance.
    """
    if not len(values):
        return None
    g, larger = codes(group), codes(np.zeros(len(values)) if within is None else within)
    r = codes(np.zeros(len(values)) if request is None else request)
    blocked = Blocked(g, r)
    swept = values - blocked.request_means(values)[r]
    member = np.zeros((len(blocked.size), int(larger.max()) + 1))
    member[g, larger] = 1.0
    shared = np.stack([blocked.information(column) for column in member.T])
    inverse = np.linalg.pinv(np.einsum("ig,gj->ij", shared, member), hermitian=True)
    totals = np.bincount(g, weights=swept).astype(float)
    larger_totals = np.bincount(larger, weights=swept)
    rank, total = len(blocked.size) - parts(r, g), float(np.square(swept).sum())
    free, free_rest = rank - (member.shape[1] - parts(r, larger)), len(values) - len(blocked.asked) - rank
    if free < 1 or free_rest < 1 or total < TINY:
        return None
    explained = float(totals @ blocked.solve(totals))
    ssb = max(explained - float(larger_totals @ inverse @ larger_totals), 0.0)
    mse = max(total - explained, 0.0) / free_rest
    k = blocked.trace() - float(np.sum(inverse * np.einsum("ig,jg->ij", shared, shared)))
    variance = max((ssb - free * mse) / k, 0.0)
    p = float(special.fdtrc(free, free_rest, ssb / free / mse)) if mse > TINY else float(ssb < TINY)
    return Variance(variance / (variance + mse) if variance else 0.0, float(np.sqrt(variance)), p)


def recurring(wording: Ints) -> bool:
    """Whether wordings come back over requests, so that they can be told apart from requests."""
    counts = np.unique(wording, return_counts=True)[1]
    return bool(len(counts)) and bool(np.median(counts) >= 2)


def wording_share(value_U: Floats, wording_U: Ints, voice_U: Ints) -> float | None:
    """Share of the variance of a contrast, over requests and wordings, that is between wordings.

    By wording where wordings come back over requests; else, a wording being told only once, by voice.

    Args:
        value_U: The contrast per request and wording, shape (U,).
        wording_U: Code of the wording, shape (U,).
        voice_U: Code of the voice, shape (U,).

    Returns:
        The share, 0 to 1, or None where it cannot be estimated.
    """
    found = between(value_U, wording_U if recurring(wording_U) else voice_U)
    return None if found is None else found.share
