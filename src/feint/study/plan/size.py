"""The size of studies as they are set up: replies, and the calls, tokens and cost of their models."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from feint.money.prices import REMEDY
from feint.money.usage import UsageEstimate, added_up, total
from feint.report.terminal import plain, table
from feint.study.ask.looks import until_note
from feint.study.plan.cost import estimate_plan
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


def usage_table(estimates: Sequence[UsageEstimate]) -> Table:
    """Show calls, tokens and dollars by model.

    Args:
        estimates: Estimates of one or several plans; estimates for one model in one role are added up.
    """
    columns = ["model", "as", ">calls", ">tokens in", ">tokens out", ">cost", ">at most"]
    made, added = table("What models are asked, estimated", columns), added_up(estimates)
    for one in added:
        counts = (f"{number:,}" for number in (one.calls, one.tokens_in, one.tokens_out))
        made.add_row(plain(one.model), one.role, *counts, total([one.cost]), total([one.most_cost]))
    if len(added) > 1:
        costs, most = total([one.cost for one in added]), total([one.most_cost for one in added])
        made.add_row(plain("all", "bold"), "", f"{sum(one.calls for one in added):,}", "", "", costs, most)
    return made


def notes(plan: Plan, planned: Plans, estimates: Sequence[UsageEstimate]) -> Iterator[str]:
    """Yield the assumptions behind the numbers, and the prices that are unknown, a sentence or two each."""
    judged = any(one.role == "judge" for one in estimates)
    yield from task_of(plan).usage.notes(planned, int(plan.generate["max_tokens"]), judged)
    unknown = [f"'{model}'" for model in dict.fromkeys(one.model for one in estimates if one.price is None)]
    if unknown:
        what = "The price of" if len(unknown) == 1 else "The prices of"
        yield f"{what} {' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown: {REMEDY}."
