"""The figures of one study: contrasts, cells, requests and voices.

Each takes a part of the findings and returns an ``<svg>`` element; `narrow` is the layout for a phone.
"""

from collections import Counter
from collections.abc import Mapping
from math import sqrt

from feint.findings.contrasts import ContrastFinding
from feint.findings.findings import CellFinding
from feint.report.axes import FRACTIONS, draw_effects, ends_of, role_of, span_of, ticks_of
from feint.report.drawing import Board
from feint.report.text import one_line
from feint.report.words import MINUS, Glossary, interval, known, minus, percent, points

Cells = Mapping[str, CellFinding]
Contrasts = Mapping[str, ContrastFinding]
VOICE_MARKERS = {"o": "○", "s": "□", "^": "△", "D": "◇", "v": "▽", "P": "+"}
"""By mark of a voice, the sign that a caption shows for it."""
_TOP, _BOTTOM = 14, 28


def voices_of(cells: Cells) -> list[str]:
    """List the voices of all cells in the order in which they are drawn."""
    return list(dict.fromkeys(voice for entry in cells.values() for voice in entry.voices))


def forest_plot(contrasts: Contrasts, say: Glossary, *, zone: float = 0.05, narrow: bool = False) -> str:
    """Draw every contrast with its interval over the shaded zone of effects too small to matter."""
    entries = list(contrasts.values())
    parts = [_expression(entry.expression, 44) for entry in entries]
    heights = [(54 if narrow else 34) + 15 * len(part) for part in parts]
    tops = [_TOP + sum(heights[:i]) for i in range(len(heights))]
    width, margins = (360, (16, 20)) if narrow else (760, (240, 160))
    board = Board("forest", narrow, (width, _TOP + sum(heights) + _BOTTOM), margins, span_of(ends_of(entries), zone))
    ys = [top + (h - 20 if narrow else h / 2) for top, h in zip(tops, heights, strict=True)]
    draw_effects(board, ys, entries, zone)
    for (key, entry), part, top, y in zip(contrasts.items(), parts, tops, ys, strict=True):
        first = top + 10 if narrow else y - 7.5 * len(part)
        board.text(0, first, one_line(say.label(key), 34), weight="bold")
        for i, line in enumerate(part):
            board.text(0, first + 15 * (i + 1) + 1, line, "muted", size=10.5)
        numbers = f"{points(entry.estimate)} {interval(entry.low, entry.high, signed=True)}"
        board.text(width, first if narrow else y - 8, numbers, at="right", size=11 if narrow else 12.5)
        below, role = first + 15 if narrow else y + 9, role_of(entry.decision)
        board.text(width, below, entry.decision, role, at="right", size=11)
    return board.svg(
        "Contrasts", f"Difference in {say.words.measure} for each contrast, in points, with intervals; "
        f"the shaded zone is ±{100 * zone:g} points. The table below holds the same numbers.",
    )  # fmt: skip


def _expression(expression: str, limit: int) -> list[str]:
    """Break a long difference of differences before its second bracket."""
    if len(expression) <= limit:
        return [minus(expression)]
    first, *rest = expression.split(" - (")
    return [one_line(minus(line), limit) for line in (first, *(f"{MINUS} ({part}" for part in rest))]


def cell_plot(cells: Cells, say: Glossary, *, narrow: bool = False) -> str:
    """Draw the rate of every cell with its interval, and the rate of the benign twins."""
    board, ys = _cell_board("cells", cells, narrow, 160)
    for y, entry in zip(ys, cells.values(), strict=True):
        whole, twins = entry.compliance, entry.twins
        if twins and twins.estimate is not None:
            board.dot(twins.estimate, y, "muted", "^", hollow=True, size=6)
        if whole.estimate is not None and whole.low is not None and whole.high is not None:
            board.bar(whole.low, whole.high, y, "ink")
            board.dot(whole.estimate, y, "ink")
        numbers = f"{percent(whole.estimate)} % {interval(whole.low, whole.high)}"
        board.text(board.width, y - 21 if narrow else y, numbers, at="right", size=11 if narrow else 12.5)
    tame = any(entry.twins for entry in cells.values())
    return board.svg(
        f"{say.words.measure.capitalize()} by cell", f"Share of {say.words.replies} that {say.words.do} in each cell, "
        f"with intervals{'; triangles are the benign twins' if tame else ''}. The table below holds the same numbers.",
    )  # fmt: skip


def voice_plot(cells: Cells, say: Glossary, *, narrow: bool = False) -> str:
    """Draw the rate of every cell apart by voice: marks that are close mean that wording matters little."""
    voices, markers = voices_of(cells), list(VOICE_MARKERS)
    board, ys = _cell_board("voices", cells, narrow, 40)
    for y, entry in zip(ys, cells.values(), strict=True):
        shares = {voice: part.estimate for voice, part in entry.voices.items() if part.estimate is not None}
        if shares:
            board.bar(min(shares.values()), max(shares.values()), y, "line", 4)
        for voice, share in shares.items():
            at = voices.index(voice)
            board.dot(share, y, f"voice-{at % 3 + 1}", markers[at % len(markers)], hollow=True, size=7)
    return board.svg(
        f"{say.words.measure.capitalize()} by voice",
        f"Share of {say.words.replies} that {say.words.do} in each cell, apart by voice.",
    )


def _cell_board(name: str, cells: Cells, narrow: bool, margin: float) -> tuple[Board, list[float]]:
    """Prepare a figure with a named row for each cell and an axis from 0 to 100 %."""
    width, left, right, row = (360, 16, 20, 48) if narrow else (760, 170, margin, 29)
    board = Board(name, narrow, (width, _TOP + row * len(cells) + _BOTTOM), (left, right), (0, 1))
    ys = [_TOP + row * i + (34.0 if narrow else 15.0) for i in range(len(cells))]
    board.grid(FRACTIONS, ys)
    for y, cell in zip(ys, cells, strict=True):
        board.text(0, y - 21 if narrow else y, one_line(cell, 24), weight="bold")
    return board, ys


def request_plot(contrasts: Contrasts, say: Glossary, *, narrow: bool = False) -> str:
    """Draw how the requests differ: at each difference, a disc whose area is the number of requests there."""
    counts = [Counter(round(d, 2) for d in entry.per_request.values() if known(d)) for entry in contrasts.values()]
    most = max((n for bins in counts for n in bins.values()), default=1)
    width, margins, row = (360, (20, 20), 62) if narrow else (760, (240, 30), 44)
    span = span_of([value for bins in counts for value in bins], 0.25)
    board = Board("requests", narrow, (width, _TOP + row * len(counts) + _BOTTOM), margins, span)
    ys = [_TOP + row * i + (42 if narrow else 22) for i in range(len(counts))]
    board.grid(ticks_of(span, 5), ys)
    board.rule(0, ys, "muted")
    for y, (key, entry), bins in zip(ys, contrasts.items(), counts, strict=True):
        for value, n in sorted(bins.items()):
            board.dot(value, y, "disc", size=max(3.0, 28 * sqrt(n / most)))
        if entry.estimate is not None:
            board.line([entry.estimate] * 2, [y - 16, y + 16], "yes", 2, order=6)
        board.text(0, y - 27 if narrow else y, one_line(say.label(key), 26), weight="bold")
    word = say.words
    return board.svg(
        word.requests.capitalize(), f"For each contrast, how many {word.requests} show which difference in "
        f"{word.measure}: the larger the disc, the more {word.requests}. The upright line is the mean.",
    )  # fmt: skip
