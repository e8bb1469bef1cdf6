"""The section on interim looks: each contrast's interval narrowing over requests, up to its decision."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from feint.findings.contrasts import Look, StoppingFinding
from feint.report.axes import draw_mark, role_of
from feint.report.drawing import Board
from feint.report.figures import Contrasts
from feint.report.pages import both
from feint.report.section import Section, Told, View
from feint.report.terminal import plain
from feint.report.text import one_line
from feint.report.words import Glossary, count

_TOP, _BOTTOM = 10, 30
_HALF = 26
"""Pixels from the middle of a panel to its edge."""
_LEAST = 0.2
"""The smallest difference at the edge of a panel, as a fraction."""


def reach_of(path: Sequence[Look]) -> float:
    """Choose the difference at the edges of a panel: whole tens of points, with the last interval inside.

    The ends of earlier intervals may be outside, where they are cut off.
    """
    ends = [abs(end) for end in (path[-1].low, path[-1].high) if end is not None]
    return min(1.0, max(_LEAST, -(-round(100 * max(ends, default=_LEAST), 6) // 10) / 10))


def ticks_of(most: int) -> dict[float, str]:
    """Choose numbers of requests to mark on an axis that ends at the most that may be asked.

    >>> ticks_of(20)
    {0.0: '0', 5.0: '5', 10.0: '10', 15.0: '15', 20.0: '20'}
    """
    step = next((step for step in (5, 10, 20, 50, 100, 200, 500) if most / step <= 6), 1000)
    return {float(n): f"{n:,}" for n in range(0, most + 1, step)}


def funnel_plot(
    found: StoppingFinding, contrasts: Contrasts, say: Glossary, *, zone: float = 0.05, narrow: bool = False
) -> str:
    """Draw a panel for each contrast that was looked at: estimate and interval against requests, up to its decision."""
    looked = {key: entry for key, entry in found.contrasts.items() if entry.path}
    most = max((entry.path[-1].requests for entry in looked.values()), default=10)
    width, margins, row = (360, (16, 44), 92) if narrow else (760, (240, 150), 68)
    board = Board("funnels", narrow, (width, _TOP + row * len(looked) + _BOTTOM), margins, (0, most))
    middles = [_TOP + row * i + (60.0 if narrow else 34.0) for i in range(len(looked))]
    board.grid(ticks_of(most), middles)
    for middle, (key, entry) in zip(middles, looked.items(), strict=True):
        decision, reach = contrasts[key].decision, reach_of(entry.path)
        _panel(board, middle, entry.path, decision, zone)
        after = f"after {count(entry.after, say.words.request)}" if entry.after else "open"
        told = decision if not entry.moot else "no longer asked"
        top = middle - _HALF - 22 if narrow else middle - 8
        board.text(0, top, one_line(say.label(key), 34), weight="bold")
        board.text(0, top + (14 if narrow else 17), f"{told}, {after}", role_of(decision), size=11)
        for place, text in ((-_HALF, f"+{100 * reach:g}"), (0, "0"), (_HALF, f"−{100 * reach:g}")):
            board.text(width - margins[1] + 8, middle + place, text, "muted", size=10)
    return board.svg(
        "Looks", "For each contrast, its estimate and the interval that holds at every look, against the "
        f"{say.words.requests} asked; the shaded zone is ±{100 * zone:g} points, and each panel has its own scale. The "
        "table below holds the same numbers.",
    )  # fmt: skip


def _panel(board: Board, middle: float, path: Sequence[Look], decision: str, zone: float) -> None:
    """Draw one contrast around a line of no difference."""
    role, end, reach = role_of(decision), board.span[1], reach_of(path)

    def at(value: float) -> float:
        return middle - _HALF * min(max(value / reach, -1.0), 1.0)

    board.area([0, end], [at(zone)] * 2, [at(-zone)] * 2, "zone", order=0)
    board.line([0, end], [middle, middle], "muted", 1, order=2)
    steps = [
        (float(look.requests), at(look.low), at(look.high), at(look.estimate))
        for look in path
        if look.low is not None and look.high is not None and look.estimate is not None
    ]
    if not steps:
        return
    x, low, high, middles = zip(*steps, strict=True)
    board.area(x, low, high, role, order=3, alpha=0.18)
    for ends in (low, high):
        board.line(x, ends, role, 1.2, order=4)
    board.line(x, middles, "ink", 1.6, order=5)
    board.line([x[-1], x[-1]], [low[-1], high[-1]], role, 2.2, order=5)
    draw_mark(board, x[-1], middles[-1], decision)


def stopping_line(found: StoppingFinding, say: Glossary) -> str:
    """Say in a sentence or two when asking ended and what the intervals are."""
    replies = f"{found.replies:,} of at most {count(found.most_replies, say.words.reply)}"
    took = f"{count(found.requests, say.words.request)} ({replies})"
    if not found.ended:
        ended = f"Looked at after {took}, and not decided yet"
    elif found.open:
        still = f"{len(found.open)} of {count(len(found.contrasts), 'contrast')}"
        ended = f"Everything planned was asked, {took}, and {still} stay undecided"
    elif found.until == "decided":
        ended = f"Stopped when decided, after {took}"
    else:
        ended = f"Stopped when {found.until} was settled, after {took}"
    return f"{ended}. Each interval holds at every look, however often one looked."


def show(told: Told) -> View | None:
    """Draw the looks. A study of fixed size has no such section (None)."""
    found = told.findings.stopping
    if found is None:
        return None

    plot, contrasts, zone = None, told.findings.contrasts, told.rule.smallest_effect
    if any(entry.path for entry in found.contrasts.values()):
        plot = both(lambda narrow: funnel_plot(found, contrasts, told.say, zone=zone, narrow=narrow))
    return {"found": found, "line": stopping_line(found, told.say), "plot": plot}


def line(told: Told) -> Iterator[RenderableType]:
    """Say in a line when asking ended."""
    if told.findings.stopping is not None:
        yield plain(stopping_line(told.findings.stopping, told.say), "dim")


STOPPING = Section("stopping", "When it was decided", show=show, terminal=line)
