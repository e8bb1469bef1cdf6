"""Axes that figures share: differences in points around a zone of no interest, and fractions."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from feint.report.drawing import Board
from feint.report.words import MINUS, known

MARKERS = {"yes": ("o", False), "no": ("s", False), "undetermined": ("o", True), "conflicting": ("D", True)}
FRACTIONS = {percent / 100: f"{percent} %" for percent in range(0, 101, 25)}


class Shown(Protocol):
    """Anything with an estimate, an interval and a decision."""

    @property
    def estimate(self) -> float | None:
        """The estimate, as a fraction; None without one."""

    @property
    def low(self) -> float | None:
        """The lower end of its interval."""

    @property
    def high(self) -> float | None:
        """The upper end of its interval."""

    @property
    def decision(self) -> str:
        """The decision on it."""


def role_of(decision: str) -> str:
    """Name the colour of a decision; one that is not known is drawn as undetermined.

    >>> role_of("yes"), role_of("maybe")
    ('yes', 'undetermined')
    """
    return decision if decision in MARKERS else "undetermined"


def span_of(values: Iterable[float | None], zone: float) -> tuple[float, float]:
    """Choose the ends of an axis of differences: whole tens of points, with the zone of no interest inside.

    Args:
        values: Estimates and ends of intervals, as fractions; unknown ones are left out.
        zone: The smallest effect of interest, as a fraction.

    Returns:
        The lower and upper end, as fractions.

    >>> span_of([0.3, 0.2, 0.31, None], 0.05)
    (-0.1, 0.4)
    """
    drawn = [value for value in values if value is not None and known(value)]
    low, high = min([-2 * zone, *drawn]), max([2 * zone, *drawn])
    return -_tens_above(-low), _tens_above(high)


def ends_of(entries: Iterable[Shown]) -> list[float | None]:
    """List estimates and ends of intervals, for `span_of`."""
    return [value for one in entries for value in (one.estimate, one.low, one.high)]


def _tens_above(value: float) -> float:
    # Rounded first: 0.1 + 0.2 in floating point must not open another ten.
    return -(-round(100 * value, 6) // 10) / 10


def ticks_of(span: tuple[float, float], most: int) -> dict[float, str]:
    """Choose the marked values of an axis of differences.

    Args:
        span: The ends of the axis, as fractions.
        most: The most values to mark.

    Returns:
        The text at each value.

    >>> ticks_of((-0.1, 0.2), 5)
    {-0.1: '−10', 0.0: '0', 0.1: '+10', 0.2: '+20'}
    """
    first, last = round(100 * span[0]), round(100 * span[1])
    step = next((s for s in (5, 10, 20, 25, 50) if (last - first) / s <= most - 1), 100)
    values = range(-(-first // step) * step, last + 1, step)
    return {v / 100: f"{v:+d}".replace("-", MINUS) if v else "0" for v in values}


def draw_effects(board: Board, ys: Sequence[float], entries: Sequence[Shown], zone: float) -> None:
    """Draw the shaded zone, the zero line and, at each y, an estimate with its interval.

    Args:
        board: Where to draw.
        ys: In pixels, one for each entry.
        entries: What to draw.
        zone: The smallest effect of interest, as a fraction.
    """
    board.shade(-zone, zone, ys)
    board.grid(ticks_of(board.span, 5 if board.narrow else 9), ys)
    board.rule(0, ys, "muted")
    for y, entry in zip(ys, entries, strict=True):
        if entry.estimate is not None and known(entry.estimate):
            draw_effect(board, y, entry.estimate, (entry.low, entry.high), entry.decision)


def draw_effect(
    board: Board, y: float, estimate: float, ends: tuple[float | None, float | None], decision: str
) -> None:
    """Draw one estimate with its interval, in the colour and with the mark of its decision."""
    role = role_of(decision)
    marker, hollow = MARKERS[role]
    low, high = ends
    if low is not None and high is not None and known(low) and known(high):
        board.bar(low, high, y, role)
    board.dot(estimate, y, role, marker, hollow=hollow, size=8 if marker == "o" else 7)
