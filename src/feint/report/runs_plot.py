"""The attribution plot: each behaviour a panel, each contrast a row, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feint.report.axes import span_of, ticks_of
from feint.report.drawing import Board, plain_matplotlib
from feint.report.text import one_line
from feint.report.words import data, known, label

ALPHA = 0.05
_LABELS, _GAP, _HEAD, _FOOT, _ROW, _TALL_ROW = 150, 36, 52, 30, 24, 36


@dataclass(frozen=True)
class Panel:
    """A part of a board with an axis of its own, in pixels."""

    left: float
    right: float
    top: float
    bottom: float
    span: tuple[float, float]

    def x(self, value: float) -> float:
        """Where a value lies."""
        low, high = self.span
        return self.left + (value - low) / (high - low) * (self.right - self.left)


def behaviour_plot(
    behaviours: Mapping[str, Any], *, zone: float = 0.05, alpha: float = ALPHA, narrow: bool = False
) -> str:
    """Draw every behaviour in every contrast in which it can occur.

    Rates share one axis; the shift of a score, which is in other points, has its own.

    Args:
        behaviours: As in findings.json under `runs`.
        zone: The smallest effect of interest, as a fraction.
        alpha: Error rate; a disc is full where the adjusted p value lies below it.
        narrow: Whether to lay it out for a phone.

    Returns:
        An ``<svg>`` element.
    """
    rows = list(dict.fromkeys(key for entry in behaviours.values() for key in entry["contrasts"]))
    spans = {unit: span_of(entries, zone) for unit, entries in _by_unit(behaviours).items()}
    with plain_matplotlib():
        if narrow:
            board = _stacked(behaviours, spans, zone, alpha)
        else:
            board = _side_by_side(behaviours, rows, spans, zone, alpha)
        return board.svg(
            "Behaviours by contrast", "For each behaviour and each contrast, the difference with its interval; a full "
            f"disc is significant once adjusted for all of them, the shaded zone is ±{100 * zone:g} points. The table "
            "holds the same numbers.",
        )  # fmt: skip


def _by_unit(behaviours: Mapping[str, Any]) -> dict[bool, list[Mapping[str, Any]]]:
    found: dict[bool, list[Mapping[str, Any]]] = {}
    for entry in behaviours.values():
        for one in entry["contrasts"].values():
            found.setdefault(_is_score(entry), []).append(one)
    return found


def _is_score(entry: Mapping[str, Any]) -> bool:
    return any(one["measure"] == "shift" for one in entry["contrasts"].values())


def _side_by_side(
    behaviours: Mapping[str, Any], rows: Sequence[str], spans: Mapping[bool, Any], zone: float, alpha: float
) -> Board:
    width, height = 760, _HEAD + _ROW * len(rows) + _FOOT
    board = Board("behaviours", False, width, height, 0, 0, (0, width))
    each = (width - _LABELS - _GAP * max(len(behaviours) - 1, 0) - 18) / max(len(behaviours), 1)
    ys = {key: _HEAD + _ROW * (i + 0.5) for i, key in enumerate(rows)}
    for key, y in ys.items():
        board.text(0, y, one_line(label(key), 24), size=11.5)
    for i, (key, entry) in enumerate(behaviours.items()):
        left = _LABELS + i * (each + _GAP)
        panel = Panel(left, left + each, _HEAD, height - _FOOT, spans[_is_score(entry)])
        for line, text in enumerate(_lines(key)):
            board.text((panel.left + panel.right) / 2, 9 + 15 * line, text, at="center", size=11.5, weight="bold")
        board.text((panel.left + panel.right) / 2, 40, unit_of(entry), "muted", at="center", size=10.5)
        _frame(board, panel, zone, [(panel.top, panel.bottom)])
        for row, y in ys.items():
            if row in entry["contrasts"]:
                _mark(board, panel, y, entry["contrasts"][row], alpha)
            else:
                board.text(panel.right, y, "–", "muted", at="right", size=11)
    return board


def _stacked(behaviours: Mapping[str, Any], spans: Mapping[bool, Any], zone: float, alpha: float) -> Board:
    width = 360
    heights = [_HEAD + _TALL_ROW * len(entry["contrasts"]) + _FOOT for entry in behaviours.values()]
    board = Board("behaviours", True, width, max(sum(heights), _HEAD), 0, 0, (0, width))
    top = 0.0
    for (key, entry), height in zip(behaviours.items(), heights, strict=True):
        panel = Panel(16, width - 16, top + _HEAD, top + height - _FOOT, spans[_is_score(entry)])
        board.text(0, top + 16, " ".join(_lines(key)), weight="bold", size=13)
        board.text(0, top + 34, unit_of(entry), "muted", size=11)
        ys = [panel.top + _TALL_ROW * i + 26.0 for i in range(len(entry["contrasts"]))]
        _frame(board, panel, zone, [(y - 7, y + 7) for y in ys])
        for y, (row, one) in zip(ys, entry["contrasts"].items(), strict=True):
            board.text(0, y - 17, one_line(label(row), 44), size=11.5)
            _mark(board, panel, y, one, alpha)
        top += height
    return board


def _lines(behaviour: str) -> list[str]:
    told = data("runs")["behaviours"].get(behaviour)
    return list(told["lines"]) if told else [one_line(behaviour.replace("_", " ").capitalize(), 24)]


def unit_of(entry: Mapping[str, Any]) -> str:
    """In what a behaviour is measured."""
    named = [data("runs")["measures"].get(one["measure"]) for one in entry["contrasts"].values()]
    units = list(dict.fromkeys(one["unit"] for one in named if one))
    return " or ".join(units)


def excludes_zero(entry: Mapping[str, Any]) -> bool:
    """Whether the interval of a difference lies on one side of 0."""
    return known(entry["low"]) and known(entry["high"]) and (entry["low"] > 0 or entry["high"] < 0)


def _frame(board: Board, panel: Panel, zone: float, strips: Sequence[tuple[float, float]]) -> None:
    """Draw the zone, the ticks and the zero line of a panel, and its values at the foot."""
    ticks = ticks_of(panel.span, 5)
    for top, bottom in strips:
        board.area([panel.x(-zone), panel.x(zone)], [top] * 2, [bottom] * 2, "zone", order=0)
        for value in ticks:
            role, width = ("muted", 1.2) if value == 0 else ("line", 1.0)
            at = panel.x(value)
            board.line([at, at], [top, bottom], role, width, order=1 + width)
    for value, text in ticks.items():
        board.text(panel.x(value), panel.bottom + 13, text, "muted", at="center", size=10.5)


def _mark(board: Board, panel: Panel, y: float, entry: Mapping[str, Any], alpha: float) -> None:
    if not known(entry["estimate"]):
        board.text((panel.left + panel.right) / 2, y, "missing", "muted", at="center", size=10.5)
        return
    sure = known(entry["p_holm"]) and entry["p_holm"] < alpha
    role = "ink" if excludes_zero(entry) else "undetermined"
    if known(entry["low"]) and known(entry["high"]):
        board.bar(panel.x(entry["low"]), panel.x(entry["high"]), y, role, 2)
    board.dot(panel.x(entry["estimate"]), y, role, hollow=not sure, size=7)
