"""A figure: shapes laid out in CSS pixels and written as SVG that follows the page's colours."""

from collections.abc import Sequence
from math import isnan, sqrt
from typing import Literal

from markupsafe import escape

from feint.report.text import visible
from feint.report.words import data

FONT = "var(--sans, system-ui, sans-serif)"
DESCENT = 0.26
"""How far below the middle of a line its baseline is, as a share of the font size; about the same in all fonts."""
ANCHORS = {"left": "start", "center": "middle", "right": "end"}
EDGE = 1.8
"""Width of a mark's outline, in pixels."""
MARKS: dict[str, tuple[tuple[float, float], ...]] = {
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "^": ((0, -1), (1, 1), (-1, 1)),
    "v": ((0, 1), (1, -1), (-1, -1)),
    "D": ((0, -sqrt(2)), (sqrt(2), 0), (0, sqrt(2)), (-sqrt(2), 0)),
    "P": tuple((x / 3, y / 3) for x, y in (
        (-1, -3), (1, -3), (1, -1), (3, -1), (3, 1), (1, 1), (1, 3), (-1, 3), (-1, 1), (-3, 1), (-3, -1), (-1, -1)
    )),
}  # fmt: skip
"""Corners of each mark but the disc "o", around its centre, as shares of half its size."""

Cap = Literal["butt", "round", "square"]


class Board:
    """A figure with an x axis of values and a y axis that runs down in pixels.

    All its methods take x in values (`text` alone in pixels), y in pixels, and as `role` a colour of the palette. A
    shape with a larger `order` is above.

    Args:
        name: Tells the figures of one page apart, together with `narrow`; letters, digits and hyphens.
        narrow: Whether it is laid out for a phone: labels are above their rows, not beside them.
        size: Width and height of the whole figure, in pixels.
        margins: Left and right margin beside the axes, in pixels.
        span: The values at the left and right end of the x axis.

    Example:
        >>> board = Board("cells", False, (100, 40), (0, 0), (0, 1))
        >>> board.dot(0.5, 20, "yes")
        >>> "<circle" in board.svg("A dot", "In the middle.")
        True
    """

    def __init__(
        self,
        name: str,
        narrow: bool,
        size: tuple[float, float],
        margins: tuple[float, float],
        span: tuple[float, float],
    ) -> None:
        self.name, self.narrow, self.span = f"{name}-{'narrow' if narrow else 'wide'}", narrow, span
        self.width, self.height = size
        self.left, self.right = margins
        self._scale = (self.width - self.left - self.right) / (span[1] - span[0])
        self._shapes: list[tuple[float, str]] = []
        self._texts: list[str] = []

    def x(self, value: float) -> float:
        """Return where a value is, in pixels from the left edge."""
        return self.left + (value - self.span[0]) * self._scale

    def text(
        self, x: float, y: float, text: str, role: str = "ink", *, at: str = "left", size: float = 12.5,
        weight: str = "normal",
    ) -> None:  # fmt: skip
        """Write one line, centred on `y`, above all shapes; markup in the text means nothing.

        `x` is in pixels too; `at` says which part of the text is there: "left", "center" or "right".
        """
        self._texts.append(
            f'<text x="{x:g}" y="{y + DESCENT * size:g}" style="font: {weight} {size:g}px {FONT}; '
            f'text-anchor: {ANCHORS[at]}; fill: {paint(role)}">{escape(visible(text))}</text>\n'
        )

    def _strips(self, ys: Sequence[float]) -> list[tuple[float, float]]:
        """Return where vertical lines run: past every row, or on a phone beside each row's label."""
        return [(y - 12, y + 12) for y in ys] if self.narrow else [(4, self.height - 28)]

    def grid(self, ticks: dict[float, str], ys: Sequence[float]) -> None:
        """Draw faint vertical lines in rows at `ys`, and the text of each value at the foot of the figure."""
        for value, text in ticks.items():
            self.rule(value, ys, "line", 1)
            self.text(self.x(value), self.height - 14, text, "muted", at="center", size=11)

    def rule(self, value: float, ys: Sequence[float], role: str, width: float = 1.2) -> None:
        """Draw a vertical line at a value, in all rows."""
        for top, bottom in self._strips(ys):
            self.line([value, value], [top, bottom], role, width, order=1 + width)

    def shade(self, low: float, high: float, ys: Sequence[float]) -> None:
        """Shade the stretch between two values, in all rows."""
        for top, bottom in self._strips(ys):
            self.area([low, high], [top, top], [bottom, bottom], "zone", order=0)

    def dot(self, x: float, y: float, role: str, marker: str = "o", *, hollow: bool = False, size: float = 8) -> None:
        """Draw one mark at a value: "o" or one of `MARKS`; a hollow one is filled with the page's own colour."""
        style = f"fill: {paint('paper' if hollow else role)}; stroke: {paint(role)}; stroke-width: {EDGE:g}"
        at, half = self.x(x), size / 2
        if marker == "o":
            shape = f'<circle cx="{number(at)}" cy="{number(y)}" r="{number(half)}" style="{style}"/>'
        else:
            corners = " ".join(f"{number(at + dx * half)},{number(y + dy * half)}" for dx, dy in MARKS[marker])
            shape = f'<polygon points="{corners}" style="{style}"/>'
        self._shapes.append((5, shape))

    def bar(self, low: float, high: float, y: float, role: str, width: float = 2.2) -> None:
        """Draw a horizontal line between two values."""
        self.line([low, high], [y, y], role, width, order=4, cap="round")

    def line(
        self, xs: Sequence[float], ys: Sequence[float], role: str, width: float, *, order: float, cap: Cap = "square",
        dashes: str = "",
    ) -> None:  # fmt: skip
        """Draw a line through points; `dashes` are lengths of strokes and gaps in words of SVG, "" for a whole line."""
        style = f"fill: none; stroke: {paint(role)}; stroke-width: {width:g}; stroke-linecap: {cap}"
        style += f"; stroke-dasharray: {dashes}" if dashes else ""
        self._shapes.append((order, f'<polyline points="{self._points(xs, ys)}" style="{style}"/>'))

    def area(
        self, xs: Sequence[float], tops: Sequence[float], bottoms: Sequence[float], role: str, *, order: float,
        alpha: float = 1,
    ) -> None:  # fmt: skip
        """Fill the area between two lines; `alpha` is the opacity."""
        points = f"{self._points(xs, tops)} {self._points(xs[::-1], bottoms[::-1])}"
        style = f"fill: {paint(role)}" + (f"; fill-opacity: {alpha:g}" if alpha != 1 else "")
        self._shapes.append((order, f'<polygon points="{points}" style="{style}"/>'))

    def _points(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Write points as SVG does; those without a number are left out."""
        known = [(self.x(x), y) for x, y in zip(xs, ys, strict=True) if not isnan(x) and not isnan(y)]
        return " ".join(f"{number(x)},{number(y)}" for x, y in known)

    def svg(self, title: str, description: str) -> str:
        """Write the figure as an ``<svg>`` element, the same bytes for the same drawing.

        The title, and the description of its content in words, are for a screen reader.
        """
        head = f'<title id="{self.name}-title">{escape(visible(title))}</title>'
        about = f'<desc id="{self.name}-about">{escape(visible(description))}</desc>'
        shapes = "\n".join(shape for _, shape in sorted(self._shapes, key=lambda shape: shape[0]))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'style="stroke-linejoin: round" aria-labelledby="{self.name}-title {self.name}-about">{head}{about}\n'
            f"{shapes}\n{''.join(self._texts)}</svg>"
        )


def number(value: float) -> str:
    """Write a coordinate with two digits at most.

    >>> number(1 / 3), number(20.0)
    ('0.33', '20')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def paint(role: str) -> str:
    """Name the page's own colour of a role of palette.yaml; on a page without it, the colour of the light scheme."""
    return f"var(--{role}, {data('palette')[role]['light']})"


def palette_css(scheme: str) -> str:
    """Write the palette as CSS declarations, for the "light" or the "dark" scheme."""
    return "".join(f"--{role}:{shade[scheme]};" for role, shade in data("palette").items())


def standalone(svg: str) -> str:
    """Make an SVG file of a figure: it follows the viewer's colour scheme by itself."""
    style = f"svg{{{palette_css('light')}}}@media (prefers-color-scheme:dark){{svg{{{palette_css('dark')}}}}}"
    at = svg.index(">") + 1
    return f"{svg[:at]}<style>{style}</style>{svg[at:]}"
