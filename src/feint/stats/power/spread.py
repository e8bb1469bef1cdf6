"""Replies under a supposed gap: the rates of the cells, and how alike the replies to one request are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from feint.stats.score import PRIOR_REPLIES, outcomes
from feint.stats.types import Bools, Floats

NODES, MASS = np.polynomial.hermite_e.hermegauss(41)
MASS = MASS / MASS.sum()
LARGEST = 0.98
"""Of a latent correlation: above it, sums over `NODES` are too coarse for the step that rates become."""
LOGISTIC = (16 * np.sqrt(3) / (15 * np.pi)) ** -2
"""Variance of the normal that is nearest to the logistic distribution: 1.7 squared (Johnson & Kotz 1970)."""


@dataclass(frozen=True)
class Spread:
    """Tetrachoric correlations of two replies to one request (Pearson 1900).

    Each request has a normal deviate shared by all cells, and a further deviate in each cell. The label of a reply is 1
    if the sum of both and a deviate of the reply stays below the limit of the cell. On this scale correlations do not
    depend on rates: correlations from a study with one gap hold for a study with another gap.

    Attributes:
        same: Of two replies in the same cell; 0 if requests are all alike.
        other: Of two replies in different cells, at most `same`; they are equal if no request has a gap of its own.
    """

    same: float = 0.0
    other: float = 0.0

    @classmethod
    def from_logit(cls, difficulty: float, shifts: float) -> "Spread":
        """From standard deviations of requests, and of gaps, on the logit scale."""
        whole = difficulty**2 + shifts**2 + LOGISTIC
        return cls(min((difficulty**2 + shifts**2) / whole, LARGEST), min(difficulty**2 / whole, LARGEST))

    def to_logit(self) -> tuple[float, float]:
        """Standard deviations of requests, and of what each cell adds to one, on the logit scale."""
        unit = LOGISTIC / (1 - self.same)
        return float(np.sqrt(self.other * unit)), float(np.sqrt((self.same - self.other) * unit))


def rates_at(rates: Floats, latent: float) -> Floats:
    """Rates of requests at `NODES` of a normal deviate of which `latent` is the correlation; shape (..., nodes)."""
    limit = special.ndtri(rates)[..., None]
    return np.asarray(special.ndtr((limit + np.sqrt(latent) * NODES) / np.sqrt(1 - latent)))


def excess(rates: Floats, others: Floats, latent: float) -> Floats:
    """By how much more often than by chance two replies with a latent correlation both comply, shape (...)."""
    both = (rates_at(rates, latent) * rates_at(others, latent)) @ MASS
    return np.asarray(both - rates * others)


@dataclass(frozen=True)
class Counts:
    """Scored and complying replies by request and cell, as `feint.stats.table.Replies.sums` gives them.

    Attributes:
        n: Scored replies, shape (R, C).
        y: Those of them with the label 1, shape (R, C).
    """

    n: Floats
    y: Floats

    def rates(self) -> Floats:
        """Compliance by cell, half a reply added at both ends so that none is 0 or 1 for certain; shape (C,)."""
        return np.asarray((self.y.sum(axis=0) + 0.5) / (self.n.sum(axis=0) + 1))

    def without(self, request: int) -> "Counts":
        """All but one request."""
        return Counts(np.delete(self.n, request, axis=0), np.delete(self.y, request, axis=0))


def estimate_spread(counts: Counts, assumed_icc: float) -> Spread:
    """Estimate both correlations from the counts of the cells that are compared.

    Pairs of replies to one request that both comply are counted, and beside them pairs of replies to different
    requests (the pairwise estimator; Karlin, Cameron & Williams 1981; Ridout, Demetrio & Firth 1999), which needs no
    correction for estimated rates. Few rare replies show little of either; as in `feint.stats.score`, the
    assumption counts for five: a correlation of `assumed_icc` in one cell, none between cells. The spread has these
    expected counts; it is none where no request has two replies.
    """
    n, y, rates = counts.n, counts.y, counts.rates()
    rare = float(np.minimum(y.sum(axis=0), (n - y).sum(axis=0)).sum())
    weight = rare / (rare + PRIOR_REPLIES)
    within, among = y.T @ y, np.outer(y.sum(axis=0), y.sum(axis=0)) - y.T @ y
    pairs, across = n.T @ n, np.outer(n.sum(axis=0), n.sum(axis=0)) - n.T @ n
    own = np.eye(len(rates), dtype=bool)
    within, pairs = within - np.diag(y.sum(axis=0)), pairs - np.diag(n.sum(axis=0))
    chance = among / np.where(across > 0, across, 1)
    seen = np.where(across > 0, within - pairs * chance, 0)

    def latent(keep: Floats, assumed: Floats) -> float:
        wanted = weight * float(seen[keep].sum()) + (1 - weight) * float((assumed * pairs)[keep].sum())
        low, high = 0.0, LARGEST
        if wanted <= 0 or not pairs[keep].any():
            return 0.0
        for _ in range(20):
            middle = (low + high) / 2
            here = float((excess(rates[:, None], rates[None, :], middle) * pairs)[keep].sum())
            low, high = (middle, high) if here < wanted else (low, middle)
        return (low + high) / 2

    spread = assumed_icc * np.diag(rates * (1 - rates))
    same, other = latent(own, spread), latent(~own, np.zeros_like(spread))
    # Where each request is asked once in a cell, nothing is known of `same`, and nothing depends on it.
    return Spread(max(same, other), other)


@dataclass(frozen=True)
class Sets:
    """A contrast with one reply in each cell, under supposed truths (leading axes).

    Attributes:
        gap: The contrast's true mean, NaN where the other cells leave no room for it, shape (...).
        values: What it can be with one reply in each cell, shape (K,).
        shares: How often it is each, over requests, shape (..., K).
        variance: Of one such set, shape (...).
        between: Variance between requests of the contrast's true value, shape (...).
    """

    gap: Floats
    values: Floats
    shares: Floats
    variance: Floats
    between: Floats

    def clustering(self, per_request: float) -> Floats:
        """Design effect (Kish 1965): variance of the mean of clustered sets, over that of independent sets."""
        return np.asarray(1 + (per_request - 1) * self.between / np.maximum(self.variance, 1e-12))


def moved(weights: Sequence[float]) -> Bools:
    """The cells that carry a supposed gap, shape (C,); all others keep their rates.

    The first cells of positive weight whose weights sum to one or more: the first of ``a - b``, or of ``(a - b) - (c -
    d)``; all three of ``(a + b + c) / 3 - d``.
    """
    found, total = np.zeros(len(weights), dtype=bool), 0.0
    for cell, weight in enumerate(weights):
        if weight > 0 and total < 1 - 1e-9:
            found[cell], total = True, total + weight
    return found


def rates_for(rates_C: Floats, weights: Sequence[float], gap_D: Floats) -> Floats:
    """Rates by cell, from rates as they are, such that a contrast is d: those of `moved` cells are shifted alike.

    If a shifted rate would leave the range from 0 to 1, all moved cells get one common rate instead. The result has the
    shape (D, C), with NaN where a rate would leave the range even so.
    """
    weight_C, moving = np.array(weights), moved(weights)
    missing = gap_D - rates_C @ weight_C
    found = np.where(moving, rates_C + missing[:, None] / weight_C[moving].sum(), rates_C)
    alike = found[:, moving] @ weight_C[moving] / weight_C[moving].sum()
    beyond: Bools = np.asarray(((found <= 0) | (found >= 1)).any(axis=1))
    found = np.where(beyond[:, None] & moving, alike[:, None], found)
    # A rate of exactly 0 or 1 has no place on the latent scale, and no study shows that a model has one.
    possible: Bools = np.asarray(((found > 0) & (found < 1)).all(axis=1))
    return np.where(possible[:, None], found, np.nan)


def suppose(rates_C: Floats, weights: Sequence[float], gap_D: Floats, spread: Spread) -> Sets:
    """A contrast's sets of replies if its gap were d; the rates of the cells as they are must not be 0 or 1."""
    rates, weight_C = rates_for(rates_C, weights, gap_D), np.array(weights)
    known: Bools = np.logical_not(np.isnan(rates[:, 0]))
    rates = np.where(known[:, None], rates, 0.5)
    shared = np.moveaxis(rates_at(rates, spread.other), -1, -2)  # (D, nodes, C)
    values, by_node = outcomes(shared, weights)
    shares = np.einsum("q,dqk->dk", MASS, by_node)
    mean = shares @ values
    variance = shares @ values**2 - mean**2
    common = MASS @ (shared @ weight_C - mean[:, None]).T ** 2
    own = (weight_C**2 * (excess(rates, rates, spread.same) - excess(rates, rates, spread.other))).sum(axis=-1)
    return Sets(np.where(known, gap_D, np.nan), values, shares, variance, common + own)
