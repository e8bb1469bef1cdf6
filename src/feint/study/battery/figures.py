"""The axes of the card as figures: each on its own scale, with zero, the smallest effect of interest, both ranges."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10

from feint.findings.battery import AxisFinding
from feint.report.axes import draw_mark, role_of, span_of, ticks_of
from feint.report.contrasts import in_unit
from feint.report.drawing import Board
from feint.report.words import MINUS, mark_of
from feint.study.battery.words import errs_words, mark_for

ROW, OTHER, FOOT = 18, 16, 24
"""Heights in pixels: of the row of an estimate, of the published range, and of the numbers below."""
Span = tuple[float, float]


def scale_of(axes: Sequence[AxisFinding]) -> Span:
    """Choose the ends of the scale of one axis, with the values of all models and the published range inside.

    >>> from feint.findings.battery import AxisFinding
    >>> axis = AxisFinding(task="t", key="k", of="c", label="L", less="less", more="more", state="estimated",
    ...                    estimate=0.3, low=0.2, high=0.45, unit="points", smallest_effect=0.05)
    >>> scale_of([axis])
    (-0.1, 0.5)
    """
    values = [value for axis in axes for value in (axis.low, axis.high, axis.estimate)]
    shown = [axis.published for axis in axes if axis.published is not None]
    values += [value for one in shown for value in (one.low, one.high)]
    zone = max((axis.smallest_effect or 0.0 for axis in axes), default=0.0)
    if unit_of(axes) == "points":
        return span_of(values, zone or 0.05)
    drawn = [value for value in values if value is not None]
    low, high = min([-2 * zone, *drawn, 0.0]), max([2 * zone, *drawn, 0.0])
    step = step_of(high - low or 1.0)
    return floor(low / step) * step, ceil(high / step) * step or step


def unit_of(axes: Iterable[AxisFinding]) -> str:
    """Return the unit of one axis over several models; points where no model has an estimate."""
    return next((axis.unit for axis in axes if axis.unit), "points")


def step_of(width: float) -> float:
    """Choose the distance of ticks on a scale of this width: 1, 2 or 5 times a power of ten, five ticks at the most.

    >>> step_of(1.0), step_of(0.3), step_of(70)
    (0.5, 0.1, 20.0)
    """
    power = 10.0 ** floor(log10(width))
    return next((times * power for times in (0.1, 0.2, 0.5, 1, 2) if width / (times * power) <= 4), 5 * power)


def ticks_on(span: Span, unit: str) -> dict[float, str]:
    """Choose the marked values of a scale, and the text of each."""
    if unit == "points":
        return ticks_of(span, 5)
    step = step_of(span[1] - span[0])
    values = [number * step for number in range(ceil(span[0] / step - 1e-9), floor(span[1] / step + 1e-9) + 1)]
    return {value: f"{value:+.3g}".replace("-", MINUS) if abs(value) > step / 2 else "0" for value in values}


def strip(axis: AxisFinding, name: str, *, span: Span | None = None, unit: str = "", narrow: bool = False) -> str:
    """Draw one axis of one model.

    An axis without an estimate is a dashed line with the word for its state, and neither zero nor a mark is drawn on
    the line: nothing is read as zero.

    Args:
        axis: The axis.
        name: Tells the figures of a page apart; letters, digits and hyphens.
        span: The ends of the scale; by default, the axis's own.
        unit: The unit of the scale, for an axis without an estimate.
        narrow: True for a phone.
    """
    span, unit = span or scale_of([axis]), axis.unit or unit or "points"
    scaled = axis.state == "estimated" or axis.published is not None
    height = ROW + (OTHER if axis.published else 0) + (FOOT if scaled else 6)
    board = Board(name, narrow, (320 if narrow else 420, height), (14, 14), span)
    middle, below = ROW / 2 + 3, ROW + OTHER / 2 + 1
    if axis.state == "estimated":
        draw_estimate(board, axis, middle)
    else:
        draw_state(board, axis, middle)
    if axis.published is not None:
        draw_published(board, axis, below)
    foot = height - 9
    for value, text in ticks_on(span, unit).items() if scaled else ():
        board.line([value, value], [height - FOOT + 2, height - FOOT + 6], "muted", 1, order=2)
        board.text(board.x(value), foot, text, "muted", at="center", size=11)
    return board.svg(axis.label, described(axis))


def draw_estimate(board: Board, axis: AxisFinding, y: float) -> None:
    """Draw zero, the smallest effect of interest, the interval and the mark of the estimate."""
    bottom, least = board.height - FOOT + 2, axis.smallest_effect or 0.0
    board.area([-least, least], [2, 2], [bottom, bottom], "zone", order=0)
    board.line([0, 0], [2, bottom], "muted", 1.2, order=2)
    if axis.low is not None and axis.high is not None and axis.estimate is not None:
        board.bar(axis.low, axis.high, y, role_of(mark_for(axis)))
        draw_mark(board, axis.estimate, y, mark_for(axis), disc=9)


def draw_state(board: Board, axis: AxisFinding, y: float) -> None:
    """Draw a dashed line with the mark and the word of a state that has no estimate."""
    mark = mark_of(axis.state)
    board.line(list(board.span), [y, y], "muted", 1, order=1, cap="butt", dashes="3 5")
    text = f"{mark['mark'] if mark else ''} {axis.state}"
    board.text(board.width / 2, y, text, "ink", at="center", size=12, weight="bold")


def draw_published(board: Board, axis: AxisFinding, y: float) -> None:
    """Draw the published range: a thin line between two upright ends, a single value as one upright stroke."""
    shown = axis.published
    if shown is None:
        return
    board.line([shown.low, shown.high], [y, y], "voice-1", 1.4, order=3, cap="butt")
    for value in (shown.low, shown.high):
        board.line([value, value], [y - 4, y + 4], "voice-1", 1.8, order=3, cap="butt")


def described(axis: AxisFinding) -> str:
    """Say in words what a figure shows, for a screen reader."""
    shown = axis.published
    published = f" Published: {in_unit(shown.low, axis.unit or 'points')} to " if shown else ""
    published += f"{in_unit(shown.high, axis.unit or 'points')}." if shown else ""
    if axis.state != "estimated":
        return f"{axis.state.capitalize()}, which is not zero.{published}"
    ends = f"{in_unit(axis.low, axis.unit)} to {in_unit(axis.high, axis.unit)}"
    return f"{in_unit(axis.estimate, axis.unit)} {axis.unit}, interval {ends}: {errs_words(axis)}.{published}"
