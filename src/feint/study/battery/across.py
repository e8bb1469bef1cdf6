"""Cards of several models side by side, and which signatures go together over models."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from feint.base.errors import UsageError
from feint.base.version import __version__
from feint.base.writing import write_text
from feint.findings.battery import AxisFinding, BatteryFindings, is_battery, read_battery
from feint.report.contrasts import in_unit, span_in_unit
from feint.report.pages import both, environment
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import MINUS, mark_of
from feint.stats.ranks import FEWEST, RankCorrelation, rank_correlation
from feint.study.battery.figures import scale_of, strip, unit_of
from feint.study.battery.page import ROOM, Shown
from feint.study.battery.words import badge_of, mark_for, told_published

SHOWN = 40
"""Pairs of axes that are shown; the page folds the others away."""
Key = tuple[str, str]
"""An axis: its task, and its key."""


@dataclass(frozen=True)
class Pair:
    """The correlation of two axes over models."""

    first: AxisFinding
    second: AxisFinding
    found: RankCorrelation

    @property
    def apart(self) -> bool:
        """True if the interval excludes zero."""
        low, high = self.found.low, self.found.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True)
class Across:
    """Several cards.

    Attributes:
        cards: By name of the model.
        axes: By axis, its finding for each model; None for a model whose card has no such axis.
        pairs: The correlations of axes, the strongest first, over the first card of each subject; empty with too few
            models.
    """

    cards: dict[str, BatteryFindings]
    axes: dict[Key, dict[str, AxisFinding | None]]
    pairs: list[Pair]

    @property
    def few(self) -> str:
        """Say that the models are too few for correlations; "" if they suffice."""
        count = len({card.subject for card in self.cards.values()})
        return f"too few models: {count} of {FEWEST} needed" if count < FEWEST else ""


def set_side_by_side(folders: Sequence[Path]) -> Across:
    """Read the cards of some folders.

    Raises:
        UsageError: A folder holds no battery.
    """
    for folder in folders:
        if not is_battery(folder):
            raise UsageError(f"{folder}: no battery's folder; compare cards with cards, and studies with studies")
    read = [(folder, read_battery(folder)) for folder in folders]
    times = Counter(card.subject for _, card in read)
    cards = {
        card.subject if times[card.subject] == 1 else f"{card.subject} ({folder})": card for folder, card in read
    }  # fmt: skip
    known = {(axis.task, axis.key): axis for card in cards.values() for axis in card.axes}
    axes = {key: {name: card.axis(*key) for name, card in cards.items()} for key in known}
    found, subjects = Across(cards, axes, []), [card.subject for card in cards.values()]
    if found.few:
        return found
    once = [name for place, name in enumerate(cards) if subjects.index(subjects[place]) == place]
    return replace(found, pairs=correlated({key: {one: axes[key][one] for one in once} for key in axes}))


def correlated(axes: dict[Key, dict[str, AxisFinding | None]]) -> list[Pair]:
    """Correlate every two axes over the models that have an estimate on both, the strongest first."""
    values, first = dict[Key, np.ndarray](), dict[Key, AxisFinding]()
    for key, by_model in axes.items():
        some = [axis.estimate if axis is not None else None for axis in by_model.values()]
        if any(value is not None for value in some):
            values[key] = np.array([np.nan if value is None else value for value in some], dtype=float)
            first[key] = next(axis for axis in by_model.values() if axis is not None)
    pairs = [
        Pair(first[one], first[other], rank_correlation(values[one], values[other]))
        for one, other in combinations(values, 2)
    ]
    return sorted((pair for pair in pairs if pair.found.rho is not None), key=lambda pair: -abs(pair.found.rho or 0.0))


def compare_batteries(folders: Sequence[Path], out: Path | None) -> None:
    """Print cards side by side and, where asked to, write them as a page.

    Raises:
        UsageError: See `set_side_by_side`; or the page cannot be written.
    """
    found, console = set_side_by_side(folders), Console(markup=False, highlight=False)
    console.print("", cards_table(found), "", sep="\n")
    if found.few:
        console.print(f"Which signatures go together: {found.few}", soft_wrap=True)
    else:
        console.print(pairs_table(found), "", note_on(found), sep="\n", soft_wrap=True)
    if out is not None:
        try:
            write_text(out, render_across(found))
        except OSError as error:
            raise UsageError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
        console.print(f"\npage: {out}", soft_wrap=True)


def cards_table(found: Across) -> Table:
    """Show every axis with the value and the end of each model."""
    made = table("Signatures side by side", ["axis", *(one_line(name, 30) for name in found.cards)])
    for (task, _), by_model in found.axes.items():
        label = next(axis.label for axis in by_model.values() if axis is not None)
        cells = [plain("– untested", "dim") if axis is None else cell(axis) for axis in by_model.values()]
        made.add_row(plain(one_line(label, 30)) + Text("\n") + plain(one_line(task, 30), "dim"), *cells)
    return made


def cell(axis: AxisFinding) -> Text:
    """Write one axis of one model."""
    mark = mark_of(mark_for(axis))
    value = f"{in_unit(axis.estimate, axis.unit)} " if axis.state == "estimated" else ""
    return Text(f"{value}{mark['mark'] if mark else '○'} {badge_of(axis)}")


def told(value: float | None) -> str:
    """Write a correlation with two digits.

    >>> told(-0.5), told(None)
    ('−.50', '–')
    """
    if value is None:
        return "–"
    text = f"{value:+.2f}".replace("-", MINUS)
    return text if abs(value) >= 0.995 else text.replace("0.", ".", 1)


def pairs_table(found: Across) -> Table:
    """Show the strongest correlations of axes."""
    heads = ["axis", "axis", ">rho", ">95 %", ">models"]
    made = table("Which signatures go together (Spearman's rho over models)", heads)
    for pair in found.pairs[:SHOWN]:
        ends = f"[{told(pair.found.low)}, {told(pair.found.high)}]"
        names = (plain(f"{one_line(one.label, 30)} ({one_line(one.task, 24)})") for one in (pair.first, pair.second))
        made.add_row(*names, told(pair.found.rho), ends, str(pair.found.n))
    return made


def note_on(found: Across) -> str:
    """Say how many intervals exclude zero, and how many would by chance."""
    apart, count = sum(pair.apart for pair in found.pairs), len(found.pairs)
    return (
        f"{apart} of {count} intervals exclude zero; about {0.05 * count:.0f} would if no signature went with another. "
        "The intervals are over models and leave out the error of each value. Models of one family are no independent "
        "cases."
    )


def render_across(found: Across) -> str:
    """Write the page; as safe as that of `feint.report.page.render_report`."""
    groups: dict[str, list[tuple[AxisFinding, str, list[tuple[str, Shown | None]]]]] = {}
    for place, ((task, _), by_model) in enumerate(found.axes.items()):
        some = [axis for axis in by_model.values() if axis is not None]
        span, unit, rows = scale_of(some), unit_of(some), list[tuple[str, Shown | None]]()
        for number, (name, axis) in enumerate(by_model.items()):
            rows.append((name, None if axis is None else drawn(axis, f"axis-{place}-{number}", span, unit)))
        groups.setdefault(task, []).append((some[0], told_published(some[0]), rows))
    titles = {task: card.studies[task].title for card in found.cards.values() for task in card.studies}
    return (
        environment(ROOM)
        .get_template(f"{ROOM}/templates/cards.html.j2")
        .render(
            title=f"Signatures of {len(found.cards)} models",
            version=__version__,
            found=found,
            groups=groups,
            titles=titles,
            note=note_on(found) if found.pairs else "",
            pairs=[(pair, told(pair.found.rho), told(pair.found.low), told(pair.found.high)) for pair in found.pairs],
            most=SHOWN,
            in_unit=in_unit,
            span_in_unit=span_in_unit,
        )
    )


def drawn(axis: AxisFinding, name: str, span: tuple[float, float], unit: str) -> Shown:
    """Draw one axis of one model on the scale of all models."""
    plot = both(lambda narrow: strip(axis, name, span=span, unit=unit, narrow=narrow))
    return Shown(axis, plot, mark_for(axis), badge_of(axis), "", told_published(axis))
