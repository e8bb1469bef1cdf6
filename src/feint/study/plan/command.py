"""`feint plan` with a power: from what was asked for to tables, a chart and a picture."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.progress import steps
from feint.base.writing import write_text
from feint.report.power import power_plot, rounded
from feint.report.words import glossary, percent
from feint.stats.types import Contrast
from feint.study.plan.check import STUDIES, simulated_power
from feint.study.plan.cost import estimate_plan, usage_with
from feint.study.plan.frozen import ALL, Plan
from feint.study.plan.need import (
    BASE_RATES,
    MISSING,
    SHOWN,
    Case,
    Need,
    capped,
    curves,
    fewer_requests,
    needs,
    per_request_of,
    usual_cases,
)  # fmt: skip
from feint.study.plan.pilot import Pilot
from feint.study.plan.prepare import Wish, make_plan
from feint.study.plan.show import (
    assumptions,
    chart,
    chart_effects,
    cost_table,
    half_note,
    needed,
    needs_table,
    pilot_table,
    whole_design,
)  # fmt: skip
from feint.study.plan.tasks import job_of
from feint.tasks.alignment_faking import Planned
from feint.tasks.task import Plans

Tell: TypeAlias = Callable[[int], None]
PICTURES = (".html", ".svg")
STOPPING = (
    "The study has a fixed size. One that stops when it is decided (--until decided) may take fewer where the gap is "
    "larger than planned for, and more where it is not: docs/stopping.md."
)
EFFECT = 0.1
"""The gap that is planned for where none is named: twice the smallest effect of interest."""


@dataclass(frozen=True)
class Question:
    """What a plan is to answer.

    Attributes:
        effect: The gap to be found, a fraction.
        power: How often.
        base_rates: Rates of complying to try where no pilot is.
        picture: Where to draw power over requests; None draws none.
        check: Whether to check the numbers on simulated studies.
    """

    effect: float = EFFECT
    power: float = 0.8
    base_rates: tuple[float, ...] = BASE_RATES
    picture: Path | None = None
    check: bool = True


def check_question(question: Question) -> None:
    """Whether a question can be answered.

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


def power_command(wishes: Sequence[Wish], question: Question, pilot: Pilot | None = None) -> None:
    """Print how many requests an answer needs, and what they cost, design by design.

    Args:
        wishes: One for each design.
        question: What is to be answered.
        pilot: A study of the same subject; without one, several base rates are tried.

    Raises:
        UsageError: See `check_question` and `feint.study.plan.prepare.make_plan`.
    """
    check_question(question)
    console = Console(markup=False, highlight=False)
    for place, wish in enumerate(wishes):
        plan, planned = make_plan(replace(wish, until=ALL))
        if place:
            console.print()
        cases = pilot.cases(list(planned.design.cells)) if pilot else usual_cases(plan, question.base_rates)
        picture = question.picture
        if picture is not None and len(wishes) > 1:
            picture = picture.with_name(f"{picture.stem}-{planned.design.name}{picture.suffix}")
        one_design(plan, planned, cases, replace(question, picture=picture), pilot, console)


def one_design(
    plan: Plan, planned: Plans, cases: Sequence[Case], question: Question, pilot: Pilot | None, console: Console
) -> None:
    """Print and draw the answer for one design."""
    settings, effect, words = plan.read_settings(), question.effect, job_of(plan).words
    # The actors that stand in for subjects answer requests; nobody is simulated at work.
    checked_by_actors = question.check and not job_of(plan).in_turns
    half, middle = capped(effect, settings.smallest_effect), cases[len(cases) // 2]
    contrasts = plan.contrasts()
    shown = next((contrast for contrast in contrasts if contrast.gap), contrasts[0])
    with working(len(cases) * (STUDIES if checked_by_actors else 1) + 1) as tell:
        found = []
        for case in cases:
            found.append(needs(plan, case, effect, question.power))
            tell(1)
        curve = curves(plan, middle, shown, chart_effects(effect))
        checked = [
            check(plan, case, needs_, question, half, tell) if checked_by_actors else ""
            for case, needs_ in zip(cases, found, strict=True)
        ]
    bank = len(planned.conflict.requests) if isinstance(planned, Planned) else plan.planned["requests"]
    lines = [*assumptions(plan, cases, pilot)]
    lines += [half_note(effect, settings, words)] if half else []
    if not job_of(plan).in_turns:
        lines.append(STOPPING)
    lines += [line for line in checked if line]
    lines += bank_notes(plan, cases, found, question, bank, half)
    if pilot:
        console.print(pilot_table(pilot), "", sep="\n")
    estimates, rows = estimate_plan(plan, planned), []
    for case, need in zip(cases, found, strict=True):
        for what, number in zip((f"a gap of {100 * effect:g} points", "no gap"), whole_design(need, half), strict=True):
            if number is not None:
                size = rounded(number)
                rows.append((f"{case.name}: {what}", size, usage_with(plan, estimates, size, pilot)))
    console.print(needs_table(plan, cases, found, effect, question.power), "", sep="\n")
    console.print(cost_table(plan, rows), "", chart(plan, curve, middle.name, shown.key), "", sep="\n")
    lines.append(pilot_note(plan, pilot))
    for line in lines:
        console.print(line, soft_wrap=True)
    if question.picture is not None:
        draw(question.picture, plan, curve, shown, middle, lines, question)
        console.print(f"picture: {question.picture}", soft_wrap=True)


def check(plan: Plan, case: Case, found: dict[str, Need], question: Question, half: bool, tell: Tell) -> str:
    """Simulate the contrast that needs most, at what it needs; the share that is right, in a sentence."""
    known = {key: number for key, need in found.items() if (number := needed(need, half)) is not None}
    if not known:
        tell(STUDIES - 1)
        gap = f"{100 * question.effect:g} points"
        return f"{case.name}: no contrast has room for a gap of {gap}, or no number of requests is enough."
    key = max(known, key=lambda name: known[name])
    contrast = next(one for one in plan.contrasts() if one.key == key)
    share = simulated_power(plan, case, contrast, question.effect, known[key], above=half, tell=lambda: tell(1))
    if share is None:
        return ""
    return (
        f"Checked, {case.name}: {percent(share, 0)} % of {STUDIES} simulated studies of {known[key]:,} requests found "
        f"it in {glossary(job_of(plan).name).label(key).lower()}."
    )


def bank_notes(
    plan: Plan, cases: Sequence[Case], found: Sequence[dict[str, Need]], question: Question, bank: int, half: bool
) -> Iterator[str]:
    """What to do where a contrast needs more requests than there are for it, told of the one that lacks most.

    Args:
        plan: The plan.
        cases: What is assumed.
        found: What each contrast needs, by case.
        question: What is to be answered.
        bank: Requests that there are for contrasts whose cells are all asked over every request.
        half: Whether it is enough to find the gap above 0.
    """
    there = {one.key: bank if one.among is None else len(one.among) for one in plan.contrasts()}
    short = [
        (
            case,
            {key: number / there[key] for key, one in need.items() if (number := needed(one, half) or 0) > there[key]},
        )
        for case, need in zip(cases, found, strict=True)
    ]
    case, lacking = next((pair for pair in short if pair[1]), (None, {}))
    if case is None:
        return
    key = max(lacking, key=lambda name: lacking[name])
    contrast: Contrast = next(one for one in plan.contrasts() if one.key == key)
    bank = there[key]
    fewer = fewer_requests(plan, case, contrast, question.effect, question.power, bank)
    way = (
        f"asked {fewer[0]} times each (--wordings, --samples; now {per_request_of(plan)}), {rounded(fewer[1]):,} are "
        f"enough for {glossary(job_of(plan).name).label(key).lower()}, {case.name}"
        if fewer
        else "asking each more often is not enough"
    )
    bring = "." if job_of(plan).in_turns else f"{'; or' if fewer else ';'} bring more with --requests FILE."
    stock = f"{bank:,} {job_of(plan).words.requests}"
    yield (
        f"There are {stock} here, fewer than some of these numbers: {way}{bring}"
        if contrast.among is None
        else f"{glossary(job_of(plan).name).label(key)} has {stock}, fewer than it needs: {way}{bring}"
    )


def pilot_note(plan: Plan, pilot: Pilot | None) -> str:
    """What becomes of a pilot's replies, or what one would ask."""
    job = job_of(plan)
    replies = job.words.replies
    if pilot is None:
        return (
            f"No pilot: base rates, spread and missing {replies} ({100 * MISSING:g} %) are assumptions. --pilot asks "
            f"{job.pilot_size()} and plans anew; --from DIR plans from a study that there is."
        )
    again = (
        ""
        if job.in_turns
        else " A study that should use every reply is planned as one that looks more than once: feint study --until "
        "decided (docs/stopping.md)."
    )
    return (
        f"The {replies} of {pilot.path} are not part of the study that is planned from them: they decided its size, "
        f"and an estimate that counted them again would be tested as if they had not.{again}"
    )


def draw(
    path: Path, plan: Plan, curve: dict[float, list[float | None]], contrast: Contrast, case: Case,
    notes: Sequence[str], question: Question,
) -> None:  # fmt: skip
    """Draw power over requests.

    Raises:
        UsageError: The file cannot be written.
    """
    from feint.report.drawing import standalone
    from feint.report.power_page import render_power

    sizes, design, requests = SHOWN.tolist(), plan.design["name"], job_of(plan).words.requests
    if path.suffix == ".svg":
        text = standalone(power_plot(sizes, curve, wanted=question.power, requests=requests))
    else:
        name = glossary(job_of(plan).name).label(contrast.key)
        lead = f"{name} ({contrast.expression}), {case.name}: how often a gap is called yes."
        text = render_power(
            sizes,
            curve,
            subject=plan.subject,
            design=design,
            lead=lead,
            notes=notes,
            wanted=question.power,
            requests=requests,
        )
    try:
        write_text(path, text)
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written ({error.strerror}); choose another") from None


@contextmanager
def working(total: int) -> Iterator[Tell]:
    """Show a bar on standard error, on a terminal, while power is computed; the function adds steps."""
    done = 0
    with steps("working out power", Console(stderr=True)) as show:

        def tell(more: int) -> None:
            nonlocal done
            done += more
            show(done, total)

        yield tell
