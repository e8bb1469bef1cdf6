"""The question that a plan answers, and the answer for one design: how many items each contrast needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from feint.base.errors import UsageError
from feint.base.words import Words
from feint.report.words import glossary
from feint.stats.types import Contrast
from feint.study.plan.check import STUDIES, simulated_power
from feint.study.plan.frozen import Plan
from feint.study.plan.need import BASE_RATES, EFFECTS, Case, Need, capped, curves, needs, usual_cases
from feint.study.plan.pilot import Pilot
from feint.study.plan.tasks import task_of
from feint.tasks.task import Plans

PICTURES = (".html", ".svg")
EFFECT = 0.1
"""The gap that is planned for where the user names no gap: twice the smallest effect of interest."""


@dataclass(frozen=True)
class Question:
    """The question that a plan answers.

    Attributes:
        effect: The gap to be found, a fraction.
        power: The share of studies that find it.
        base_rates: Rates of the measure to try without a pilot.
        picture: File for a drawing of power over items; None draws nothing.
        check: True to check the numbers on simulated studies.
    """

    effect: float = EFFECT
    power: float = 0.8
    base_rates: tuple[float, ...] = BASE_RATES
    picture: Path | None = None
    check: bool = True


def check_question(question: Question) -> None:
    """Check that a question can be answered.

    Raises:
        UsageError: A number out of range, or a picture of an unknown kind.
    """
    if not 0 < question.effect < 1:
        raise UsageError(f"--effect {100 * question.effect:g}: expected points between 0 and 100, such as 10")
    if not 0.5 <= question.power < 1:
        raise UsageError(f"--power {question.power:g}: expected a number from 0.5 to below 1, such as 0.8")
    for rate in question.base_rates:
        if not 0 < rate < 1:
            raise UsageError(f"--base-rate {100 * rate:g}: expected percent between 0 and 100, such as 20")
    if question.picture is not None and question.picture.suffix not in PICTURES:
        raise UsageError(f"--out {question.picture}: expected a file that ends with {' or '.join(PICTURES)}")


@dataclass(frozen=True)
class Checked:
    """The contrast that needs most in one case, simulated at its needed size.

    Attributes:
        contrast: Key of the contrast; "" where no number of items is enough for any contrast.
        requests: Items in each cell.
        share: The share of simulated studies that found the gap; None where nothing was simulated.
    """

    contrast: str = ""
    requests: int = 0
    share: float | None = None


@dataclass(frozen=True)
class Answer:
    """The answer for one design.

    Attributes:
        plan: The plan of the design.
        planned: The samples of the plan.
        question: The question.
        pilot: The pilot, None without one.
        cases: The assumptions about the subject, one case or several.
        needs: The items that each contrast needs, by case.
        drawn: The contrast whose power is drawn.
        curve: The power of the drawn contrast by gap, in the middle case, at the sizes in
            `feint.study.plan.need.SHOWN`.
        checked: The result of simulated studies, by case; empty without a check.
    """

    plan: Plan
    planned: Plans
    question: Question
    pilot: Pilot | None
    cases: Sequence[Case]
    needs: Sequence[Mapping[str, Need]]
    drawn: Contrast
    curve: Mapping[float, Sequence[float | None]]
    checked: Sequence[Checked]

    @property
    def words(self) -> Words:
        """Return the task's words."""
        return task_of(self.plan).words

    def label(self, contrast: str) -> str:
        """Return the name of a contrast."""
        return glossary(task_of(self.plan).name).label(contrast)

    @property
    def middle(self) -> Case:
        """Return the middle case."""
        return middle_of(self.cases)

    @property
    def half(self) -> bool:
        """True if the gap is too small to be called yes in more than half of studies."""
        return capped(self.question.effect, self.plan.read_settings().smallest_effect)


def steps_of(question: Question, cases: int) -> int:
    """Return the number of steps that `answer` tells."""
    return cases * (1 + (STUDIES if question.check else 0))


def cases_of(plan: Plan, question: Question, pilot: Pilot | None) -> list[Case]:
    """Return the cases to plan for.

    Raises:
        UsageError: The pilot did not ask in a cell of the design.
    """
    cells = list(plan.read_design().cells)
    return pilot.cases(cells) if pilot else usual_cases(plan, question.base_rates)


def middle_of(cases: Sequence[Case]) -> Case:
    """Return the middle case."""
    return cases[len(cases) // 2]


def answer(
    plan: Plan, planned: Plans, question: Question, cases: Sequence[Case], pilot: Pilot | None,
    tell: Callable[[int], None] = lambda steps: None,
) -> Answer:  # fmt: skip
    """Work out the answer for one design.

    Args:
        plan: The plan of the design.
        planned: The samples of the plan.
        question: The question.
        cases: The assumptions about the subject, see `cases_of`.
        pilot: The pilot, None without one.
        tell: Told the number of finished steps; see `steps_of`.
    """
    contrasts = plan.contrasts()
    drawn = next((contrast for contrast in contrasts if contrast.gap), contrasts[0])
    found = []
    for case in cases:
        found.append(needs(plan, case, question.effect, question.power))
        tell(1)
    curve = curves(plan, middle_of(cases), drawn, chart_effects(question.effect))
    checked = [
        checked_need(plan, case, need, question, tell)
        for case, need in zip(cases if question.check else (), found, strict=False)
    ]
    return Answer(plan, planned, question, pilot, cases, found, drawn, curve, checked)


def checked_need(
    plan: Plan, case: Case, found: Mapping[str, Need], question: Question, tell: Callable[[int], None]
) -> Checked:
    """Simulate the contrast that needs most, at its needed size."""
    half = capped(question.effect, plan.read_settings().smallest_effect)
    known = {key: number for key, need in found.items() if (number := need.seen(half)) is not None}
    if not known:
        tell(STUDIES)
        return Checked()
    key = max(known, key=lambda name: known[name])
    contrast = next(one for one in plan.contrasts() if one.key == key)
    share = simulated_power(plan, case, contrast, question.effect, known[key], above=half, tell=lambda: tell(1))
    return Checked(key, known[key], share)


def chart_effects(effect: float) -> list[float]:
    """Return the gaps whose power is shown.

    >>> chart_effects(0.1) == [0.05, 0.1, 0.2, 0.4]
    True
    """
    return sorted({*EFFECTS, round(effect, 6)})
