"""Power of a study that stops when it is decided: simulated, because its size depends on its replies.

The studies are drawn from the model of `feint.stats.power.spread` and are decided as `feint.stats.looks.stopping`
decides: by the confidence sequence at every look, on the smallest p value so far.
"""

from collections.abc import Mapping

import numpy as np
from scipy import special

from feint.stats.decide import DecisionRule
from feint.stats.looks.simulate import at_looks
from feint.stats.looks.stopping import Looking
from feint.stats.power.need import Assumed, between, room, smallest_gap
from feint.stats.power.spread import rates_for
from feint.stats.types import NO, UNDETERMINED, YES, Contrast, Floats, Settings

STUDIES = 1000
"""Simulated studies behind a number: a share of 80 % is good to ± 2.5 points."""
STEP = 1.15
"""Ratio of two gaps at which studies are simulated; the gap in between is interpolated."""


def chances_when_stopping(
    assumed: Assumed,
    contrast: Contrast,
    gap: float,
    looking: Looking,
    settings: Settings,
    tests: int,
    studies: int = STUDIES,
) -> dict[str, float] | None:
    """Simulate studies that stop when one contrast is decided; return the share of each decision.

    Holm's adjustment is taken at its strictest, as in `feint.stats.power.power.chance_of_yes`. The last of the looks is
    the most that is asked. The draws are the same for the same arguments.

    Args:
        assumed: The rates without the gap, the spread of requests and the missing replies.
        contrast: The contrast that has the gap.
        gap: The true value of the contrast, a fraction.
        looking: When the studies are looked at.
        settings: The numbers that decide.
        tests: The number of tests that share the error rate.
        studies: The number of simulated studies.

    Returns:
        The shares of "yes", "no" and "undetermined"; None if the rates leave no room for the gap.
    """
    rates_C = rates_for(assumed.rates_of(contrast), list(contrast.weights.values()), np.array([gap]))[0]
    if np.isnan(rates_C).any():
        return None
    value_SR, sets_SR = draw_differences(assumed, contrast, rates_C, (studies, looking.looks[-1]))
    found = at_looks(value_SR, sets_SR, contrast.reach, looking, settings)
    p = np.minimum(np.where(np.isnan(found.p), 1.0, found.p) * tests, 1.0)
    said = DecisionRule.of(settings, tests).decisions(found.estimate, found.low, found.high, p)
    first = np.argmax(said != UNDETERMINED, axis=1)
    ended = said[np.arange(studies), first]
    return {decision: float((ended == decision).mean()) for decision in (YES, NO, UNDETERMINED)}


def draw_differences(
    assumed: Assumed, contrast: Contrast, rates_C: Floats, shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Draw the mean difference of every request, 0 where all its replies are lost, and the sets of replies behind it.

    A set has one reply in each cell of the contrast and is lost with any of them. `shape` counts studies and requests;
    both results have that shape, (S, R).
    """
    rng, spread, weight_C = np.random.default_rng(0), assumed.spread, np.array(list(contrast.weights.values()))
    least = int(assumed.per_request)
    planned = least + (rng.random(shape) < assumed.per_request - least)
    sets_SR = rng.binomial(planned, (1 - assumed.missing) ** len(weight_C))
    shared, own = np.sqrt(spread.other), np.sqrt(spread.same - spread.other)
    common = shared * rng.standard_normal(shape)
    value_SR: Floats = np.zeros(shape)
    for weight, rate in zip(weight_C, rates_C, strict=True):
        latent = special.ndtri(rate) + common + own * rng.standard_normal(shape)
        complied = rng.binomial(sets_SR, special.ndtr(latent / np.sqrt(1 - spread.same)))
        value_SR += weight * complied / np.maximum(sets_SR, 1)
    return value_SR, sets_SR.astype(float)


def smallest_gap_when_stopping(
    assumed: Assumed,
    contrast: Contrast,
    looking: Looking,
    settings: Settings,
    tests: int,
    power: float,
    studies: int = STUDIES,
) -> float | None:
    """Find the smallest gap that a study which stops when decided calls yes with some probability.

    The search begins at the smallest gap of a study of fixed size that asks the most requests: looking often sees no
    smaller one. None if the rates leave no room for such a gap.
    """
    most = room(assumed, contrast) * (1 - 1e-6)
    first = smallest_gap(assumed, contrast, looking.looks[-1], settings, tests, power)
    if first is None:
        return None
    gaps = np.append(first * STEP ** np.arange(int(np.log(most / first) / np.log(STEP)) + 1), most)
    chance: list[float] = []
    for gap in gaps:
        found: Mapping[str, float] = (
            chances_when_stopping(assumed, contrast, float(gap), looking, settings, tests, studies) or {}
        )
        chance.append(found.get(YES, 0.0))
        if chance[-1] >= power:
            place = between(gaps[: len(chance)], np.array(chance), power)
            return None if place is None else place[1]
    return None
