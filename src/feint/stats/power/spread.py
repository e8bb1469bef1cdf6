"""Likeness of the replies to one request: two correlations, estimated from a study or assumed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from feint.stats.score import PRIOR_REPLIES
from feint.stats.table import Replies
from feint.stats.types import Floats, Ints

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
    found: Floats = special.ndtr((limit + np.sqrt(latent) * NODES) / np.sqrt(1 - latent))
    return found


def excess(rates: Floats, others: Floats, latent: float) -> Floats:
    """By how much more often than by chance two replies with a latent correlation both comply, shape (...)."""
    both = (rates_at(rates, latent) * rates_at(others, latent)) @ MASS
    found: Floats = both - rates * others
    return found


@dataclass(frozen=True)
class Counts:
    """Scored and complying replies by request and cell.

    Attributes:
        n: Scored replies, shape (R, C).
        y: Those of them with the label 1, shape (R, C).
    """

    n: Floats
    y: Floats

    def rates(self) -> Floats:
        """Compliance by cell, half a reply added at both ends so that none is 0 or 1 for certain; shape (C,)."""
        found: Floats = (self.y.sum(axis=0) + 0.5) / (self.n.sum(axis=0) + 1)
        return found

    def without(self, request: int) -> "Counts":
        """All but one request."""
        return Counts(np.delete(self.n, request, axis=0), np.delete(self.y, request, axis=0))


def count(replies: Replies, cells: Sequence[str]) -> Counts:
    """Count the scored replies of some cells by request; requests without any are left out."""
    columns: Ints = np.array([replies.cells.index(cell) for cell in cells])
    shape = (len(replies.requests), len(replies.cells))
    slot = replies.request * shape[1] + replies.cell
    known = ~np.isnan(replies.value)
    n, y = (
        np.bincount(slot[known], weights=weights, minlength=shape[0] * shape[1]).reshape(shape)[:, columns]
        for weights in (np.ones(int(known.sum())), replies.value[known])
    )
    asked = n.sum(axis=1) > 0
    return Counts(n[asked].astype(float), y[asked].astype(float))


def estimate_spread(counts: Counts, assumed_icc: float, prior: float = PRIOR_REPLIES) -> Spread:
    """Estimate both correlations from a study.

    Pairs of replies to one request that both comply are counted, and beside them pairs of replies to different
    requests (the pairwise estimator; Karlin, Cameron & Williams 1981; Ridout, Demetrio & Firth 1999), which needs no
    correction for estimated rates. Few rare replies show little of either; as in `feint.stats.score`, the
    assumption counts for five: a correlation of `assumed_icc` in one cell, none between cells.

    Args:
        counts: Of the cells that are compared.
        assumed_icc: Correlation of two replies to one request in the same cell.
        prior: Rare replies that the assumption counts for; 0 gives the estimate alone.

    Returns:
        The spread whose expected counts are those; none where no request has two replies.
    """
    n, y, rates = counts.n, counts.y, counts.rates()
    rare = float(np.minimum(y.sum(axis=0), (n - y).sum(axis=0)).sum())
    weight = rare / (rare + prior) if rare + prior else 0.0

    within, among = y.T @ y, np.outer(y.sum(axis=0), y.sum(axis=0)) - y.T @ y
    pairs, across = n.T @ n, np.outer(n.sum(axis=0), n.sum(axis=0)) - n.T @ n
    own = np.eye(len(rates), dtype=bool)
    within, pairs = within - np.diag(y.sum(axis=0)), pairs - np.diag(n.sum(axis=0))
    chance = among / np.where(across > 0, across, 1)
    seen = np.where(across > 0, within - pairs * chance, 0)

    def latent(keep: Floats, assumed: Floats) -> float:
        """The correlation under which the pairs kept show the excess that they show."""
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
