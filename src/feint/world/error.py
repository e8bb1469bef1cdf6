"""The only error of a tool call."""

from collections.abc import Iterable

from feint.world.limits import MAX_SHOWN

FEW = 12
"""Names that an error lists; of more names, the error says which tool lists them."""


class WorldError(Exception):
    """A call was not carried out. The message gives the reason to the caller."""


def shown(text: str) -> str:
    r"""Quote text of the caller: cut, and with escapes for invisible characters.

    >>> shown("a\u200bb")
    "'a\\u200bb'"
    """
    head = "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text[:MAX_SHOWN])
    return f"'{head}{'…' if len(text) > MAX_SHOWN else ''}'"


def absent(what: str, given: str, known: Iterable[str], tool: str = "") -> WorldError:
    """Build the error for a name that nothing has.

    Args:
        what: The kind of thing that the name names, such as "server".
        given: The name that was given.
        known: The names that exist.
        tool: The tool that lists the names, if there is one.

    >>> str(absent("server", "c", ["b", "a"]))
    "There is no server 'c'. There is: a, b."
    """
    names = sorted(known)
    if len(names) <= FEW:
        return WorldError(f"There is no {what} {shown(given)}. There is: {', '.join(names) or 'none'}.")
    return WorldError(f"There is no {what} {shown(given)}." + (f" {tool} shows what there is." if tool else ""))
