"""The number of items that an answer needs, by contrast and for the whole design, under stated assumptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feint.stats.intervals import tests_of
from feint.stats.power.need import Assumed, power_of_yes, requests_for_no, requests_needed, room
from feint.stats.power.spread import Spread
from feint.stats.types import Contrast
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
        room: The largest possible gap, given the rates of the other cells.
    """

    yes: int | None
    above: int | None
    no: int | None
    room: float

    def seen(self, half: bool) -> int | None:
        """Return the number of items that finds the gap.

        Args:
            half: True if the gap cannot be called yes often enough; then it is enough to show a gap above zero.
        """
        return self.above if half else self.yes


def usual_cases(plan: Plan, base_rates: Sequence[float] = BASE_RATES) -> list[Case]:
    """Make a case for each base rate; all cells have the same rate, without the gap in question."""
    spread = Spread.from_logit(DIFFICULTY, SHIFTS)
    return [
        Case(f"base rate {100 * rate:g} %", dict.fromkeys(plan.read_design().cells, rate), spread, MISSING)
        for rate in base_rates
    ]


def per_request_of(plan: Plan) -> int:
    """Return the replies to each item in each cell."""
    return int(plan.task["wordings"]) * int(plan.task["samples"])


def needs(plan: Plan, case: Case, effect: float, power: float) -> dict[str, Need]:
    """Compute the items that each contrast of a design needs.

    Args:
        plan: The plan, for its design, settings, wordings and samples.
        case: The assumptions about the subject.
        effect: The gap that should be found, a fraction.
        power: The share of studies that should find the gap.
    """
    contrasts, settings = plan.contrasts(), plan.read_settings()
    assumed, known = case.assumed(per_request_of(plan)), dict[tuple[tuple[float, float], ...], Need]()
    found = {}
    for contrast in contrasts:
        alike = tuple((weight, case.rates[cell]) for cell, weight in contrast.weights.items())
        if alike not in known:
            yes, above = requests_needed(assumed, contrast, effect, settings, tests_of(len(contrasts)), power)
            no, _ = requests_for_no(assumed, contrast, settings, power)
            known[alike] = Need(yes, above, no, room(assumed, contrast))
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
    assumed, settings, tests = case.assumed(per_request_of(plan)), plan.read_settings(), tests_of(len(plan.contrasts()))
    found = {}
    for effect in effects:
        power, _ = power_of_yes(assumed, contrast, effect, SHOWN.astype(float), settings, tests)
        found[effect] = [None if np.isnan(value) else float(value) for value in power]
    return found


def fewer_requests(
    plan: Plan, case: Case, contrast: Contrast, effect: float, power: float, bank: int, most: int = 20
) -> tuple[int, int] | None:
    """Find the number of replies to each item in a cell by which a bank of items is enough.

    Returns:
        Replies to each item, and the items needed then; None where even `most` replies are too few.
    """
    settings, tests = plan.read_settings(), tests_of(len(plan.contrasts()))
    now = per_request_of(plan)
    for times in sorted({now + 1, 2 * now, 3 * now, 5 * now, 10 * now, most}):
        if now < times <= most:
            yes, above = requests_needed(case.assumed(times), contrast, effect, settings, tests, power)
            needed = above if capped(effect, settings.smallest_effect) else yes
            if needed is not None and needed <= bank:
                return times, needed
    return None
