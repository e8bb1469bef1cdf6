"""The inverse of power: the smallest gap that a study would call yes, and the size that a gap needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from feint.stats.decide import DecisionRule
from feint.stats.differences import differences
from feint.stats.intervals import tests_of
from feint.stats.layout import CellMeans
from feint.stats.power.power import Means, chance_of_no, chance_of_yes, means
from feint.stats.power.spread import Counts, Spread, estimate_spread, moved, rates_for, suppose
from feint.stats.table import Replies, pair
from feint.stats.types import Contrast, Estimate, Floats, Settings
from feint.stats.units import POINTS

MOST_REQUESTS = 100_000
"""Sizes are looked for up to here."""
FIRST_GAP = 0.01
COARSE, FINE = 14, 6
POWER = 0.8
"""How often a gap has to be called yes to count as one that the study would have seen (Cohen 1988)."""


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

    def means(self, contrast: Contrast, gap: Floats, requests: Floats, settings: Settings) -> Means:
        """The means that studies may find, if the contrast's true value is a gap; both arrays have the shape (A,)."""
        sets = suppose(self.rates_of(contrast), list(contrast.weights.values()), gap, self.spread)
        asked, per_request = self.kept(contrast)
        return means(sets, requests * asked, per_request, settings)


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

    The gap and the requests asked in each cell are scalars or of shape (A,); Holm's adjustment is over the tests.
    """
    gap, requests = np.broadcast_arrays(np.atleast_1d(np.asarray(gap, float)), np.asarray(requests, float))
    return chance_of_yes(assumed.means(contrast, gap, requests, settings), settings, tests)


def power_of_no(assumed: Assumed, contrast: Contrast, requests: Floats, settings: Settings) -> Floats:
    """Probability that a contrast of zero is called no, by requests in each cell, shape (A,)."""
    return chance_of_no(assumed.means(contrast, np.zeros(len(requests)), requests, settings), settings)


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
    gaps = np.geomspace(FIRST_GAP, most, COARSE)
    return smallest(lambda gap: power_of_yes(assumed, contrast, gap, requests, settings, tests)[0], gaps, power)


def requests_needed(
    assumed: Assumed, contrast: Contrast, gap: float, settings: Settings, tests: int, power: float
) -> tuple[int | None, int | None]:
    """Requests in each cell from which a gap is called yes, and above zero, with some probability.

    None where the gap cannot be, or no number up to `MOST_REQUESTS` is enough. A gap of the smallest effect of interest
    is called yes in half of studies at most, because its estimate is below it in the others.
    """
    sizes = np.geomspace(4, MOST_REQUESTS, 2 * COARSE)

    def chance(which: int) -> Callable[[Floats], Floats]:
        return lambda n: power_of_yes(assumed, contrast, gap, n, settings, tests)[which]

    return whole(smallest(chance(0), sizes, power)), whole(smallest(chance(1), sizes, power))


def requests_for_no(
    assumed: Assumed, contrast: Contrast, settings: Settings, power: float, at: float | None = None
) -> tuple[int | None, float | None]:
    """Requests in each cell from which a contrast that is zero is called no, as often as `power` says.

    Beside them (None: more than `MOST_REQUESTS`), how often it is called no at the size `at`. Both are None where the
    contrast cannot be zero.
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
    """The place from which on a probability is at least what is wanted; None where the last is not enough.

    It is looked for on a coarse grid of positive places, ascending, and then on a fine one. But for steps that whole
    numbers make, the probability grows with the place.
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

    Between two places its normal quantile is taken to grow evenly with the logarithm of the place. The index is -1 if
    it is nowhere below; None where it is below at the last.
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


def summarise_power(
    replies: Replies,
    contrasts: Sequence[Contrast],
    settings: Settings,
    requests: int | None = None,
) -> dict[str, object]:
    """The power statement of a study of fixed size: from its size, its rates and its spread, and from no estimate.

    `requests` in each cell are stated where they are not those of the table. For a study that stops when it is decided
    see `feint.stats.looks.power.simulate_power`.
    The result is the content of `feint.findings.contrasts.PowerFinding`.
    """
    units, tests = pair(replies), tests_of(len(contrasts))
    found = {c.key: could_see(replies, units, c, settings, tests, requests) for c in contrasts}
    return {"share": POWER, "contrasts": found}


def could_see(
    replies: Replies,
    units: CellMeans,
    contrast: Contrast,
    settings: Settings,
    tests: int,
    requests: int | None,
) -> dict[str, object]:
    """The power statement of one contrast.

    The cells that the contrast subtracts are taken to comply as often as they did, and requests to differ as they did;
    the cell that the contrast expects to comply more is put where the gap would be what it is supposed to be.
    """
    pairs = differences(units, contrast.weights)
    asked = len(pairs.per_request()[0])
    per_request = float(pairs.replies[pairs.complete].sum()) / asked if asked else 0.0
    size = asked if requests is None else requests
    cells = list(contrast.weights)
    nothing = {"requests": size, "per_request": per_request, "gap": None, "room": None, "no": None,
               "requests_for_no": None, "rates": None, "same": None, "other": None}  # fmt: skip
    lost = replies.missing_rates()
    rule = DecisionRule.of(settings, tests)
    gone = rule.undecidable(Estimate(0.0, 0.0 if asked > 1 else None, 0.0, asked), {cell: lost[cell] for cell in cells})
    # What follows from rates and spread is told of few items too; only a gap is not seen with fewer than are needed.
    few = asked > 1 and not replace(rule, least=2).undecidable(
        Estimate(0.0, 0.0, 0.0, asked), {cell: lost[cell] for cell in cells}
    )
    if gone and not few:
        return {**nothing, "why": gone}
    counts = Counts(*replies.sums(cells))
    spread = estimate_spread(counts, settings.assumed_icc)
    rates = {cell: float(rate) for cell, rate in zip(cells, counts.rates(), strict=True)}
    assumed = Assumed(rates, spread, per_request)
    gap, most = smallest_gap(assumed, contrast, size, settings, tests, POWER), room(assumed, contrast)
    gap = None if gone else gap
    why = gone or ("" if gap is not None else "it has too few requests")
    if gap is None and not gone and most <= settings.smallest_effect:
        why = f"the other cells leave room for a gap of {POINTS.counted(max(most, 0.0))} at most"
    needed, zero = requests_for_no(assumed, contrast, settings, POWER, size)
    return {
        **nothing,
        "gap": gap,
        "room": most,
        "no": zero,
        "requests_for_no": needed,
        "rates": rates,
        "same": spread.same,
        "other": spread.other,
        "why": why,
    }
