"""A plan on a terminal: tables of its size, cost, needed items and pilot, and a chart of power."""

from collections.abc import Mapping, Sequence

import numpy as np
from rich.table import Table
from rich.text import Text

from feint.money.usage import UsageEstimate, added_up, total
from feint.report.power import rounded
from feint.report.terminal import plain, table
from feint.report.words import interval, percent
from feint.study.plan.answer import Answer
from feint.study.plan.cost import replies_with
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.need import SHOWN, Need, largest
from feint.study.plan.pilot import Pilot

COLUMNS = (10, 20, 40, 80, 120, 250, 500, 1000, 2000)
BLOCKS = "▁▂▃▄▅▆▇█"
NEVER = "–"


def size_table(plans: Sequence[Plan]) -> Table:
    """Show the numbers of cells, items, replies to each, twins and replies by design."""
    columns, words = ["cells", "requests", "each", "twins", "replies"], task_of(plans[0]).words
    heads = {"requests": words.requests, "replies": words.replies, "each": "times each"}
    made = table(
        f"{words.replies.capitalize()} of {plans[0].subject}",
        ["design", *(f">{heads.get(name, name)}" for name in columns)],
    )
    for plan in plans:
        counts = plan.planned | {"each": plan.per_request}
        made.add_row(plain(plan.design["name"]), *(f"{counts[name]:,}" for name in columns))
    if len(plans) > 1:
        made.add_row(plain("all", "bold"), "", "", "", "", f"{sum(plan.planned['replies'] for plan in plans):,}")
    return made


def usage_table(estimates: Sequence[UsageEstimate]) -> Table:
    """Show calls, tokens and dollars by model and role, added up over plans."""
    columns = ["model", "as", ">calls", ">tokens in", ">tokens out", ">cost", ">at most"]
    made, added = table("What models are asked, estimated", columns), added_up(estimates)
    for one in added:
        counts = (f"{number:,}" for number in (one.calls, one.tokens_in, one.tokens_out))
        made.add_row(plain(one.model), one.role, *counts, total([one.cost]), total([one.most_cost]))
    if len(added) > 1:
        costs, most = total([one.cost for one in added]), total([one.most_cost for one in added])
        made.add_row(plain("all", "bold"), "", f"{sum(one.calls for one in added):,}", "", "", costs, most)
    return made


def needs_table(found: Answer) -> Table:
    """Show by contrast the items in each cell that find the gap, and that show no gap."""
    question, seen = found.question, "above 0" if found.half else "yes"
    heads = [f">{case.name}\n{what}" for case in found.cases for what in (seen, "no")]
    asked, gap = found.task.words.requests.capitalize(), f"{100 * question.effect:g} points"
    title = f"{asked} in each cell for a gap of {gap}, {percent(question.power, 0)} % power"
    made = table(title, ["contrast", *heads])
    for key in found.plan.read_design().contrasts:
        row = [number for needs in found.needs for number in (needs[key].seen, needs[key].no)]
        made.add_row(plain(found.label(key)), *map(told, row))
    whole = [number for needs in found.needs for number in whole_design(needs)]
    made.add_row(plain("the whole design", "bold"), *map(told, whole))
    return made


def whole_design(needs: Mapping[str, Need]) -> tuple[int | None, int | None]:
    """Return the items that suffice for every contrast, to find the gap and to show no gap."""
    return largest([one.seen for one in needs.values()]), largest([one.no for one in needs.values()])


def told(number: int | None) -> str:
    """Write a number of items, to two digits."""
    return NEVER if number is None else f"{rounded(number):,}"


def cost_table(plan: Plan, rows: Sequence[tuple[str, int, Sequence[UsageEstimate]]]) -> Table:
    """Show replies, tokens and cost of some sizes: each with its purpose, items in a cell, and usage."""
    words = task_of(plan).words
    columns = ["what", f">{words.requests}", f">{words.replies}", ">tokens in", ">tokens out", ">cost", ">at most"]
    made = table("What that takes, the whole design, estimated", columns)
    for what, requests, loads in rows:
        models = added_up(loads)
        spent = total([load.cost for load in models]), total([load.most_cost for load in models])
        made.add_row(
            plain(what), f"{requests:,}", f"{replies_with(plan, requests):,}",
            *(f"{sum(getattr(load, name) for load in models):,}" for name in ("tokens_in", "tokens_out")),
            *spent,
        )  # fmt: skip
    return made


def chart(found: Answer) -> Table:
    """Show power by items in each cell, with a row for each gap."""
    name, contrast = found.middle.name, found.label(found.drawn.key).lower()
    made = table(
        f"Power (% called yes) by {found.task.words.requests} in each cell: {contrast}, {name}",
        ["gap", *(f">{size:,}" for size in COLUMNS)],
    )
    for gap, powers in sorted(found.curve.items()):
        shown = [powers[int(np.abs(SHOWN - size).argmin())] for size in COLUMNS]
        made.add_row(f"{100 * gap:g} points", *map(bar, shown))
    return made


def bar(power: float | None) -> Text:
    """Draw a power as a block and a number."""
    if power is None:
        return Text(NEVER, style="dim")
    block = BLOCKS[min(int(power * len(BLOCKS)), len(BLOCKS) - 1)]
    return Text(f"{block} {100 * power:.0f}", style="bold" if power >= 0.8 else "")


def pilot_table(pilot: Pilot) -> Table:
    """Show the estimates of a pilot with their intervals."""
    words = task_of(pilot.plan).words
    size = f"{pilot.requests} {words.requests}, {pilot.replies:,} {words.replies}"
    made = table(f"What the pilot says ({size})", ["", ">", ">interval"])
    for cell, rate in pilot.rates.items():
        made.add_row(plain(f"{words.does} in {cell} (%)"), percent(rate.estimate), interval(rate.low, rate.high))
    for what, one in (("alike, same cell", pilot.same), ("alike, different cells", pilot.other)):
        made.add_row(f"{words.replies} that share a {words.request}, {what}", *(
            (NEVER, NEVER) if one.estimate is None or one.low is None or one.high is None
            else (f"{one.estimate:.2f}", f"[{one.low:.2f}, {one.high:.2f}]")
        ))  # fmt: skip
    lost = pilot.missing
    made.add_row(f"{words.replies} without a label (%)", percent(lost.estimate), interval(lost.low, lost.high))
    read = task_of(pilot.plan).usage.prompts
    for what, one in ((f"tokens in {read}", pilot.tokens_in), (f"tokens in a {words.reply}", pilot.tokens_out)):
        if one.estimate is not None:
            ends = NEVER if one.low is None or one.high is None else f"[{one.low:,.0f}, {one.high:,.0f}]"
            made.add_row(what, f"{one.estimate:,.0f}", ends)
    return made
