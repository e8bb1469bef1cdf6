"""The parts of what a terminal shows: nothing in them is taken for markup or escape codes."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from feint.report.text import one_line, visible
from feint.report.words import known, mark_of

STYLES = {"yes": "bold red", "no": "blue", "undetermined": "dim", "conflicting": "magenta",
          "instrument failed": "bold yellow", "too little data": "yellow"}  # fmt: skip
_BAR = 10


def plain(text: str, style: str = "") -> Text:
    """Make text that is printed as it is: visible, without markup, in a style of Rich.

    >>> plain("[bold]x").plain
    '[bold]x'
    """
    return Text(visible(text), style=style)


def decision_text(decision: str) -> Text:
    """Write a decision with its mark, in its colour; another word is shown without a colour.

    >>> decision_text("yes").plain
    '● yes'
    """
    mark = mark_of(decision)
    return Text(f"{mark['mark'] if mark else '○'} {one_line(decision, 24)}", style=STYLES.get(decision, ""))


def table(title: str, columns: Sequence[str]) -> Table:
    """Begin a table; columns whose heads begin with ">" are numbers."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for head in columns:
        made.add_column(head.lstrip(">"), justify="right" if head.startswith(">") else "left", header_style="dim")
    return made


def bar(share: float | None) -> Text:
    """Draw a share as a bar of ten characters; nothing for an unknown share.

    >>> bar(0.3).plain
    '━━━───────'
    """
    if share is None or not known(share):
        return Text()
    full = round(share * _BAR)
    return Text("━" * full, style="bold") + Text("─" * (_BAR - full), style="dim")
