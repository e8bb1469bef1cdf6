"""The size of studies as they are set up: replies, and the calls, tokens and cost of their models."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from feint.report.terminal import plain, table
from feint.study.ask.looks import until_note
from feint.study.plan.cost import estimate_plan
from feint.study.plan.cost_table import notes, usage_table
from feint.study.plan.frozen import Plan
from feint.study.plan.tasks import task_of
from feint.tasks.task import Plans


def print_sizes(made: Sequence[tuple[Plan, Plans]], console: Console) -> None:
    """Print the size of studies of one subject.

    Args:
        made: The plan and the samples of each design.
        console: The console.
    """
    estimates = [one for plan, planned in made for one in estimate_plan(plan, planned)]
    console.print(size_table([plan for plan, _ in made]), "", usage_table(estimates), sep="\n")
    for note in (*filter(None, [until_note(made[0][0])]), *notes(*made[0], estimates)):
        console.print(note, soft_wrap=True)


def size_table(plans: Sequence[Plan]) -> Table:
    """Show the numbers of cells, items, wordings, twins and replies by design."""
    columns, words = ["cells", "requests", "wordings", "twins", "replies"], task_of(plans[0]).words
    heads = {"requests": words.requests, "replies": words.replies}
    made = table(
        f"{words.replies.capitalize()} of {plans[0].subject}",
        ["design", *(f">{heads.get(name, name)}" for name in columns)],
    )
    for plan in plans:
        made.add_row(plain(plan.design["name"]), *(f"{plan.planned[name]:,}" for name in columns))
    if len(plans) > 1:
        made.add_row(plain("all", "bold"), "", "", "", "", f"{sum(plan.planned['replies'] for plan in plans):,}")
    return made
