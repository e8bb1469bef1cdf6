"""The drawing board: matplotlib figures laid out in CSS pixels, handed out as SVG that follows the page's colours."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import nan
from typing import Any

from markupsafe import escape

from feint.report.text import visible
from feint.report.words import data

# At this resolution a point of matplotlib is a CSS pixel of the page.
_DPI = 72
_FONT = "var(--sans, system-ui, sans-serif)"
_DESCENT = 0.26
"""How far below the middle of a line its baseline is, as a share of its size; about the same in all fonts."""
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_PLAIN: ContextVar[bool] = ContextVar("plain", default=False)


def colour(role: str) -> str:
    """Give the colour to draw a role of palette.yaml in; `Board.svg` turns it into the page's own.

    Args:
        role: Such as "ink" or a decision.
    """
    return str(data("palette")[role]["key"])


@contextmanager
def plain_matplotlib() -> Iterator[None]:
    """Draw with matplotlib's defaults, whatever the user's own settings, so that every machine draws the same.

    Within another of its kind it changes nothing: who draws several figures sets the defaults once.
    """
    import matplotlib

    if _PLAIN.get():
        yield
        return
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        token = _PLAIN.set(True)
        try:
            yield
        finally:
            _PLAIN.reset(token)


class Board:
    """One figure with an x axis of values and a y axis that runs down in pixels.

    Matplotlib's own axes, with their ticks, limits and spines, would take twice as long as the rest and show nothing.
    Its text would take as long as all else: it measures with a font of its own what the browser draws with another.

    Args:
        name: Tells figures of one page apart, together with `narrow`; letters, digits and hyphens.
        narrow: Whether it is laid out for a phone: labels stand above their rows, not beside them.
        width: Of the whole figure, in pixels.
        height: Of the whole figure, in pixels.
        left: Margin before the axes, in pixels.
        right: Margin after the axes, in pixels.
        span: The values at the left and right end of the x axis.
    """

    def __init__(
        self, name: str, narrow: bool, width: float, height: float, left: float, right: float,
        span: tuple[float, float],
    ):  # fmt: skip
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.name, self.narrow, self.span = f"{name}-{'narrow' if narrow else 'wide'}", narrow, span
        self.width, self.height, self.left, self.right = width, height, left, right
        self._texts: list[str] = []
        self.figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
        self.figure.patch.set_visible(False)
        scale = (width - left - right) / (span[1] - span[0])
        self._place = Affine2D.from_values(scale, 0, 0, -1, left - span[0] * scale, height)

    def text(
        self, x: float, y: float, text: str, role: str = "ink", *, at: str = "left", size: float = 12.5,
        weight: str = "normal",
    ) -> None:  # fmt: skip
        """Write one line, centred on `y`, above all that is drawn; markup and formulas in the text mean nothing.

        Args:
            x: In pixels from the left edge of the figure.
            y: In pixels from its upper edge.
            text: What to write.
            role: A colour of the palette.
            at: Which part of the text `x` is: "left", "center" or "right".
            size: Of the font, in pixels.
            weight: Of the font, in words of CSS.
        """
        self._texts.append(
            f'<text x="{x:g}" y="{y + _DESCENT * size:g}" style="font: {weight} {size:g}px {_FONT}; '
            f'text-anchor: {_ANCHORS[at]}; fill: {_of_page(role)}">{escape(visible(text))}</text>\n'
        )

    def _strips(self, ys: Sequence[float]) -> list[tuple[float, float]]:
        """Say from where to where vertical lines run: past every row, or on a phone beside each row's label."""
        if self.narrow:
            return [(y - 12, y + 12) for y in ys]
        return [(4, self.height - 28)]

    def grid(self, ticks: dict[float, str], ys: Sequence[float]) -> None:
        """Draw faint vertical lines, and their values at the foot of the figure.

        Args:
            ticks: What to write at which value.
            ys: Where the rows are, in pixels.
        """
        low, high = self.span
        for value, text in ticks.items():
            self.rule(value, ys, "line", 1)
            x = self.left + (value - low) / (high - low) * (self.width - self.left - self.right)
            self.text(x, self.height - 14, text, "muted", at="center", size=11)

    def rule(self, value: float, ys: Sequence[float], role: str, width: float = 1.2) -> None:
        """Draw a vertical line at a value, in all rows."""
        strips = self._strips(ys)
        ends = [end for top, bottom in strips for end in (top, bottom, nan)]  # nothing is drawn to where nan stands
        self.line([value] * len(ends), ends, role, width, order=1 + width)

    def shade(self, low: float, high: float, ys: Sequence[float]) -> None:
        """Shade the stretch between two values, in all rows."""
        for top, bottom in self._strips(ys):
            self.area([low, high], [top, top], [bottom, bottom], "zone", order=0)

    def dot(self, x: float, y: float, role: str, marker: str = "o", *, hollow: bool = False, size: float = 8) -> None:
        """Draw one marker; a hollow one is filled with the page's own colour."""
        from matplotlib.lines import Line2D

        fill = colour("paper") if hollow else colour(role)
        drawn = Line2D(
            [x], [y], linestyle="none", marker=marker, markersize=size, markerfacecolor=fill,
            markeredgecolor=colour(role), markeredgewidth=1.8, zorder=5, transform=self._place,
        )  # fmt: skip
        self.figure.add_artist(drawn)

    def bar(self, low: float, high: float, y: float, role: str, width: float = 2.2) -> None:
        """Draw a horizontal line between two values."""
        self.line([low, high], [y, y], role, width, order=4, solid_capstyle="round")

    def line(
        self, xs: Sequence[float], ys: Sequence[float], role: str, width: float, *, order: float, **style: Any
    ) -> None:
        """Draw a line through points.

        Args:
            xs: Values.
            ys: In pixels, as many.
            role: A colour of the palette.
            width: In pixels.
            order: What has more lies above.
            **style: Passed to matplotlib, such as linestyle.
        """
        from matplotlib.lines import Line2D

        line = Line2D(xs, ys, color=colour(role), linewidth=width, zorder=order, transform=self._place, **style)
        self.figure.add_artist(line)

    def area(
        self, xs: Sequence[float], tops: Sequence[float], bottoms: Sequence[float], role: str, *, order: float,
        alpha: float | None = None,
    ) -> None:  # fmt: skip
        """Fill what lies between two lines.

        Args:
            xs: Values.
            tops: One line, in pixels, as many.
            bottoms: The other line, in pixels, as many.
            role: A colour of the palette.
            order: What has more lies above.
            alpha: Opacity, 1 if None.
        """
        from matplotlib.patches import Polygon

        outline = [*zip(xs, tops, strict=True), *reversed(list(zip(xs, bottoms, strict=True)))]
        fill = Polygon(outline, color=colour(role), linewidth=0, zorder=order, alpha=alpha, transform=self._place)
        self.figure.add_artist(fill)

    def svg(self, title: str, description: str) -> str:
        """Hand out the figure.

        Args:
            title: What a screen reader calls the figure.
            description: What it says about it.

        Returns:
            An ``<svg>`` element with nothing before it, the same bytes for the same drawing.
        """
        from io import StringIO

        import matplotlib

        out = StringIO()
        matplotlib.rcParams["svg.hashsalt"] = self.name
        unsigned = dict.fromkeys(["Date", "Creator", "Format", "Type"])
        self.figure.savefig(out, format="svg", metadata=unsigned)
        head = f'<title id="{self.name}-title">{escape(visible(title))}</title>'
        about = f'<desc id="{self.name}-about">{escape(visible(description))}</desc>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'style="stroke-linejoin: round" aria-labelledby="{self.name}-title {self.name}-about">{head}{about}'
            f"{_tidy(out.getvalue(), self.name)}{''.join(self._texts)}</svg>"
        )


def _tidy(svg: str, name: str) -> str:
    """Keep the shapes and leave the file around them: ids of their own and the page's colours."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.S).strip()
    # Figures share a page: without the prefix, a clip path of one could be taken for another's.
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = body.replace("url(#", f"url(#{name}-").replace('xlink:href="#', f'href="#{name}-')
    roles = {shades["key"]: role for role, shades in data("palette").items()}
    return re.sub("|".join(roles), lambda key: _of_page(roles[key[0]]), body)


def _of_page(role: str) -> str:
    """The page's own colour of a role of palette.yaml, or where there is none, that of its light scheme."""
    return f"var(--{role}, {data('palette')[role]['light']})"


def standalone(svg: str) -> str:
    """Make an SVG file of a figure: it follows the viewer's colour scheme by itself.

    Args:
        svg: A figure of this room.

    Returns:
        The text of the file.
    """
    shades = data("palette").items()
    light = "".join(f"--{role}:{shade['light']};" for role, shade in shades)
    dark = "".join(f"--{role}:{shade['dark']};" for role, shade in shades)
    style = f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}"
    at = svg.index(">") + 1
    return f"{svg[:at]}<style>{style}</style>{svg[at:]}"
