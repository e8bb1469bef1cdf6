"""Units of estimates, for numbers with their noun in sentences."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """The unit of an estimate.

    Attributes:
        many: Noun after a number, such as "points", "d′" or "% a step".
        one: Noun after 1 and -1; `many` if empty.
        scale: Factor by which a number is multiplied before it is written: 100 for fractions told as points.
        digits: Digits after the decimal point.
    """

    many: str
    one: str = ""
    scale: float = 1.0
    digits: int = 0

    def number(self, value: float) -> str:
        """A number without its noun, and without a minus sign before zero.

        >>> POINTS.number(0.347), Unit("s", digits=1).number(-0.04)
        ('35', '0.0')
        """
        text = f"{self.scale * value:.{self.digits}f}"
        return text.removeprefix("-") if not float(text) else text

    def counted(self, value: float) -> str:
        """A number with its noun.

        >>> POINTS.counted(0.01), Unit("d′", digits=2).counted(0.5)
        ('1 point', '0.50 d′')
        """
        text = self.number(value)
        return f"{text} {self.one if self.one and text in ('1', '-1') else self.many}"

    def span(self, low: float | None, high: float | None) -> str:
        """An interval without a noun.

        >>> POINTS.span(0.54, 0.68)
        '54 to 68'
        """
        return "without interval" if low is None or high is None else f"{self.number(low)} to {self.number(high)}"


POINTS = Unit("points", "point", 100.0)
"""Percentage points, for differences of fractions."""
