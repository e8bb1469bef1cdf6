"""The figure of several designs: for each explanation, the contrasts that speak of it, design by design."""

from collections.abc import Mapping, Sequence
from typing import Any

from feint.report.axes import draw_effects, role_of, span_of
from feint.report.drawing import Board, plain_matplotlib
from feint.report.text import one_line
from feint.report.words import interval, label, minus, points

MOST_ROWS = 150
"""A longer figure helps nobody; the table holds the same."""
_TOP, _BOTTOM, _HEAD = 10, 28, 34

Row = dict[str, Any]


def evidence_rows(explanations: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Row]]]:
    """The contrasts behind each explanation that has any.

    Args:
        explanations: As `feint.report.compare.render_compare_html` takes them.

    Returns:
        Explanation and its rows: `subject`, `design`, `is`, `estimate`, `low`, `high` and `decision` (of the contrast).
    """
    found = [
        (
            entry["explanation"],
            [
                {**contrast, "subject": cell["subject"], "design": one["design"]}
                for cell in entry["subjects"]
                for one in cell["evidence"]
                for contrast in one["contrasts"].values()
            ],
        )
        for entry in explanations
    ]
    return [(name, rows) for name, rows in found if rows]


def evidence_plot(explanations: Sequence[Mapping[str, Any]], *, zone: float = 0.05, narrow: bool = False) -> str | None:
    """Draw every contrast that names an explanation, those of one explanation together.

    Args:
        explanations: As in `evidence_rows`.
        zone: The smallest effect of interest, as a fraction.
        narrow: Whether to lay it out for a phone.

    Returns:
        An ``<svg>`` element; None where there is nothing to draw, or too much.
    """
    groups = evidence_rows(explanations)
    entries = [row for _, rows in groups for row in rows]
    if not 0 < len(entries) <= MOST_ROWS:
        return None
    several = len({row["subject"] for row in entries}) > 1
    step = 60 if narrow else 36
    width, left, right = (360, 16, 20) if narrow else (760, 250, 230)
    height = _TOP + len(groups) * _HEAD + len(entries) * step + _BOTTOM
    with plain_matplotlib():
        board = Board("evidence", narrow, width, height, left, right, span_of(entries, zone))
        y, ys, heads = float(_TOP), [], []
        for name, rows in groups:
            heads.append((y + 20, name))
            y += _HEAD
            for _ in rows:
                ys.append(y + (step - 14 if narrow else step / 2))
                y += step
        draw_effects(board, ys, entries, zone)
        for at, name in heads:
            board.text(0, at, label(name), weight="bold", size=12.5)
        for at, row in zip(ys, entries, strict=True):
            _write(board, row, at, several)
        return board.svg(
            "Evidence by explanation", "For each explanation the contrasts that name it, in points with intervals, "
            "design by design. The table holds the same numbers.",
        )  # fmt: skip


def _write(board: Board, row: Row, y: float, several: bool) -> None:
    name = f"{one_line(row['subject'], 22)} · {one_line(row['design'], 16)}" if several else one_line(row["design"], 34)
    top = y - 34 if board.narrow else y - 7
    figures = f"{points(row['estimate'])} {interval(row['low'], row['high'], signed=True)}"
    board.text(0, top, name, size=11.5)
    board.text(0, top + 15, one_line(minus(str(row["is"])), 40), "muted", size=10)
    if board.narrow:
        board.text(board.width, top, figures, at="right", size=11)
    else:
        board.text(board.width - 96, y, figures, at="right", size=11.5)
        board.text(board.width, y, one_line(row["decision"], 14), role_of(row), at="right", size=11)
