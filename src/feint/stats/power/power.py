"""Probabilities of yes and no under a supposed gap: in closed form, for the one decision rule.

The mean of a contrast over requests is taken for normal, with the variance that the supposed truth gives it. The
decision for each mean follows from the test of `feint.stats.score.score_interval`, with the likeliest shares of
replies for this mean (the supposed shares, exponentially tilted; Csiszár 1984) and the design effect that the study
would find (`pairs_of_moments`). docs/planning.md says how well it agrees with simulated studies.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from feint.stats.power.spread import Sets
from feint.stats.score import Path, shrunk_design_effect
from feint.stats.types import Floats, Settings

REACH, STEPS = 5.0, 25
"""How far around the supposed gap means are looked at, in standard errors, and how many."""
GUESSES = 8
"""Quantiles of what a study may take the variance between its requests for."""
FEWEST = 1e-5
"""A share that is taken for none, being less than the steps in which `Path` is searched can tell from it."""
FINEST = 12
"""Largest denominator of a contrast whose means lie on a grid; others are taken for continuous."""


@dataclass(frozen=True)
class Means:
    """The means that a study may find under supposed truths, and the tests of these means.

    Attributes:
        sets: The truths, shape (A,).
        error: Standard deviation of the mean, shape (A,).
        shares: Likeliest shares at each mean, shape (A, STEPS, K).
        mean: The means, ascending, shape (A, STEPS).
        number: How many sets of replies the test takes them to rest on, shape (A, GUESSES, STEPS).
        step: Distance of two means that the study can have, 0 where they lie anywhere; shape (A, 1).
    """

    sets: Sets
    error: Floats
    shares: Floats
    mean: Floats
    number: Floats
    step: Floats

    def far(self, target: float, side: int) -> Floats:
        """Distance of means above a target (side 1) or below (-1), in errors of the test; (A, GUESSES, STEPS)."""
        values, seen = self.sets.values, self.shares
        if side > 0:  # the path leads upwards, so the contrast is turned round
            values, seen = -values[::-1], seen[..., ::-1]
        variance = Path(np.broadcast_to(values, seen.shape), seen).first(lambda d, _: d >= -side * target)[1]
        away = (self.mean - target) / np.sqrt(np.maximum(variance, 1e-12))
        return np.asarray(np.where(side * away > 0, away, -side * np.inf)[:, None] * np.sqrt(self.number))

    def beyond(self, limit: Floats) -> Floats:
        """Probability of a mean at or above a limit of shape (A, G), averaged over G; shape (A,)."""
        return np.asarray(special.ndtr((self.sets.gap[:, None] - limit) / self.error[:, None]).mean(axis=1))


def means(sets: Sets, requests: Any, per_request: float, settings: Settings) -> Means:
    """Prepare what `chance_of_yes` and `chance_of_no` take, for supposed truths of shape (A,).

    Requests, 2 or more, have replies in every cell; `per_request` sets of them, which is wordings times samples.
    """
    requests = np.maximum(np.broadcast_to(np.asarray(requests, float), sets.gap.shape), 2)
    replies, clustering = requests * per_request, sets.clustering(per_request)
    error = np.sqrt(np.maximum(sets.variance * clustering / replies, 1e-12))
    # The likeliest shares around the supposed ones, in the order of their means.
    tilt = np.linspace(-REACH, REACH, STEPS) * (error / np.maximum(sets.variance, 1e-12))[:, None]
    exponent = tilt[..., None] * sets.values
    shares: Floats = sets.shares[:, None] * np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    shares[shares < FEWEST] = 0
    shares /= shares.sum(axis=-1, keepdims=True)
    number = replies[:, None, None] / used_effects(shares, clustering, requests, per_request, settings)
    step = grid_step(sets.values, replies, per_request)[:, None]
    return Means(sets, error, shares, shares @ sets.values, number, step)


def chance_of_yes(found: Means, settings: Settings, tests: int) -> tuple[Floats, Floats]:
    """Probabilities that a contrast is decided yes, and that a contrast of any size is significantly above zero.

    Holm's adjustment is taken at its strictest: as if no other contrast of the design were significant, so that the p
    value must be below the error rate over the number of tests. Others that are significant add power. Both
    probabilities have the shape (A,); they are NaN where the gap cannot be.
    """
    limit = crossing(found.mean, found.far(0.0, 1), -special.ndtri(settings.alpha / tests / 2))
    above = at_least(limit, found.step)
    large = at_least(np.full_like(above, settings.smallest_effect), np.broadcast_to(found.step, above.shape))
    return found.beyond(np.maximum(above, large)), found.beyond(above)


def chance_of_no(found: Means, settings: Settings) -> Floats:
    """Probability that the interval is inside the zone of effects too small to matter, shape (A,)."""
    small, z = settings.smallest_effect, -special.ndtri(settings.alpha / 2)
    first = at_least(crossing(found.mean, found.far(-small, 1), z), found.step)
    last = -at_least(-crossing(found.mean, found.far(small, -1), -z), found.step)
    chance = special.ndtr((last - found.sets.gap[:, None]) / found.error[:, None])
    chance -= special.ndtr((first - found.sets.gap[:, None]) / found.error[:, None])
    return np.maximum(chance, 0).mean(axis=1)  # type: ignore[no-any-return]


def used_effects(
    shares: Floats, clustering: Floats, requests: Floats, per_request: float, settings: Settings
) -> Floats:
    """Design effects that `feint.stats.score.pairs_of_moments` may find, shape (A, GUESSES, STEPS).

    It estimates the variance between requests, in effect a chi-squared number on ``requests - 1`` degrees of freedom.
    With one reply in each cell nothing is left to estimate: the variance of 0/1 replies follows from the rates.
    """
    freedom = (requests - 1)[:, None]
    quantile = (np.arange(GUESSES) + 0.5) / GUESSES
    drawn = special.chdtri(freedom, 1 - quantile) / freedom
    ratio = (clustering * (requests - 1) / requests)[:, None] * (drawn + (1 - drawn) / max(per_request, 1))
    replies = (requests * per_request)[:, None, None]
    rarer = replies * (1 - shares.max(axis=-1))[:, None]
    asked = requests[:, None, None]
    effect = shrunk_design_effect(ratio[..., None], rarer, replies, asked, settings.assumed_icc, settings.level)
    return np.asarray(np.maximum(effect, asked / (asked - 1)))


def crossing(mean: Floats, seen: Floats, wanted: float) -> Floats:
    """The mean from which on a quantity that grows with it reaches a value; shape (A, G).

    Means ascend, shape (A, M); the quantity has the shape (A, G, M). Where no mean has reached the value the result is
    infinite, where all have, minus infinite.
    """
    reached = seen >= wanted
    at = np.argmax(reached, axis=-1)
    before = np.maximum(at - 1, 0)
    low, high = (np.take_along_axis(seen, place[..., None], axis=-1)[..., 0] for place in (before, at))
    start, end = (np.take_along_axis(mean, place, axis=-1) for place in (before, at))
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(np.isfinite(low) & (high > low), (wanted - low) / (high - low), 1.0)
    found = np.where(reached.all(axis=-1), -np.inf, start + np.clip(part, 0, 1) * (end - start))
    return np.where(reached.any(axis=-1), found, np.inf)


def grid_step(values: Floats, replies: Floats, per_request: float) -> Floats:
    """The distance of two means that a study can have, shape (A,); 0 where they lie close or anywhere."""
    for parts in range(1, FINEST + 1):
        if per_request == 1 and np.allclose(values * parts, np.round(values * parts), atol=1e-6):
            return 1 / (parts * replies)
    return np.zeros_like(replies)


def at_least(limit: Floats, step: Floats) -> Floats:
    """Half a step below the first mean that reaches a limit: the correction of a normal for a sum of whole numbers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        place = (np.ceil(limit / step - 1e-9) - 0.5) * step
    return np.where((step > 0) & np.isfinite(limit), place, limit)
