"""From the posterior to points of compliance: contrasts by standardisation, effects of single requests.

A rule fixed beforehand says where the model contradicts a decision.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from feint.stats.bayes.counts import Counts
from feint.stats.bayes.model import Draws
from feint.stats.types import NO, YES, Contrast, ContrastEntry, Floats, Settings
from feint.stats.units import POINTS

SHOWN = 5
"""Requests that are named as carrying the gap."""
TENTH = 0.1
"""Share of requests whose part of the gap is told."""
BLOCK = 250
"""Draws turned into rates at once: enough for numpy, little enough for memory."""


def rates(draws: Draws, counts: Counts) -> Floats:
    """Average the probability of the label 1 over the wordings of a request; shape (chains, draws, R, C)."""
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


def weights_of(contrasts: Sequence[Contrast], counts: Counts) -> Floats:
    """Return weights as a matrix, shape (K, C)."""
    return np.array([[contrast.weights.get(cell, 0.0) for cell in counts.cells] for contrast in contrasts], dtype=float)


def summarise_contrast(values: Floats, settings: Settings) -> dict[str, float]:
    """Summarise draws of one contrast, a difference of rates each.

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
    """Return the mean and the equal-tailed credible interval of draws."""
    low, high = np.quantile(values, [settings.alpha / 2, 1 - settings.alpha / 2])
    return {"estimate": float(np.mean(values)), "low": float(low), "high": float(high)}


def summarise_requests(gap_EDR: Floats, names: Sequence[str], settings: Settings) -> dict[str, object]:
    """Find the requests that carry a contrast, from draws of every request's own difference, (chains, draws, R).

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


def disagreements(
    contrasts: Mapping[str, ContrastEntry], model: Mapping[str, Mapping[str, float] | None], settings: Settings
) -> dict[str, str]:
    """Say where the two contradict each other.

    A contrast decided *yes* is contradicted where the model gives it a probability below the level to be above 0; one
    decided *no* for lying inside the smallest effect of interest, where the model holds a larger effect, in either
    direction, for likelier than not; one decided *no* for its opposite direction, where the model gives it a
    probability below the level to be below 0; any of them, where the two intervals do not overlap.

    Args:
        contrasts: The findings by contrast.
        model: The model's summary by contrast, see `summarise_contrast`; None where it has none.
        settings: The numbers that decide.

    Returns:
        Why, in one clause, by contrast.
    """
    found = {}
    for key, said in model.items():
        if said is not None and key in contrasts and (why := contradiction(contrasts[key], said, settings)):
            found[key] = why
    return found


def contradiction(entry: ContrastEntry, said: Mapping[str, float], settings: Settings) -> str:
    """Say why the two contradict each other on one contrast, or "" if they do not."""
    above, beyond = said["p_above_zero"], said["p_beyond_small"]
    if entry["decision"] == YES and above < settings.level:
        return f"decided yes, yet by the model it is above 0 with a probability of {100 * above:.1f} % only"
    low, high = entry["low"], entry["high"]
    opposite = high is not None and high < 0 and (entry["estimate"] or 0.0) <= -settings.smallest_effect
    if entry["decision"] == NO and opposite:
        if 1 - above < settings.level:
            return f"decided no for its direction, yet by the model it is below 0 with {100 * (1 - above):.1f} % only"
    elif entry["decision"] == NO and beyond > 0.5:
        small = f"{100 * settings.smallest_effect:g} points"
        return f"decided no, yet by the model it is {small} or more with a probability of {100 * beyond:.1f} %"
    if low is not None and high is not None and (said["high"] < low or high < said["low"]):
        own = POINTS.span(said["low"], said["high"])
        return f"its interval is {POINTS.span(low, high)} points, that of the model {own}"
    return ""
