"""The one error that a tool call can end in."""

from collections.abc import Iterable

from feint.world.limits import MAX_SHOWN

FEW = 12
"""Names that an error lists; with more, it says which tool lists them."""


class WorldError(Exception):
    """A call that was not carried out. The message says why, in words meant for whoever made the call."""


def shown(text: str) -> str:
    """Text of the caller's in quotes: cut, and with every character spelt out that would not be seen.

    Args:
        text: Anything, however long.
    """
    head = "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text[:MAX_SHOWN])
    return f"'{head}{'…' if len(text) > MAX_SHOWN else ''}'"


def absent(what: str, given: str, known: Iterable[str], tool: str = "") -> WorldError:
    """Build the error for a name that nothing has.

    Args:
        what: What the name stands for, such as "server".
        given: The name that was given.
        known: The names that exist.
        tool: The tool that lists them, if one does.
    """
    names = sorted(known)
    if len(names) <= FEW:
        return WorldError(f"There is no {what} {shown(given)}. There is: {', '.join(names) or 'none'}.")
    return WorldError(f"There is no {what} {shown(given)}." + (f" {tool} shows what there is." if tool else ""))
