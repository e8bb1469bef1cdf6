"""How many requests an answer needs: by contrast, and for the whole design, under stated assumptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feint.stats.intervals import tests_of
from feint.stats.power.need import Assumed, power_of_yes, requests_for_no, requests_needed, room
from feint.stats.power.spread import Spread
from feint.stats.types import Contrast
from feint.study.plan.frozen import Plan

BASE_RATES = (0.05, 0.2, 0.5)
"""Rates of complying that are tried where none is known. A model that nearly always complies is like one that nearly
never does for *no*, and leaves no room for a gap."""
DIFFICULTY, SHIFTS = 1.0, 0.5
"""Standard deviations on the logit scale of requests, and of what a cell adds to one, where none are known."""
MISSING = 0.02
"""Share of replies that are taken to be lost where it is not known."""
EFFECTS = (0.05, 0.1, 0.2, 0.4)
"""Gaps whose power is shown."""
SHOWN = np.unique(np.round(np.geomspace(10, 2000, 40))).astype(int)
"""Requests in each cell at which the power is drawn."""


@dataclass(frozen=True)
class Case:
    """One set of assumptions about a subject.

    Attributes:
        name: What it is called, such as "base rate 20 %".
        rates: Compliance by cell, without the gap that is looked for.
        spread: How alike the replies to one request are.
        missing: Share of replies that are lost.
    """

    name: str
    rates: Mapping[str, float]
    spread: Spread
    missing: float

    def assumed(self, per_request: int) -> Assumed:
        """The same for a study that asks each request so often in each cell."""
        return Assumed(self.rates, self.spread, float(per_request), self.missing)


@dataclass(frozen=True)
class Need:
    """Requests in each cell that one contrast needs; None where no number is enough.

    Attributes:
        yes: For the gap to be called yes.
        above: For the gap to be significantly above zero, of whatever size.
        no: For a contrast that is zero to be called no.
        room: The largest gap that the other cells leave room for.
    """

    yes: int | None
    above: int | None
    no: int | None
    room: float

    def seen(self, half: bool) -> int | None:
        """Return the requests that find the gap.

        Args:
            half: True if the gap cannot be called yes often enough; then it is enough to show a gap above zero.
        """
        return self.above if half else self.yes


def usual_cases(plan: Plan, base_rates: Sequence[float] = BASE_RATES) -> list[Case]:
    """A case for each base rate: every cell complies as often, but for the gap that is looked for."""
    spread = Spread.from_logit(DIFFICULTY, SHIFTS)
    return [
        Case(f"base rate {100 * rate:g} %", dict.fromkeys(plan.read_design().cells, rate), spread, MISSING)
        for rate in base_rates
    ]


def per_request_of(plan: Plan) -> int:
    """Replies to each request in each cell."""
    return int(plan.task["wordings"]) * int(plan.task["samples"])


def needs(plan: Plan, case: Case, effect: float, power: float) -> dict[str, Need]:
    """What each contrast of a design needs.

    Args:
        plan: The plan, for its design, settings, wordings and samples.
        case: What is assumed of the subject.
        effect: The gap that is to be found, a fraction.
        power: How often.
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
    """The largest of some numbers; None if one of them is."""
    known = [number for number in numbers if number is not None]
    return max(known, default=None) if len(known) == len(numbers) else None


def capped(effect: float, smallest_effect: float) -> bool:
    """Whether an effect is called yes in half of studies at most, because its estimate falls short in the others."""
    return effect <= smallest_effect + 1e-9


def curves(plan: Plan, case: Case, contrast: Contrast, effects: Sequence[float]) -> dict[float, list[float | None]]:
    """Power of *yes* at the numbers of requests in `SHOWN`, by gap; None where the gap cannot be."""
    assumed, settings, tests = case.assumed(per_request_of(plan)), plan.read_settings(), tests_of(len(plan.contrasts()))
    found = {}
    for effect in effects:
        power, _ = power_of_yes(assumed, contrast, effect, SHOWN.astype(float), settings, tests)
        found[effect] = [None if np.isnan(value) else float(value) for value in power]
    return found


def fewer_requests(
    plan: Plan, case: Case, contrast: Contrast, effect: float, power: float, bank: int, most: int = 20
) -> tuple[int, int] | None:
    """How often each request would have to be asked in a cell for a bank of requests to be enough.

    Returns:
        Replies to each request, and the requests needed then; None where even `most` replies are too few.
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
