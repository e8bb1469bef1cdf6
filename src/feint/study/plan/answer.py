"""The question that a plan answers, and the answer for one design: how many items each contrast needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.progress import steps
from feint.report.words import glossary
from feint.stats.types import Contrast
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.need import (
    BASE_RATES,
    EFFECTS,
    STUDIES,
    Case,
    Need,
    capped,
    curves,
    needs,
    simulated_power,
    usual_cases,
)  # fmt: skip
from feint.study.plan.pilot import Pilot
from feint.tasks.plans import Plans
from feint.tasks.task import Task

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
    """Refuse numbers out of range, and a picture of an unknown kind.

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
        checked: By case, the contrast that needs most, simulated at its needed size: its key, the items, and the share
            of studies that found the gap (None where nothing was simulated). None where no number of items is enough
            for any contrast; empty without a check.
    """

    plan: Plan
    planned: Plans
    question: Question
    pilot: Pilot | None
    cases: Sequence[Case]
    needs: Sequence[Mapping[str, Need]]
    drawn: Contrast
    curve: Mapping[float, Sequence[float | None]]
    checked: Sequence[tuple[str, int, float | None] | None]

    @property
    def task(self) -> Task:
        """Return the task of the plan."""
        return task_of(self.plan)

    def label(self, contrast: str) -> str:
        """Return the name of a contrast."""
        return glossary(self.task.name).label(contrast)

    @property
    def middle(self) -> Case:
        """Return the middle case."""
        return self.cases[len(self.cases) // 2]

    @property
    def half(self) -> bool:
        """True if the gap is too small to be called yes in more than half of studies."""
        return capped(self.question.effect, self.plan.read_settings().smallest_effect)


def answer(plan: Plan, planned: Plans, question: Question, pilot: Pilot | None) -> Answer:
    """Work out the answer for one design, and show a bar on a terminal meanwhile.

    Raises:
        UsageError: The pilot did not ask in a cell of the design.
    """
    contrasts = plan.contrasts()
    cases = pilot.cases(list(plan.read_design().cells)) if pilot else usual_cases(plan, question.base_rates)
    total, done = len(cases) * (1 + (STUDIES if question.check else 0)), 0
    found = []
    checked: list[tuple[str, int, float | None] | None] = []
    with steps("working out power", Console(stderr=True)) as show:

        def tell(more: int = 1) -> None:
            nonlocal done
            done += more
            show(done, total)

        for case in cases:
            found.append(needs(plan, case, question.effect, question.power))
            tell()
        drawn = next((contrast for contrast in contrasts if contrast.gap), contrasts[0])
        curve = curves(plan, cases[len(cases) // 2], drawn, sorted({*EFFECTS, round(question.effect, 6)}))
        for case, need in zip(cases if question.check else (), found, strict=False):
            known = {one.key: number for one in contrasts if (number := need[one.key].seen) is not None}
            if not known:
                tell(STUDIES)
                checked.append(None)
                continue
            hardest = max((one for one in contrasts if one.key in known), key=lambda one: known[one.key])
            requests = known[hardest.key]
            share = simulated_power(plan, case, hardest, question.effect, requests, STUDIES, tell)
            checked.append((hardest.key, requests, share))
    return Answer(plan, planned, question, pilot, cases, found, drawn, curve, checked)
