"""A plan's power on a terminal: tables of requests and of cost, a chart of power, and what all of it assumes."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from rich.table import Table
from rich.text import Text

from feint.base.words import Words
from feint.money.usage import UsageEstimate, added_up, dollars, total
from feint.report.power import rounded
from feint.report.terminal import plain, table
from feint.report.words import count, glossary, interval, percent, points
from feint.stats.types import Settings
from feint.study.plan.cost import replies_with
from feint.study.plan.frozen import Plan
from feint.study.plan.need import EFFECTS, SHOWN, Case, Need, capped, largest, per_request_of
from feint.study.plan.pilot import Pilot
from feint.study.plan.tasks import job_of

COLUMNS = (10, 20, 40, 80, 120, 250, 500, 1000, 2000)
BLOCKS = "▁▂▃▄▅▆▇█"
NEVER = "–"


def needs_table(
    plan: Plan, cases: Sequence[Case], found: Sequence[Mapping[str, Need]], effect: float, power: float
) -> Table:
    """Requests in each cell by contrast, to see the gap and to say that there is none."""
    half = capped(effect, plan.read_settings().smallest_effect)
    seen = "above 0" if half else "yes"
    heads = [f">{case.name}\n{what}" for case in cases for what in (seen, "no")]
    asked, gap = job_of(plan).words.requests.capitalize(), f"{100 * effect:g} points"
    made = table(f"{asked} in each cell for a gap of {gap}, {percent(power, 0)} % power", ["contrast", *heads])
    for key in plan.read_design().contrasts:
        row = [number for needs in found for number in (needed(needs[key], half), needs[key].no)]
        made.add_row(plain(glossary(job_of(plan).name).label(key)), *map(told, row))
    bank = [number for needs in found for number in whole_design(needs, half)]
    made.add_row(plain("the whole design", "bold"), *map(told, bank))
    return made


def needed(need: Need, half: bool) -> int | None:
    """Requests to see a gap: to call it yes, or where that cannot be had, to show that it is above zero."""
    return need.above if half else need.yes


def whole_design(needs: Mapping[str, Need], half: bool) -> tuple[int | None, int | None]:
    """Requests that suffice for each of the contrasts, to see the gap and to say no."""
    return largest([needed(one, half) for one in needs.values()]), largest([one.no for one in needs.values()])


def told(number: int | None) -> str:
    """A number of requests, to two digits."""
    return NEVER if number is None else f"{rounded(number):,}"


def cost_table(plan: Plan, rows: Sequence[tuple[str, int, Sequence[UsageEstimate]]]) -> Table:
    """Replies, tokens and cost by number of requests.

    Args:
        plan: The plan.
        rows: What it is for, requests in each cell, and what models are asked then.
    """
    words = job_of(plan).words
    columns = ["what", f">{words.requests}", f">{words.replies}", ">tokens in", ">tokens out", ">cost", ">at most"]
    made = table("What that takes, the whole design, estimated", columns)
    for what, requests, loads in rows:
        models = added_up(loads)
        spent = total([load.cost for load in models]), total([load.most_cost for load in models])
        made.add_row(
            plain(what), f"{requests:,}", f"{replies_with(plan, requests):,}",
            *(f"{sum(getattr(load, name) for load in models):,}" for name in ("tokens_in", "tokens_out")),
            *(dollars(None) if cost == "unknown" else cost for cost in spent),
        )  # fmt: skip
    return made


def chart(plan: Plan, curves: Mapping[float, Sequence[float | None]], name: str, contrast: str) -> Table:
    """Power by requests in each cell, a row for each gap, each with its bar and its percentage.

    Args:
        plan: The plan.
        curves: By gap, power at the sizes in `feint.study.plan.need.SHOWN`.
        name: Of the case.
        contrast: Whose power it is.
    """
    say = glossary(job_of(plan).name)
    made = table(
        f"Power (% called yes) by {say.words.requests} in each cell: {say.label(contrast).lower()}, {name}",
        ["gap", *(f">{size:,}" for size in COLUMNS)],
    )
    for gap, powers in sorted(curves.items()):
        shown = [powers[int(np.abs(SHOWN - size).argmin())] for size in COLUMNS]
        made.add_row(f"{100 * gap:g} points", *map(bar, shown))
    return made


def bar(power: float | None) -> Text:
    """A power as a block and a number."""
    if power is None:
        return Text(NEVER, style="dim")
    block = BLOCKS[min(int(power * len(BLOCKS)), len(BLOCKS) - 1)]
    return Text(f"{block} {100 * power:.0f}", style="bold" if power >= 0.8 else "")


def pilot_table(pilot: Pilot) -> Table:
    """What a pilot says, with intervals."""
    words = job_of(pilot.plan).words
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
    read = f"the prompts of a {words.reply}" if job_of(pilot.plan).in_turns else "a prompt"
    for what, one in ((f"tokens in {read}", pilot.tokens_in), (f"tokens in a {words.reply}", pilot.tokens_out)):
        if one.estimate is not None:
            ends = NEVER if one.low is None or one.high is None else f"[{one.low:,.0f}, {one.high:,.0f}]"
            made.add_row(what, f"{one.estimate:,.0f}", ends)
    return made


def half_note(effect: float, settings: Settings, words: Words) -> str:
    """Why a gap of the smallest effect of interest cannot be called yes often, and what is shown instead."""
    small = points(settings.smallest_effect, 0).lstrip("+")
    most = "in at most half of studies" if effect > settings.smallest_effect - 1e-9 else "ever more seldom"
    return (
        f"A gap of {100 * effect:g} points is called yes {most}, however many {words.requests} are asked: the rule "
        f"wants an estimate of {small} points or more, and a true gap of {100 * effect:g} is as often estimated below "
        "that as above. Shown for it is the power to find the gap above 0 (adjusted p below .05, of whatever size), "
        f"which is then undetermined where the estimate falls short. Plan for a larger gap, such as --effect "
        f"{200 * settings.smallest_effect:g}, to have a yes."
        if most.startswith("in")
        else f"A gap of {100 * effect:g} points is smaller than the smallest effect of interest ({small} points): with "
        f"more {words.requests} it is called yes ever more seldom, and no ever more often, which is right. Shown for "
        "it is the power to find it above 0 (adjusted p below .05, of whatever size)."
    )


def assumptions(plan: Plan, cases: Sequence[Case], pilot: Pilot | None) -> Iterator[str]:
    """What the numbers rest on, a sentence or two each."""
    settings, contrasts = plan.read_settings(), len(plan.contrasts())
    times, first, words = per_request_of(plan), cases[0], job_of(plan).words
    same, other = first.spread.same, first.spread.other
    difficulty, shifts = first.spread.to_logit()
    origin = "as the pilot has them" if pilot else "in every cell, but for the gap"
    yield f"Assumed: rates of {words.measure} {origin}; each {words.request} has {count(times, words.reply)} in a cell."
    yield (
        f"{words.requests.capitalize()} differ by a standard deviation of {difficulty:.1f} on the logit scale, and by "
        f"{shifts:.1f} more in each cell, so that gaps differ from {words.request} to {words.request}; two "
        f"{words.replies} that share a {words.request} have a latent correlation of {same:.2f} in the same cell and "
        f"{other:.2f} in different ones. {100 * first.missing:.2g} % of {words.replies} are missing, whatever their "
        "labels would be."
    )
    yield (
        f"Holm's adjustment over {count(contrasts, 'contrast')} and low coherence is taken at its strictest, as if no "
        f"other were significant; where others are, fewer {words.requests} suffice. Power is of each contrast by "
        f"itself, the whole design has what its hardest contrast needs. No: the {percent(settings.level, 0)} % "
        f"interval lies inside ±{points(settings.smallest_effect, 0).lstrip('+')} points, where the true difference is "
        "0."
    )


def chart_effects(effect: float) -> list[float]:
    """The gaps whose power is shown."""
    return sorted({*EFFECTS, round(effect, 6)})
