"""The section on power: the gaps that a study could have seen, in a sentence, a picture and a table; power curves."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, floor, isfinite, log10

from rich.console import RenderableType

from feint.base.version import __version__
from feint.findings import Findings
from feint.findings.contrasts import PowerFinding
from feint.report.axes import draw_mark, draw_zone, span_of
from feint.report.drawing import Board
from feint.report.pages import both, environment
from feint.report.section import Section, Told, View
from feint.report.terminal import plain
from feint.report.text import one_line
from feint.report.words import Glossary, count, percent, points

Curves = Mapping[float, Sequence[float | None]]
_TOP, _BOTTOM = 14, 28
ROLES = ("voice-1", "voice-2", "voice-3", "yes", "no")
POWERS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def from_points(gap: float) -> str:
    """Write a gap that is seen as whole points, rounded up: what is promised for it then holds.

    >>> from_points(0.071)
    '8 points'
    """
    return count(whole_points(gap), "point")


def whole_points(gap: float) -> int:
    """Round a fraction up to whole points."""
    return ceil(round(100 * gap, 6))


def seen_line(findings: Findings, power: PowerFinding, say: Glossary) -> str:
    """Say in one sentence or two what gaps the study would have seen."""
    found, share = power.contrasts, percent(power.share, 0)
    main = next((key for key, entry in findings.contrasts.items() if entry.gap), next(iter(found)))
    gap = found[main].gap
    of = "gaps" if findings.contrasts[main].gap else f"effects on {say.label(main).lower()}"
    if gap is None:
        one = of.replace("gaps", "gap").replace("effects", "effect")
        first = f"No {one}, however large, would be called yes in {share} % of studies like this one: {found[main].why}"
    elif power.studies:
        first = (
            f"Of {power.studies:,} simulated studies that stop as this one did, {percent(found[main].power, 0)} % call "
            f"{of} of {from_points(gap)} yes, and less than {share} % call smaller ones yes"
        )
    else:
        first = f"This study would have seen {of} from {from_points(gap)} on ({share} % of the time)"
    others = [entry.gap for key, entry in found.items() if key != main and not (power.studies and entry.rates is None)]
    seen = sorted(whole_points(gap) for gap in others if gap is not None)
    if not others:
        return f"{first}."
    if not seen:
        return f"{first}. The same holds of any effect on its other contrasts." if gap is None else (
            f"{first}. No effect on its other contrasts, however large, would be seen."
        )  # fmt: skip
    span = from_points(seen[0] / 100) if seen[0] == seen[-1] else f"{seen[0]} to {seen[-1]} points"
    blind = len(others) - len(seen)
    return f"{first}; other contrasts from {span}" + (f", {blind} of them not at all" if blind else "") + "."


def rounded(number: int) -> int:
    """Round a number of requests up to two digits; a closed form is no better than that.

    >>> rounded(1234)
    1300
    """
    step = int(10 ** max(0, floor(log10(max(number, 1))) - 1))
    return -(-number // step) * step


def seen_plot(
    findings: Findings, power: PowerFinding, say: Glossary, *, zone: float = 0.05, narrow: bool = False
) -> str:
    """Draw the gaps that the study would have missed, and its estimate, for each contrast."""
    found, seen = findings.contrasts, power.contrasts
    width, margins, row = (360, (16, 20), 50) if narrow else (760, (240, 130), 34)
    span = span_of([value for key, one in seen.items() for value in (found[key].estimate, one.gap)], zone)
    board = Board("seen", narrow, (width, _TOP + row * len(seen) + _BOTTOM), margins, span)
    ys = [_TOP + row * i + (36.0 if narrow else 17.0) for i in range(len(seen))]
    draw_zone(board, ys, zone, 5 if narrow else 9)
    for y, (key, one) in zip(ys, seen.items(), strict=True):
        estimate = found[key].estimate
        board.bar(0, span[1] if one.gap is None else one.gap, y, "disc", 7)
        if one.gap is not None:
            board.line([one.gap, one.gap], [y - 8, y + 8], "ink", 2, order=6)
        if estimate is not None:
            draw_mark(board, estimate, y, found[key].decision)
        beside = y - 21 if narrow else y
        board.text(0, beside, one_line(say.label(key), 30), weight="bold", size=12)
        told = "none seen" if one.gap is None else f"from {whole_points(one.gap)} points"
        board.text(width, beside, told, at="right", size=11)
    return board.svg(
        "What it could have seen", "For each contrast, a bar over the gaps that this study would have missed more "
        "often than the stated share of the time; the mark is what it found. The table below holds the numbers.",
    )  # fmt: skip


def power_plot(
    sizes: Sequence[int], curves: Curves, *, wanted: float = 0.8, narrow: bool = False, requests: str = "requests"
) -> str:
    """Draw power against requests per cell, a curve for each gap, and a line at the power that is aimed at.

    Args:
        sizes: Requests in each cell, ascending.
        curves: By gap (a fraction), its power at these sizes; None where the gap cannot be.
        wanted: The power that is aimed at.
        narrow: Whether to lay it out for a phone.
        requests: The task's word for what is put to a subject, in the plural.
    """
    width, height, left, right = (360, 300, 40, 60) if narrow else (760, 360, 60, 110)
    foot = height - _BOTTOM - 26
    span = (log10(sizes[0]), log10(sizes[-1]))

    def at(power: float) -> float:
        return foot - power * (foot - _TOP - 6)

    board = Board("power", narrow, (width, height), (left, right), span)
    marks = [n for n in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if sizes[0] <= n <= sizes[-1]]
    board.grid({log10(n): f"{n:,}" for n in marks[:: 2 if narrow else 1]}, [at(power) for power in POWERS])
    for power in POWERS:
        board.bar(*span, at(power), "line", 1)
        board.text(left - 8, at(power), f"{percent(power, 0)} %", "muted", at="right", size=11)
    board.bar(*span, at(wanted), "muted", 1.4)
    taken: list[float] = []
    for place, (gap, powers) in enumerate(sorted(curves.items(), reverse=True)):
        known = [(n, p) for n, p in zip(sizes, powers, strict=True) if p is not None and isfinite(p)]
        if not known:
            continue
        role, ys = ROLES[place % len(ROLES)], [at(power) for _, power in known]
        board.line([log10(n) for n, _ in known], ys, role, 2.2, order=5)
        y = ys[-1]
        while any(abs(y - other) < 14 for other in taken):
            y += 15
        taken.append(y)
        name = f"{100 * gap:g}" if narrow else f"{100 * gap:g} points"
        board.text(width - right + 8, y, name, role, size=11.5, weight="bold")
    board.text(left, height - 2 * 14 - 8, f"{requests} in each cell", "muted", size=11)
    return board.svg(
        f"Power over {requests}", f"How often a gap is called yes, by {requests} in each cell, for gaps of "
        + ", ".join(f"{points(gap, 0).lstrip('+')}" for gap in sorted(curves)) + " points.",
    )  # fmt: skip


def render_power(
    sizes: Sequence[int], curves: Curves, *, subject: str, design: str, lead: str, notes: Sequence[str], wanted: float,
    requests: str,
) -> str:  # fmt: skip
    """Write the page of a plan: power over requests, and its assumptions.

    The lead is the result of the plan in a sentence or two; notes are its assumptions, a sentence each. For the others
    see `power_plot`. The page is as safe as that of `feint.report.page.render_report`.
    """
    plot = both(lambda narrow: power_plot(sizes, curves, wanted=wanted, narrow=narrow, requests=requests))
    caption = f"How often a gap is called yes, by {requests} in each cell. The line is at {percent(wanted, 0)} %."
    return environment().get_template("power.html.j2").render(
        title=f"Power of {design}", version=__version__, subject=subject, design=design, lead=lead, notes=notes,
        sizes=list(sizes), curves=dict(sorted(curves.items())), plot=plot, caption=caption, requests=requests,
    )  # fmt: skip


def show(told: Told) -> View | None:
    """Draw the gaps that the study could have seen; None for findings without a statement on power."""
    findings, power, zone = told.findings, told.findings.power, told.rule.smallest_effect
    if power is None:
        return None
    return {
        "power": power,
        "line": seen_line(findings, power, told.say),
        "missed": f"{100 * (1 - power.share):g}",
        "whole_points": whole_points,
        "rounded": rounded,
        "plot": both(lambda narrow: seen_plot(findings, power, told.say, zone=zone, narrow=narrow)),
    }


def line(told: Told) -> Iterator[RenderableType]:
    """Say in a line what gaps the study would have seen."""
    if told.findings.power is not None:
        yield plain(seen_line(told.findings, told.findings.power, told.say), "dim")


POWER = Section("power", "What it could have seen", show=show, terminal=line)
