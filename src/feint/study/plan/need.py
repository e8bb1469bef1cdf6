"""The number of items that an answer needs, under stated assumptions: by closed form, checked on simulated studies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from feint.stats.decide import DecisionRule
from feint.stats.differences import differences, estimate
from feint.stats.intervals import tests_of
from feint.stats.layout import Layout, tabulate
from feint.stats.power.need import Assumed, power_of_yes, requests_for_no, requests_needed
from feint.stats.power.spread import Spread, rates_for
from feint.stats.types import YES, Contrast, Floats, Settings
from feint.study.plan.frozen import Plan

BASE_RATES = (0.05, 0.2, 0.5)
"""Rates of the measure that are tried without a pilot. A rate near 1 is like a rate near 0 for *no*, and leaves no room
for a gap."""
DIFFICULTY, SHIFTS = 1.0, 0.5
"""Standard deviations on the logit scale of items, and of the shift of an item in a cell, without a pilot."""
MISSING = 0.02
"""Share of replies that are assumed lost, without a pilot."""
EFFECTS = (0.05, 0.1, 0.2, 0.4)
"""Gaps whose power is shown."""
SHOWN = np.unique(np.round(np.geomspace(10, 2000, 40))).astype(int)
"""Items in each cell at which the power is drawn."""
MOST_TIMES = 20
"""Replies to one item in a cell at most, in advice."""
STUDIES = 300
"""Number of simulated studies."""
LARGEST = 40_000
"""Replies of a cell in one study above which no study is simulated."""
WIDEST = 5.0
"""Standard deviation on the logit scale at most."""
NODES, MASS = np.polynomial.hermite_e.hermegauss(201)
MASS = MASS / MASS.sum()


@dataclass(frozen=True)
class Case:
    """Assumptions about a subject.

    Attributes:
        name: Such as "base rate 20 %".
        rates: Rates of the measure by cell, without the gap in question.
        spread: The similarity of the replies to one item.
        missing: Share of replies that are lost.
    """

    name: str
    rates: Mapping[str, float]
    spread: Spread
    missing: float

    def assumed(self, per_request: int) -> Assumed:
        """Return the assumptions for a study, given the replies to each item in each cell."""
        return Assumed(self.rates, self.spread, float(per_request), self.missing)


@dataclass(frozen=True)
class Need:
    """The items in each cell that one contrast needs; None where no number is enough.

    Attributes:
        yes: Items at which the gap is called yes.
        above: Items at which the gap is significantly above zero, of any size.
        no: Items at which a contrast of zero is called no.
        seen: `yes`; or `above`, where the gap is too small to be called yes often enough.
    """

    yes: int | None
    above: int | None
    no: int | None
    seen: int | None


def usual_cases(plan: Plan, base_rates: Sequence[float] = BASE_RATES) -> list[Case]:
    """Make a case for each base rate; all cells have the same rate, without the gap in question."""
    spread = Spread.from_logit(DIFFICULTY, SHIFTS)
    return [
        Case(f"base rate {100 * rate:g} %", dict.fromkeys(plan.read_design().cells, rate), spread, MISSING)
        for rate in base_rates
    ]


def needs(plan: Plan, case: Case, effect: float, power: float) -> dict[str, Need]:
    """Compute the items that each contrast of a design needs to find a gap (a fraction) in a share of studies."""
    contrasts, settings = plan.contrasts(), plan.read_settings()
    assumed, known = case.assumed(plan.per_request), dict[tuple[tuple[float, float], ...], Need]()
    found = {}
    for contrast in contrasts:
        alike = tuple((weight, case.rates[cell]) for cell, weight in contrast.weights.items())
        if alike not in known:
            yes, above = requests_needed(assumed, contrast, effect, settings, tests_of(len(contrasts)), power)
            no, _ = requests_for_no(assumed, contrast, settings, power)
            known[alike] = Need(yes, above, no, above if capped(effect, settings.smallest_effect) else yes)
        found[contrast.key] = known[alike]
    return found


def largest(numbers: Sequence[int | None]) -> int | None:
    """Return the largest number, or None if a number is missing.

    >>> largest([3, 7, 5]), largest([3, None])
    (7, None)
    """
    known = [number for number in numbers if number is not None]
    return max(known, default=None) if len(known) == len(numbers) else None


def capped(effect: float, smallest_effect: float) -> bool:
    """Tell if an effect is called yes in at most half of studies, because the estimate falls short in the others.

    >>> capped(0.05, 0.05), capped(0.06, 0.05)
    (True, False)
    """
    return effect <= smallest_effect + 1e-9


def curves(plan: Plan, case: Case, contrast: Contrast, effects: Sequence[float]) -> dict[float, list[float | None]]:
    """Compute the power of *yes* at the sizes in `SHOWN`, by gap; None where the rates leave no room for the gap."""
    assumed, settings, tests = case.assumed(plan.per_request), plan.read_settings(), tests_of(len(plan.contrasts()))
    found = {}
    for effect in effects:
        power, _ = power_of_yes(assumed, contrast, effect, SHOWN.astype(float), settings, tests)
        found[effect] = [None if np.isnan(value) else float(value) for value in power]
    return found


def fewer_requests(
    plan: Plan, case: Case, contrast: Contrast, effect: float, power: float, bank: int
) -> tuple[int, int] | None:
    """Find the replies to each item, at most `MOST_TIMES`, by which a bank of items is enough, and the items then."""
    settings, tests = plan.read_settings(), tests_of(len(plan.contrasts()))
    now = plan.per_request
    for times in sorted({now + 1, 2 * now, 3 * now, 5 * now, 10 * now, MOST_TIMES}):
        if now < times <= MOST_TIMES:
            yes, above = requests_needed(case.assumed(times), contrast, effect, settings, tests, power)
            needed = above if capped(effect, settings.smallest_effect) else yes
            if needed is not None and needed <= bank:
                return times, needed
    return None


def draw_labels(
    rates_C: Floats, spread: Spread, missing: float, shape: tuple[int, int, int], rng: np.random.Generator
) -> Floats:
    """Draw the labels of one study: a logistic model with a normal deviate of each request, and of each in each cell.

    Args:
        rates_C: Mean rates by cell.
        spread: The similarity of the replies to one request.
        missing: Share of replies that are lost.
        shape: Requests, wordings of each request, and samples of each wording.
        rng: Fixes the draws.

    Returns:
        1, 0, or NaN where the reply is lost; shape (cells, requests, wordings, samples).
    """
    difficulty, shifts = (min(deviation, WIDEST) for deviation in spread.to_logit())
    both = float(np.hypot(difficulty, shifts))

    def excess(at: float, rate: float) -> float:
        return float(expit(at + both * NODES) @ MASS - rate)

    # The logits whose mean probabilities are the rates.
    at = np.array([brentq(excess, -80, 80, args=(float(rate),), xtol=1e-12) for rate in rates_C])[:, None]
    if difficulty:
        at = at + difficulty * rng.standard_normal((1, shape[0]))
    if shifts:
        at = at + shifts * rng.standard_normal((len(rates_C), shape[0]))
    chance = np.broadcast_to(expit(at), (len(rates_C), shape[0]))[..., None, None]
    labels = (rng.random((len(rates_C), *shape)) < chance).astype(float)
    if missing:
        labels[rng.random(labels.shape) < missing] = np.nan
    return labels


def simulated_power(
    plan: Plan, case: Case, contrast: Contrast, gap: float, requests: int, studies: int, tell: Callable[[], None]
) -> float | None:
    """Return the share of simulated studies that find a gap in one contrast.

    A study finds it if it calls it yes; a gap that is too small for that (see `capped`), if it is above zero.

    One contrast has the gap (a fraction), the others have none. `tell` is called after each study.

    Returns:
        None if the rates leave no room for the gap, or for a study of more than `LARGEST` replies a cell.
    """
    sizes = (requests, int(plan.task["wordings"]), int(plan.task["samples"]))
    weights = list(contrast.weights.values())
    rates_C = rates_for(np.array([case.rates[cell] for cell in contrast.weights]), weights, np.array([gap]))[0]
    if np.isnan(rates_C).any() or np.prod(sizes) > LARGEST:
        return None
    settings, tests, rng = plan.read_settings(), tests_of(len(plan.contrasts())), np.random.default_rng(0)
    if capped(gap, settings.smallest_effect):
        settings = replace(settings, smallest_effect=0.0)
    seen = 0
    for _ in range(studies):
        seen += called(draw_labels(rates_C, case.spread, case.missing, sizes, rng), contrast, settings, tests)
        tell()
    return seen / studies


def called(labels: Floats, contrast: Contrast, settings: Settings, tests: int) -> bool:
    """Decide if one study calls a contrast yes, by the one decision rule, with Holm's adjustment at its strictest.

    The labels have shape (cells, requests, wordings, samples), the cells as the contrast names them. `tests` share the
    error rate.
    """
    request = np.repeat(np.arange(labels.shape[1]), labels.shape[2])
    layout = Layout(request, np.arange(len(request)), np.zeros_like(request), 1)
    units = labels.reshape(1, labels.shape[0], len(request), labels.shape[3])
    means = tabulate(units, layout, tuple(contrast.weights))
    found = estimate(differences(means, contrast.weights), settings).one()
    rule = DecisionRule.of(settings, tests)
    return rule.decide(found, None if found.p is None else found.p * tests, {}).decision == YES
