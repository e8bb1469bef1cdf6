"""The figure of several designs: for each explanation, the contrasts that speak of it, design by design."""

from collections.abc import Sequence
from dataclasses import dataclass

from feint.findings.contrasts import ContrastFinding
from feint.report.axes import draw_effects, ends_of, role_of, span_of
from feint.report.drawing import Board
from feint.report.text import one_line
from feint.report.words import Glossary, interval, minus, points
from feint.study.compare.rows import Explained

MOST_ROWS = 150
"""A longer figure helps nobody; the table holds the same."""
_TOP, _BOTTOM, _HEAD = 10, 28, 34


@dataclass(frozen=True)
class Line:
    """A contrast of a subject in a design."""

    subject: str
    design: str
    found: ContrastFinding


def lines_of(explanations: Sequence[Explained]) -> list[tuple[str, list[Line]]]:
    """List the contrasts behind each explanation that has any."""
    found = [
        (
            entry.explanation,
            [
                Line(cell.subject, one.design, contrast)
                for cell in entry.subjects
                for one in cell.evidence
                for contrast in one.contrasts.values()
            ],
        )
        for entry in explanations
    ]
    return [(name, lines) for name, lines in found if lines]


def evidence_plot(
    explanations: Sequence[Explained], say: Glossary, *, zone: float = 0.05, narrow: bool = False
) -> str | None:
    """Draw every contrast that names an explanation, those of one explanation together.

    Args:
        explanations: The explanations.
        say: The words of the task.
        zone: The smallest effect of interest, as a fraction.
        narrow: True for the layout of a phone.

    Returns:
        An ``<svg>`` element; None where there is nothing to draw, or too much.
    """
    groups = lines_of(explanations)
    lines = [line for _, group in groups for line in group]
    if not 0 < len(lines) <= MOST_ROWS:
        return None
    several = len({line.subject for line in lines}) > 1
    step = 60 if narrow else 36
    width, margins = (360, (16, 20)) if narrow else (760, (250, 230))
    height = _TOP + len(groups) * _HEAD + len(lines) * step + _BOTTOM
    entries = [line.found for line in lines]
    board = Board("evidence", narrow, (width, height), margins, span_of(ends_of(entries), zone))
    y, ys, heads = float(_TOP), [], []
    for name, group in groups:
        heads.append((y + 20, name))
        y += _HEAD
        for _ in group:
            ys.append(y + (step - 14 if narrow else step / 2))
            y += step
    draw_effects(board, ys, entries, zone)
    for at, name in heads:
        board.text(0, at, say.label(name), weight="bold", size=12.5)
    for at, line in zip(ys, lines, strict=True):
        _write(board, line, at, several)
    return board.svg(
        "Evidence by explanation", "For each explanation the contrasts that name it, in points with intervals, "
        "design by design. The table holds the same numbers.",
    )  # fmt: skip


def _write(board: Board, line: Line, y: float, several: bool) -> None:
    design, found = line.design, line.found
    name = f"{one_line(line.subject, 22)} · {one_line(design, 16)}" if several else one_line(design, 34)
    top = y - 34 if board.narrow else y - 7
    numbers = f"{points(found.estimate)} {interval(found.low, found.high, signed=True)}"
    board.text(0, top, name, size=11.5)
    board.text(0, top + 15, one_line(minus(found.expression), 40), "muted", size=10)
    if board.narrow:
        board.text(board.width, top, numbers, at="right", size=11)
    else:
        board.text(board.width - 96, y, numbers, at="right", size=11.5)
        board.text(board.width, y, one_line(found.decision, 14), role_of(found.decision), at="right", size=11)
