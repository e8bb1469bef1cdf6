"""Effects of wording on a number: analysis of variance with requests as blocks, for many studies at once."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from feint.stats.types import Floats, Ints

TINY = 1e-9


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

    Values have the shape (S, U), codes of the group, the larger group (None for a single one) and the request (None
    where requests are not told apart) the shape (U,). NaN with too few groups, no group of two, or no variance.
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
    """Tell if wordings come back over requests, and so can be told apart from requests."""
    counts = np.unique(wording, return_counts=True)[1]
    return bool(len(counts)) and bool(np.median(counts) >= 2)


def wording_share(value_U: Floats, wording_U: Ints, voice_U: Ints) -> float | None:
    """Share of the variance of a contrast, by request and wording, that is between wordings: 0 to 1, or None.

    Between voices where every wording is told only once. None where the share cannot be estimated.
    """
    share = float(between(value_U[None], wording_U if recurring(wording_U) else voice_U).share[0])
    return None if np.isnan(share) else share


class Grouping:
    """Sums over groups along the last axis.

    Attributes:
        code: Code of the group of each unit, from 0 without gaps, shape (U,).
        size: Units per group, shape (G,).
    """

    def __init__(self, code: Ints) -> None:
        self.code, self.size = code, np.bincount(code)
        self.order = np.argsort(code, kind="stable")
        self.starts = np.searchsorted(code[self.order], np.arange(len(self.size)))

    def sums(self, values: Floats) -> Floats:
        """Sums per group, from shape (..., U) to (..., G)."""
        return np.asarray(np.add.reduceat(values[..., self.order], self.starts, axis=-1))

    def means(self, values: Floats) -> Floats:
        """Means per group, from shape (..., U) to (..., G)."""
        return np.asarray(self.sums(values) / self.size)


class Blocked:
    """Groups with requests as blocks: the information matrix A of `between`, never written out.

    Factorising the matrix takes seconds where every core is busy, as while a local model replies.
    """

    def __init__(self, g: Ints, r: Ints) -> None:
        self.group, self.request = Grouping(g), Grouping(r)

    def information(self, x_G: Floats) -> Floats:
        """The product A x, shape (..., G)."""
        means = self.request.means(x_G[..., self.group.code])
        return np.asarray(self.group.size * x_G - self.group.sums(means[..., self.request.code]))

    def trace(self) -> float:
        """The trace of A."""
        groups, asked = len(self.group.size), self.request.size
        pairs, count = np.unique(self.request.code * groups + self.group.code, return_counts=True)
        return len(self.group.code) - float((np.square(count) / asked[pairs // groups]).sum())

    def solve(self, q_G: Floats) -> Floats:
        """An x with A x = q, by conjugate gradients with the diagonal as preconditioner; shape (..., G)."""
        size = self.group.size
        x, rest = np.zeros(q_G.shape), q_G.astype(float)
        scaled = rest / size
        step, before = scaled, (rest * scaled).sum(axis=-1)
        enough = TINY**2 * before
        for _ in range(10 * q_G.shape[-1]):
            image = self.information(step)
            curvature = (step * image).sum(axis=-1)
            # A is singular along equal shifts of a part: what is left of q there is rounding.
            going = (before > enough) & (curvature > TINY * (step * size * step).sum(axis=-1))
            if not going.any():
                break
            length = np.where(going, before / np.where(going, curvature, 1), 0.0)[..., None]
            x, rest = x + length * step, rest - length * image
            scaled = rest / size
            after = (rest * scaled).sum(axis=-1)
            step = scaled + np.where(going, after / np.where(going, before, 1), 0.0)[..., None] * step
            before = np.where(going, after, 0.0)
        return x


def codes(values: Ints) -> Ints:
    """Codes from 0 without gaps."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def parts(a_U: Ints, b_U: Ints) -> int:
    """Number of connected parts of the graph whose edges join a[u] and b[u]."""
    label = np.arange(int(a_U.max()) + 1)
    while True:
        of_b = np.full(int(b_U.max()) + 1, len(label))
        np.minimum.at(of_b, b_U, label[a_U])
        following = label.copy()
        np.minimum.at(following, a_U, of_b[b_U])
        if (following == label).all():
            return len(np.unique(label))
        label = following
