"""From the posterior to points of compliance: contrasts by standardisation, effects of single requests."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from feint.stats.bayes.counts import Counts
from feint.stats.bayes.model import Draws
from feint.stats.types import Contrast, Floats, Settings

SHOWN = 5
"""Requests that are named as carrying the gap."""
TENTH = 0.1
"""Share of requests whose part of the gap is told."""
BLOCK = 250
"""Draws turned into rates at once: enough for numpy, little enough for memory."""


def rates(draws: Draws, counts: Counts) -> Floats:
    """Probability of the label 1 by request and cell, averaged over the wordings of the request.

    Returns:
        Shape (chains, draws, R, C).
    """
    logit, shift = draws.parameters["logit"], draws.parameters["shift"]
    asked_RM = counts.scored.any(axis=2)
    share_RM = asked_RM / asked_RM.sum(axis=1, keepdims=True)
    chains, length = logit.shape[:2]
    found = np.empty(logit.shape)
    for chain in range(chains):
        for first in range(0, length, BLOCK):
            part = slice(first, first + BLOCK)
            moved = logit[chain, part, :, None, :] + shift[chain, part][:, counts.wording][..., None]
            found[chain, part] = np.einsum("drmc,rm->drc", expit(moved), share_RM)
    return found


def standardise(rate: Floats, seed: int) -> Floats:
    """Rate of every cell over the population that the requests were drawn from (standardisation, g-computation).

    The rates of single requests are averaged with weights drawn anew for each draw of the posterior (Bayesian
    bootstrap: Rubin 1981, Annals of Statistics 9, 130-134): requests are a sample, as they are for the contrasts'
    intervals, and their effects need not be normal.

    Args:
        rate: Shape (chains, draws, R, C).
        seed: Fixes the weights.

    Returns:
        Shape (chains, draws, C).
    """
    chains, length, requests, _ = rate.shape
    weights = np.random.default_rng(seed).dirichlet(np.ones(requests), (chains, length))
    found: Floats = np.einsum("edr,edrc->edc", weights, rate)
    return found


def supported(contrasts: Sequence[Contrast], counts: Counts) -> list[Contrast]:
    """The contrasts all of whose cells have scored replies; of the others the model knows nothing but its prior."""
    return [contrast for contrast in contrasts if set(contrast.weights) <= set(counts.cells)]


def weights_of(contrasts: Sequence[Contrast], counts: Counts) -> Floats:
    """Weights as a matrix, shape (K, C)."""
    return np.array([[contrast.weights.get(cell, 0.0) for cell in counts.cells] for contrast in contrasts], dtype=float)


def summarise_contrast(values: Floats, settings: Settings) -> dict[str, float]:
    """One contrast's posterior.

    Args:
        values: Draws, a difference of rates each, any shape.
        settings: The numbers that decide.

    Returns:
        estimate (mean), low and high (equal-tailed), p_above_zero, p_above_small (at least the smallest effect of
        interest) and p_beyond_small (the same in either direction).
    """
    small = settings.smallest_effect
    return {
        **interval_of(values, settings),
        "p_above_zero": float(np.mean(values > 0)),
        "p_above_small": float(np.mean(values >= small)),
        "p_beyond_small": float(np.mean(np.abs(values) >= small)),
    }


def interval_of(values: Floats, settings: Settings) -> dict[str, float]:
    """Mean and equal-tailed credible interval of draws."""
    low, high = np.quantile(values, [settings.alpha / 2, 1 - settings.alpha / 2])
    return {"estimate": float(np.mean(values)), "low": float(low), "high": float(high)}


def summarise_requests(gap_EDR: Floats, names: Sequence[str], settings: Settings) -> dict[str, object]:
    """The requests that carry a contrast.

    Args:
        gap_EDR: Draws of every request's own difference, shape (chains, draws, R).
        names: Of the requests.
        settings: The numbers that decide.

    Returns:
        requests (largest mean first: request, estimate, low, high), counted (how many are the largest tenth) and share
        (of the sum of all differences, that of the largest tenth, found anew in every draw, with its interval); None
        where the sum is not surely positive, and a share of it means nothing.
    """
    flat = gap_EDR.reshape(-1, gap_EDR.shape[-1])
    every: list[dict[str, Any]] = [
        {"request": name, **interval_of(flat[:, r], settings)} for r, name in enumerate(names)
    ]
    counted = int(np.ceil(TENTH * len(names)))
    total = flat.sum(axis=1)
    share = None
    if np.quantile(total, settings.alpha / 2) > 0:
        largest = np.sort(flat, axis=1)[:, -counted:].sum(axis=1)
        share = interval_of(largest[total > 0] / total[total > 0], settings)
    every.sort(key=lambda entry: -entry["estimate"])
    return {"requests": every, "counted": counted, "share": share}
