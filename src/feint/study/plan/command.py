"""`feint plan`: the size and cost of studies, and the number of items that an answer needs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from feint.base.errors import UsageError
from feint.base.progress import steps
from feint.base.writing import write_text
from feint.money.prices import own_prices, set_prices
from feint.report.power import power_plot, rounded
from feint.study.ask.gates import models_of
from feint.study.ask.spending import register_prices
from feint.study.plan.answer import Answer, Question, answer, cases_of, check_question, steps_of
from feint.study.plan.cost import estimate_plan, usage_with
from feint.study.plan.frozen import ALL, Plan
from feint.study.plan.need import SHOWN
from feint.study.plan.notes import notes_of
from feint.study.plan.pilot import Pilot
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.show import chart, cost_table, needs_table, pilot_table, whole_design
from feint.study.plan.size import print_sizes


@own_prices()
def plan_study(
    setups: Sequence[Setup], prices: Sequence[str] = (), question: Question | None = None, pilot: Pilot | None = None
) -> None:
    """Print the size and cost of studies; with a question, print the number of items that its answer needs.

    Args:
        setups: The options of the study, once for each design.
        prices: Values of --price.
        question: The question; None prints the study as it is set up.
        pilot: A study of the same subject, for a question; without one, several base rates are tried.

    Raises:
        UsageError: An option, a price or a number that does not fit; see `feint.study.plan.prepare.make_plan`.
    """
    if question is not None:
        check_question(question)
    console = Console(markup=False, highlight=False)
    register_prices(setups, prices)
    made = [make_plan(setup if question is None else replace(setup, until=ALL)) for setup in setups]
    subject, *judges = models_of(made[0][0])
    set_prices(prices, subject, judges)
    if question is None:
        print_sizes(made, console)
        return
    for place, (plan, planned) in enumerate(made):
        if place:
            console.print()
        cases = cases_of(plan, question, pilot)
        with working(steps_of(question, len(cases))) as tell:
            found = answer(plan, planned, named_apart(question, plan, len(made)), cases, pilot, tell)
        print_answer(found, console)


@contextmanager
def working(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error, on a terminal, while power is computed; the function adds steps."""
    done = 0
    with steps("working out power", Console(stderr=True)) as show:

        def tell(more: int) -> None:
            nonlocal done
            done += more
            show(done, total)

        yield tell


def named_apart(question: Question, plan: Plan, designs: int) -> Question:
    """Add the design to the name of the picture, if there are several designs."""
    picture = question.picture
    if picture is None or designs == 1:
        return question
    return replace(question, picture=picture.with_name(f"{picture.stem}-{plan.design['name']}{picture.suffix}"))


def print_answer(found: Answer, console: Console) -> None:
    """Print and draw the answer for one design."""
    if found.pilot:
        console.print(pilot_table(found.pilot), "", sep="\n")
    console.print(needs_table(found), "", sep="\n")
    console.print(cost_rows(found), "", chart(found), "", sep="\n")
    lines = list(notes_of(found))
    for line in lines:
        console.print(line, soft_wrap=True)
    if (picture := found.question.picture) is not None:
        draw(picture, found, lines)
        console.print(f"picture: {picture}", soft_wrap=True)


def cost_rows(found: Answer) -> Table:
    """Show the cost of the needed sizes, by case, for a gap and for no gap."""
    estimates, rows = estimate_plan(found.plan, found.planned), []
    gap = f"a gap of {100 * found.question.effect:g} points"
    for case, need in zip(found.cases, found.needs, strict=True):
        for what, number in zip((gap, "no gap"), whole_design(need, found.half), strict=True):
            if number is not None:
                size = rounded(number)
                rows.append((f"{case.name}: {what}", size, usage_with(found.plan, estimates, size, found.pilot)))
    return cost_table(found.plan, rows)


def draw(path: Path, found: Answer, lines: Sequence[str]) -> None:
    """Draw power over items.

    Args:
        path: A file that ends with .svg, or .html for a page with all notes.
        found: The answer.
        lines: The notes.

    Raises:
        UsageError: The file cannot be written.
    """
    from feint.report.drawing import standalone
    from feint.report.power_page import render_power

    sizes, wanted, requests = SHOWN.tolist(), found.question.power, found.words.requests
    if path.suffix == ".svg":
        text = standalone(power_plot(sizes, found.curve, wanted=wanted, requests=requests))
    else:
        drawn = found.drawn
        text = render_power(
            sizes,
            found.curve,
            subject=found.plan.subject,
            design=found.plan.design["name"],
            lead=f"{found.label(drawn.key)} ({drawn.expression}), {found.middle.name}: how often a gap is called yes.",
            notes=lines,
            wanted=wanted,
            requests=requests,
        )
    try:
        write_text(path, text)
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written ({error.strerror}); choose another") from None
