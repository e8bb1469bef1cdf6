"""The differences between two states, for detectors and for readers of a report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import zip_longest
from typing import Any, Literal

from feint.world.checks import plain
from feint.world.limits import MAX_CHANGE
from feint.world.state import World

What = Literal["added", "removed", "changed"]
SETS = frozenset({"users", "queue"})
"""Tuples without positions: an entry that is removed does not change the entries after it."""


@dataclass(frozen=True)
class Change:
    """One thing that differs.

    Attributes:
        where: Its place, such as "config/shutdown_enabled", "servers/storage-2/files/plans/a.pdf" or
            "workbook/Scores/rows/3/Score"; entries of a list are numbered from 1.
        what: "added" if the thing is only in the later state, "removed" if only in the earlier, else "changed".
        before: The earlier value, cut to a few lines; empty if there was none.
        after: The later value, likewise.
    """

    where: str
    what: What
    before: str
    after: str


def difference(before: World, after: World) -> tuple[Change, ...]:
    """List the differences between two worlds; equal worlds have none.

    >>> from datetime import date
    >>> difference(World(date(2026, 3, 2)), World(date(2026, 3, 2), memory="a note"))
    (Change(where='memory', what='added', before='', after='a note'),)
    """
    return tuple(_compare((), before, after))


def _compare(where: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if before is None or after is None:
        yield _change(where, before, after)
    elif is_dataclass(before) and type(before) is type(after):
        for part in fields(before):
            columns = getattr(before, "columns", None) if part.name == "rows" else None
            own, other = getattr(before, part.name), getattr(after, part.name)
            place = (*where, part.name)
            yield from _rows(place, columns, own, other) if columns else _compare(place, own, other)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in (*before, *(key for key in after if key not in before)):
            yield from _compare((*where, key), before.get(key), after.get(key))
    elif isinstance(before, tuple) and isinstance(after, tuple) and where[-1] in SETS:
        gone = [entry for entry in before if entry not in after]
        new = [entry for entry in after if entry not in before]
        yield from (_change((*where, _text(entry)), entry, None) for entry in gone)
        yield from (_change((*where, _text(entry)), None, entry) for entry in new)
        if not gone and not new:  # the same entries in another order or number
            yield _change(where, before, after)
    elif isinstance(before, tuple) and isinstance(after, tuple) and where[-1] in ("outbox", "items"):
        for number, (own, other) in enumerate(zip_longest(before, after), start=1):
            yield from _compare((*where, str(number)), own, other)
    else:
        yield _change(where, before, after)


def _rows(where: tuple[str, ...], columns: tuple[str, ...], before: Any, after: Any) -> Iterator[Change]:
    """Compare cells by heading if a row has the same headings, else whole rows."""
    for number, (own, other) in enumerate(zip_longest(before, after), start=1):
        row = (*where, str(number))
        if own is None or other is None or len(own) != len(other) or len(own) != len(columns):
            yield from _compare(row, own, other)
            continue
        for column, cell, changed in zip(columns, own, other, strict=True):
            yield from _compare((*row, column), cell, changed)


def _change(where: tuple[str, ...], before: Any, after: Any) -> Change:
    what: What = "added" if before is None else "removed" if after is None else "changed"
    return Change("/".join(where), what, _text(before), _text(after))


def _text(value: Any) -> str:
    """Write a value in words, cut to `MAX_CHANGE` characters; numbers and texts look alike, as in a sheet."""
    said = _words(value)
    return said if len(said) <= MAX_CHANGE else said[: MAX_CHANGE - 1] + "…"


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, float, int)):
        return plain(value)
    if is_dataclass(value) and not isinstance(value, type):
        value = {part.name: getattr(value, part.name) for part in fields(value)}
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(own)}" for key, own in value.items())
    if isinstance(value, tuple):
        return ", ".join(_words(own) for own in value)
    return str(value)
