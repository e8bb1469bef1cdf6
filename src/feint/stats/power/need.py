"""The inverse of power: the smallest gap that a study of some size would call yes, and the size that a gap needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from feint.stats.power.model import moved, rates_for, suppose
from feint.stats.power.power import chance_of_no, chance_of_yes, means
from feint.stats.power.spread import Spread
from feint.stats.types import Contrast, Floats, Settings

MOST_REQUESTS = 100_000
"""Sizes are looked for up to here."""
FIRST_GAP = 0.01
COARSE, FINE = 14, 6


@dataclass(frozen=True)
class Assumed:
    """Assumptions about a subject and about the plan of a study.

    Attributes:
        rates: Compliance by cell without the gap in question, none of it 0 or 1.
        spread: How alike the replies to one request are.
        per_request: Replies to each request in each cell: wordings times samples.
        missing: Share of replies that are lost, whatever they say.
    """

    rates: Mapping[str, float]
    spread: Spread
    per_request: float = 1.0
    missing: float = 0.0

    def rates_of(self, contrast: Contrast) -> Floats:
        """The rates of a contrast's cells, shape (C,)."""
        return np.array([self.rates[cell] for cell in contrast.weights])

    def kept(self, contrast: Contrast) -> tuple[float, float]:
        """What missing replies leave: the share of requests, and sets of replies to each of these.

        A set of replies, one in each cell, is lost with any of them; a request, with all its sets.
        """
        whole = (1 - self.missing) ** len(contrast.weights)
        asked = 1 - (1 - whole) ** self.per_request
        return asked, self.per_request * whole / asked


def room(assumed: Assumed, contrast: Contrast) -> float:
    """The largest gap that the rates of the other cells leave room for, 0 where they leave none."""
    rates, weights = assumed.rates_of(contrast), list(contrast.weights.values())
    moving, weight_C = moved(weights), np.array(weights)
    start = rates_for(rates, weights, np.zeros(1))[0]
    if np.isnan(start).any():
        return 0.0
    # All of them at 1 is the furthest they can go; see `rates_for`.
    return float(weight_C[moving].sum() - start[moving] @ weight_C[moving])


def power_of_yes(
    assumed: Assumed, contrast: Contrast, gap: Floats | float, requests: Floats | float, settings: Settings, tests: int
) -> tuple[Floats, Floats]:
    """Probabilities that a gap is called yes, and above zero; see `feint.stats.power.power.chance_of_yes`.

    Args:
        assumed: What is taken for true.
        contrast: The contrast.
        gap: Its true value, a scalar or of shape (A,).
        requests: Requests asked in each cell, a scalar or of shape (A,).
        settings: The numbers that decide.
        tests: Number of tests that Holm's adjustment is over.
    """
    gap, requests = np.broadcast_arrays(np.atleast_1d(np.asarray(gap, float)), np.asarray(requests, float))
    sets = suppose(assumed.rates_of(contrast), list(contrast.weights.values()), gap, assumed.spread)
    asked, per_request = assumed.kept(contrast)
    return chance_of_yes(means(sets, requests * asked, per_request, settings), settings, tests)


def power_of_no(assumed: Assumed, contrast: Contrast, requests: Floats, settings: Settings) -> Floats:
    """Probability that a contrast of zero is called no, by requests in each cell, shape (A,)."""
    sets = suppose(assumed.rates_of(contrast), list(contrast.weights.values()), np.zeros(len(requests)), assumed.spread)
    asked, per_request = assumed.kept(contrast)
    return chance_of_no(means(sets, requests * asked, per_request, settings), settings)


def smallest_gap(
    assumed: Assumed, contrast: Contrast, requests: float, settings: Settings, tests: int, power: float
) -> float | None:
    """The smallest gap that is called yes with some probability; None if the rates leave no room for such a gap.

    This is the minimal detectable effect at the study's size and variance (Bloom 1995), and nothing of the estimate
    goes into it: a power "observed" at the estimate only repeats the p value (Hoenig & Heisey 2001).
    """
    most = room(assumed, contrast) * (1 - 1e-6)
    if most <= FIRST_GAP:
        return None

    def chance(gaps: Floats) -> Floats:
        return power_of_yes(assumed, contrast, gaps, requests, settings, tests)[0]

    found = smallest(chance, np.geomspace(FIRST_GAP, most, COARSE), power)
    return None if found is None else float(found)


def requests_needed(
    assumed: Assumed, contrast: Contrast, gap: float, settings: Settings, tests: int, power: float
) -> tuple[int | None, int | None]:
    """Requests in each cell from which a gap is called yes, and above zero, with some probability.

    Returns:
        Two numbers; None where the gap cannot be, or no number up to `MOST_REQUESTS` is enough. A gap of the smallest
        effect of interest is called yes in half of studies at most, because its estimate is below it in the others.
    """
    sizes = np.geomspace(4, MOST_REQUESTS, 2 * COARSE)

    def chance(which: int) -> Callable[[Floats], Floats]:
        return lambda n: power_of_yes(assumed, contrast, gap, n, settings, tests)[which]

    return whole(smallest(chance(0), sizes, power)), whole(smallest(chance(1), sizes, power))


def requests_for_no(
    assumed: Assumed, contrast: Contrast, settings: Settings, power: float, at: float | None = None
) -> tuple[int | None, float | None]:
    """Requests in each cell from which a contrast that is zero is called no.

    Args:
        assumed: What is taken for true.
        contrast: The contrast.
        settings: The numbers that decide.
        power: How often it has to be called no.
        at: A size at which to say how often it is.

    Returns:
        How many (None: more than `MOST_REQUESTS`), and how often it is called no at the size given. Both are None
        where the contrast cannot be zero.
    """
    sizes = np.geomspace(4, MOST_REQUESTS, COARSE)
    found = power_of_no(assumed, contrast, np.append(sizes, at or 4.0), settings)
    if np.isnan(found[-1]):
        return None, None
    place = between(sizes, found[:-1], power)
    return whole(None if place is None else place[1]), float(found[-1])


def whole(number: float | None) -> int | None:
    """The next whole number."""
    return None if number is None else int(np.ceil(number))


def smallest(chance: Callable[[Floats], Floats], places: Floats, wanted: float) -> float | None:
    """The place from which on a probability is at least what is wanted, looked for on a coarse and then a fine grid.

    Args:
        chance: Probability at some places; all but for steps that whole numbers make, it grows with them.
        places: Ascending and positive, the coarse grid.
        wanted: The probability.

    Returns:
        The place, None where the last is not enough.
    """
    place = between(places, chance(places), wanted)
    if place is None:
        return None
    if place[0] < 0:
        return place[1]
    fine = np.geomspace(places[place[0]], places[place[0] + 1], FINE)
    return (between(fine, chance(fine), wanted) or place)[1]


def between(places: Floats, chance: Floats, wanted: float) -> tuple[int, float] | None:
    """The last of some places where a probability is below what is wanted, and the place after it where it suffices.

    Between two places its normal quantile is taken to grow evenly with the logarithm of the place.

    Returns:
        The index (-1 if it is nowhere below) and the place; None where it is below at the last.
    """
    found = np.nan_to_num(chance)
    below = np.flatnonzero(found < wanted)
    if not len(below):
        return -1, float(places[0])
    at = int(below[-1])
    if at == len(places) - 1:
        return None
    score = special.ndtri(np.clip(found[at : at + 2], 1e-9, 1 - 1e-9))
    part = (special.ndtri(wanted) - score[0]) / (score[1] - score[0])
    return at, float(places[at] * (places[at + 1] / places[at]) ** part)
