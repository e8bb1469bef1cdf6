"""A plan's power on a terminal: tables of items and of cost, and a chart of power."""

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
from feint.study.plan.frozen import Plan
from feint.study.plan.need import SHOWN, Need, largest
from feint.study.plan.pilot import Pilot
from feint.study.plan.tasks import task_of

COLUMNS = (10, 20, 40, 80, 120, 250, 500, 1000, 2000)
BLOCKS = "▁▂▃▄▅▆▇█"
NEVER = "–"


def needs_table(found: Answer) -> Table:
    """Show by contrast the items in each cell that find the gap, and that show no gap."""
    question, cases = found.question, found.cases
    seen = "above 0" if found.half else "yes"
    heads = [f">{case.name}\n{what}" for case in cases for what in (seen, "no")]
    asked, gap = found.words.requests.capitalize(), f"{100 * question.effect:g} points"
    title = f"{asked} in each cell for a gap of {gap}, {percent(question.power, 0)} % power"
    made = table(title, ["contrast", *heads])
    for key in found.plan.read_design().contrasts:
        row = [number for needs in found.needs for number in (needs[key].seen(found.half), needs[key].no)]
        made.add_row(plain(found.label(key)), *map(told, row))
    whole = [number for needs in found.needs for number in whole_design(needs, found.half)]
    made.add_row(plain("the whole design", "bold"), *map(told, whole))
    return made


def whole_design(needs: Mapping[str, Need], half: bool) -> tuple[int | None, int | None]:
    """Return the items that suffice for every contrast, to find the gap and to show no gap."""
    return largest([one.seen(half) for one in needs.values()]), largest([one.no for one in needs.values()])


def told(number: int | None) -> str:
    """Write a number of items, to two digits."""
    return NEVER if number is None else f"{rounded(number):,}"


def cost_table(plan: Plan, rows: Sequence[tuple[str, int, Sequence[UsageEstimate]]]) -> Table:
    """Show replies, tokens and cost by number of items.

    Args:
        plan: The plan.
        rows: The purpose, items in each cell, and the usage of that size.
    """
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
        f"Power (% called yes) by {found.words.requests} in each cell: {contrast}, {name}",
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
        made.add_row(
            plain(f"{words.does} in {cell} (%)"), percent(rate.estimate), interval(rate.low, rate.high)
        )  # fmt: skip
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
