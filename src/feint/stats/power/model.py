"""Replies under a supposed gap: the rates of the cells, and the variance of one set of replies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feint.stats.power.spread import MASS, Spread, excess, rates_at
from feint.stats.score import outcomes
from feint.stats.types import Bools, Floats


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
        found: Floats = 1 + (per_request - 1) * self.between / np.maximum(self.variance, 1e-12)
        return found


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
    """Rates by cell such that the contrast is d: those of `moved` cells are shifted alike, to whatever it takes.

    If a shifted rate would leave the range from 0 to 1, all moved cells get one common rate instead.

    Args:
        rates_C: Rates as they are, shape (C,).
        weights: The contrast's weight of each cell.
        gap_D: What the contrast should be, shape (D,).

    Returns:
        Shape (D, C); NaN where a rate would leave the range from 0 to 1.
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
    """A contrast's sets of replies if its gap were d, requests being as unlike as stated.

    Args:
        rates_C: Rates of the cells as they are, shape (C,), none of them 0 or 1.
        weights: The contrast's weight of each cell.
        gap_D: Gaps to suppose, shape (D,).
        spread: How alike the replies to one request are.
    """
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
