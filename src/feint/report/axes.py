"""Axes that figures share: differences in points around a zone of no interest, and fractions.

Values are fractions. `zone` is the smallest effect of interest; where rows are, `ys`, is in pixels.
"""

from collections.abc import Iterable, Sequence

from feint.findings import Estimated
from feint.findings.contrasts import ContrastFinding
from feint.findings.model import Credible
from feint.report.drawing import Board
from feint.report.words import MINUS, known

MARKERS = {"yes": ("o", False), "no": ("s", False), "undetermined": ("o", True), "conflicting": ("D", True)}
FRACTIONS = {percent / 100: f"{percent} %" for percent in range(0, 101, 25)}


def role_of(decision: str) -> str:
    """Name the colour of a decision; one that is not known is drawn as undetermined.

    >>> role_of("yes"), role_of("maybe")
    ('yes', 'undetermined')
    """
    return decision if decision in MARKERS else "undetermined"


def span_of(values: Iterable[float | None], zone: float) -> tuple[float, float]:
    """Choose the ends of an axis of differences: whole tens of points, with all known values and the zone inside.

    >>> span_of([0.3, 0.2, 0.31, None], 0.05)
    (-0.1, 0.4)
    """
    drawn = [value for value in values if value is not None and known(value)]

    def tens_above(value: float) -> float:
        # Rounded first: 0.1 + 0.2 in floating point must not open another ten.
        return -(-round(100 * value, 6) // 10) / 10

    return -tens_above(-min([-2 * zone, *drawn])), tens_above(max([2 * zone, *drawn]))


def ends_of(entries: Iterable[Estimated | Credible]) -> list[float | None]:
    """List estimates and ends of intervals, for `span_of`."""
    return [value for one in entries for value in (one.estimate, one.low, one.high)]


def ticks_of(span: tuple[float, float], most: int) -> dict[float, str]:
    """Choose the marked values of an axis of differences, `most` at the most, and the text of each.

    >>> ticks_of((-0.1, 0.2), 5)
    {-0.1: '−10', 0.0: '0', 0.1: '+10', 0.2: '+20'}
    """
    first, last = round(100 * span[0]), round(100 * span[1])
    step = next((s for s in (5, 10, 20, 25, 50) if (last - first) / s <= most - 1), 100)
    values = range(-(-first // step) * step, last + 1, step)
    return {v / 100: f"{v:+d}".replace("-", MINUS) if v else "0" for v in values}


def draw_zone(board: Board, ys: Sequence[float], zone: float, most: int) -> None:
    """Draw the shaded zone, the zero line, and `most` ticks at the most."""
    board.shade(-zone, zone, ys)
    board.grid(ticks_of(board.span, most), ys)
    board.rule(0, ys, "muted")


def draw_effects(board: Board, ys: Sequence[float], entries: Sequence[ContrastFinding], zone: float) -> None:
    """Draw the zone and, at each y, an estimate with its interval, in the colour and with the mark of its decision."""
    draw_zone(board, ys, zone, 5 if board.narrow else 9)
    for y, entry in zip(ys, entries, strict=True):
        if entry.estimate is not None and known(entry.estimate):
            if entry.low is not None and entry.high is not None and known(entry.low) and known(entry.high):
                board.bar(entry.low, entry.high, y, role_of(entry.decision))
            draw_mark(board, entry.estimate, y, entry.decision, disc=8)


def draw_mark(board: Board, x: float, y: float, decision: str, *, disc: float = 7) -> None:
    """Draw the mark of a decision; `disc` is the size of a disc."""
    role = role_of(decision)
    marker, hollow = MARKERS[role]
    board.dot(x, y, role, marker, hollow=hollow, size=disc if marker == "o" else 7)
