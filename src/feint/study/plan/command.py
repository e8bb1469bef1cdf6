"""`feint plan`: the size and cost of studies, and the number of items that an answer needs."""

from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.writing import write_text
from feint.money.prices import own_prices, set_prices
from feint.report.power import power_plot, render_power, rounded
from feint.study.ask.gates import models_of, register_prices
from feint.study.plan.answer import Answer, Question, answer
from feint.study.plan.cost import estimate_plan, usage_with
from feint.study.plan.frozen import ALL
from feint.study.plan.need import SHOWN
from feint.study.plan.notes import notes_of, usage_notes
from feint.study.plan.outlook import costs_line, sees_line, stops_line, target_note
from feint.study.plan.pilot import Pilot
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.show import chart, cost_table, needs_table, pilot_table, size_table, usage_table, whole_design
from feint.study.plan.until import costs_money


@own_prices()
def plan_study(
    setups: Sequence[Setup], prices: Sequence[str] = (), question: Question | None = None, pilot: Pilot | None = None
) -> None:
    """Print the size and cost of studies; with a question, print the number of items that its answer needs.

    There is a setup for each design. With a question, a pilot of the same subject tells its rates; without a pilot,
    several base rates are tried.

    Raises:
        UsageError: An option, a price or a number that does not fit; see `feint.study.plan.prepare.make_plan`.
    """
    console = Console(markup=False, highlight=False)
    register_prices(setups, prices)
    made = [make_plan(setup if question is None else replace(setup, until=ALL)) for setup in setups]
    subject, *judges = models_of(made[0][0])
    set_prices(prices, subject, judges)
    if question is None:
        estimates = [one for plan, planned in made for one in estimate_plan(plan, planned)]
        console.print(size_table([plan for plan, _ in made]), "", usage_table(estimates), sep="\n")
        if not costs_money(one.model for one in estimates):
            console.print(costs_line(estimates), soft_wrap=True)
        for setup, (plan, _) in zip(setups, made, strict=True):
            name = f"{plan.design['name']} " if len(made) > 1 else ""
            lines = (sees_line(plan), stops_line(plan, setup.until), target_note(plan))
            console.print(*(f"{name}{line}" for line in lines if line), sep="\n", soft_wrap=True)
        for note in usage_notes(*made[0], estimates):
            console.print(note, soft_wrap=True)
        return
    picture = question.picture
    for place, (plan, planned) in enumerate(made):
        if place:
            console.print()
        if picture is not None and len(made) > 1:
            named = picture.with_name(f"{picture.stem}-{plan.design['name']}{picture.suffix}")
            question = replace(question, picture=named)
        print_answer(answer(plan, planned, question, pilot), console)


def print_answer(found: Answer, console: Console) -> None:
    """Print and draw the answer for one design."""
    if found.pilot:
        console.print(pilot_table(found.pilot), "", sep="\n")
    console.print(needs_table(found), "", sep="\n")
    estimates, rows = estimate_plan(found.plan, found.planned), []
    gap = f"a gap of {100 * found.question.effect:g} points"
    for case, need in zip(found.cases, found.needs, strict=True):
        for what, number in zip((gap, "no gap"), whole_design(need), strict=True):
            if number is not None:
                size = rounded(number)
                rows.append((f"{case.name}: {what}", size, usage_with(found.plan, estimates, size, found.pilot)))
    console.print(cost_table(found.plan, rows), "", chart(found), "", sep="\n")
    lines = list(notes_of(found))
    for line in lines:
        console.print(line, soft_wrap=True)
    if (picture := found.question.picture) is not None:
        try:
            write_text(picture, drawing(found, lines))
        except OSError as error:
            raise UsageError(f"--out {picture}: cannot be written ({error.strerror}); choose another") from None
        console.print(f"picture: {picture}", soft_wrap=True)


def drawing(found: Answer, lines: Sequence[str]) -> str:
    """Draw power over items: a picture for a file that ends with .svg, otherwise a page with all notes."""
    from feint.report.drawing import standalone

    sizes, wanted, requests = SHOWN.tolist(), found.question.power, found.task.words.requests
    if found.question.picture is not None and found.question.picture.suffix == ".svg":
        return standalone(power_plot(sizes, found.curve, wanted=wanted, requests=requests))
    drawn = found.drawn
    return render_power(
        sizes,
        found.curve,
        subject=found.plan.subject,
        design=found.plan.design["name"],
        lead=f"{found.label(drawn.key)} ({drawn.expression}), {found.middle.name}: how often a gap is called yes.",
        notes=lines,
        wanted=wanted,
        requests=requests,
    )
