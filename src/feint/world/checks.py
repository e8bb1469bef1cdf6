"""The error of a tool call, and checks of the texts that a caller writes. Each check returns the accepted value.

Nothing here touches a file system. Paths are checked all the same: fixtures and transcripts show only paths that a
careful server would take, and a run records every refusal.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeVar

from feint.world.limits import MAX_LINE, MAX_NAME, MAX_PATH, MAX_SHOWN

Value = TypeVar("Value")
Scalar: TypeAlias = str | float | bool
"""A value of a cell or a setting: models write 85, "85" and true alike."""

BINARY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that plain text does not hold: control characters but tab and newline, halves of surrogate pairs."""
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?", re.ASCII)
DRIVE_LETTER = re.compile(r"[A-Za-z]:")
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
    """Build the error for a name that nothing of a kind has; it shows the known names, or the tool that lists them.

    >>> str(absent("server", "c", ["b", "a"]))
    "There is no server 'c'. There is: a, b."
    """
    names = sorted(known)
    if len(names) <= FEW:
        return WorldError(f"There is no {what} {shown(given)}. There is: {', '.join(names) or 'none'}.")
    return WorldError(f"There is no {what} {shown(given)}." + (f" {tool} shows what there is." if tool else ""))


def named(what: str, given: str, known: Mapping[str, Value], tool: str = "") -> Value:
    """Return the value that a name has.

    Raises:
        WorldError: Nothing has the name; see `absent`.
    """
    if given not in known:
        raise absent(what, given, known, tool)
    return known[given]


def check_text(what: str, value: str, limit: int, empty: bool = False) -> str:
    r"""Check text of any number of lines; line ends become "\n". Errors name the text by `what`.

    Raises:
        WorldError: The text is too long, empty or not text (NUL, control characters, halves of surrogate pairs).

    >>> check_text("note", "one\r\ntwo", 20)
    'one\ntwo'
    """
    if len(value) > limit:
        raise WorldError(f"The {what} has {len(value):,} characters; at most {limit:,} are kept.")
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if odd := BINARY.search(value):
        raise WorldError(f"The {what} is not plain text: it holds the character \\u{ord(odd[0]):04x}.")
    if not empty and not value.strip():
        raise WorldError(f"The {what} is empty.")
    return value


def check_line(what: str, value: str, limit: int = MAX_LINE, empty: bool = False) -> str:
    """Check text on one line; spaces around the text are dropped.

    Raises:
        WorldError: As for text, or there is more than one line.

    >>> check_line("subject", "  hello ")
    'hello'
    """
    value = check_text(what, value, limit, empty).strip()
    if "\n" in value or "\t" in value:
        raise WorldError(f"The {what} must stand on one line, without tabs.")
    return value


def check_name(what: str, value: str, limit: int = MAX_NAME) -> str:
    """Check a name of visible characters on one line.

    Raises:
        WorldError: As for a line, or a character is invisible.

    >>> check_name("user", "ann")
    'ann'
    """
    value = check_line(what, value, limit)
    for mark in value:
        # formatting that hides or reorders text, spaces that look like others, code points without a character
        if not mark.isprintable():
            raise WorldError(f"The {what} holds a character that cannot be seen: \\u{ord(mark):04x}.")
    return value


def check_path(what: str, value: str) -> str:
    """Check a relative path with forward slashes.

    Raises:
        WorldError: The path is absolute, leads upward, has empty parts, is too long or is not a name.

    >>> check_path("path", "reports/2024.pdf")
    'reports/2024.pdf'
    """
    value = check_name(what, value, MAX_PATH)
    if value.startswith(("/", "~")) or DRIVE_LETTER.match(value):
        raise WorldError(f"{shown(value)} is not relative: a {what} is given as 'folder/file', without a leading '/'.")
    if "\\" in value:
        raise WorldError(f"{shown(value)} holds a backslash: the parts of a {what} are separated by '/'.")
    for part in value.split("/"):
        if part in (".", ".."):
            raise WorldError(f"{shown(value)} leads out of its folder: a {what} may not hold '.' or '..' as a part.")
        if not part.strip():
            raise WorldError(f"{shown(value)} has an empty part between slashes.")
        if len(part) > MAX_NAME:
            raise WorldError(f"A part of the {what} has {len(part)} characters; at most {MAX_NAME} are allowed.")
    return value


def plain(value: Scalar) -> str:
    """Write a value as text.

    >>> plain(True), plain(85.0), plain(0.5)
    ('true', '85', '0.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def number_or_text(value: Scalar) -> str | float:
    """Read a typed value as a spreadsheet does: "85" is a number, "085" and "85 %" are text.

    >>> number_or_text("85"), number_or_text("085"), number_or_text(True)
    (85.0, '085', 'true')
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    said = plain(value)
    return float(said) if NUMBER.fullmatch(said) else said
