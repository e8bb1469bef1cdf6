"""The figure of a comparison: the gap of every subject, stages of one family joined by a line."""

from collections.abc import Sequence

from feint.report.axes import draw_effects, ends_of, role_of, span_of
from feint.report.drawing import Board
from feint.report.text import one_line
from feint.report.words import Glossary, interval, points
from feint.study.compare.families import Group, grouped, siblings
from feint.study.compare.rows import Row

_TOP, _BOTTOM, _HEAD = 14, 28, 30


def gap_plot(rows: Sequence[Row], say: Glossary, *, zone: float = 0.05, narrow: bool = False) -> str:
    """Draw the gap of every subject with its interval.

    Args:
        rows: The studies.
        say: The words of the task.
        zone: The smallest effect of interest, as a fraction.
        narrow: True for the layout of a phone.

    Returns:
        An ``<svg>`` element.
    """
    groups = grouped(rows)
    heads, tops, foot = _layout(groups, 48 if narrow else 30)
    placed = [row for group in groups for row in group.rows]
    gaps = [row.gap for row in placed]
    ys = [top + (34 if narrow else 15) for top in tops]
    width, margins = (360, (16, 20)) if narrow else (760, (216, 230))
    board = Board("gaps", narrow, (width, foot + _BOTTOM), margins, span_of(ends_of(gaps), zone))
    draw_effects(board, ys, gaps, zone)
    for name, y in heads:
        board.text(0, y, name, "muted", size=11)
    at = 0
    for group in groups:
        if group.family is not None:
            (_fan if siblings(group) else _join)(board, group.rows, ys[at : at + len(group.rows)])
        at += len(group.rows)
    for row, y in zip(placed, ys, strict=True):
        _write(board, row, y)
    return board.svg(
        f"{say.words.gap.capitalize()}s", f"The {say.words.gap} of every subject, in points, with intervals; a line "
        "joins the stages of one family; a broken one is the gap of the model that the others were trained from. The "
        "table holds the same numbers.",
    )  # fmt: skip


def _layout(groups: Sequence[Group], step: float) -> tuple[list[tuple[str, float]], list[float], float]:
    """Place the groups' headings and rows: heads with their y, the top of each row, the foot of the last."""
    heads, tops, y = [], [], float(_TOP)
    for group in groups:
        if len(groups) > 1 or group.family is not None:
            heads.append((_title(group), y + 12))
            y += _HEAD
        for _ in group.rows:
            tops.append(y)
            y += step
    return heads, tops, y


def _title(group: Group) -> str:
    if group.family is None:
        return "other subjects"
    how = "the base model and what was trained from it" if siblings(group) else "stage by stage"
    return f"{one_line(group.family, 40)}, {how}"


def _fan(board: Board, rows: Sequence[Row], ys: Sequence[float]) -> None:
    """Draw the base model's gap through the rows of its descendants, and the distance of each from the base."""
    start = rows[0].gap.estimate
    if start is None:
        return
    board.line([start, start], [ys[0], ys[-1]], "muted", 1.2, order=3, cap="butt", dashes="4.8 3.6")
    for row, y in zip(rows[1:], ys[1:], strict=True):
        if row.gap.estimate is not None:
            board.line([start, row.gap.estimate], [y, y], "muted", 1, order=3)


def _join(board: Board, rows: Sequence[Row], ys: Sequence[float]) -> None:
    drawn = [(row.gap.estimate, y) for row, y in zip(rows, ys, strict=True) if row.gap.estimate is not None]
    board.line([x for x, _ in drawn], [y for _, y in drawn], "muted", 1.2, order=3)


def _write(board: Board, row: Row, y: float) -> None:
    gap = row.gap
    beside = y - 21 if board.narrow else y
    numbers = f"{points(gap.estimate)} {interval(gap.low, gap.high, signed=True)}"
    board.text(0, beside, one_line(row.subject, 26), weight="bold", size=11.5)
    if board.narrow:
        board.text(board.width, beside, numbers, at="right", size=11)
    else:
        board.text(board.width - 96, y, numbers, at="right", size=11.5)
        board.text(board.width, y, one_line(gap.decision, 14), role_of(gap.decision), at="right", size=11)
