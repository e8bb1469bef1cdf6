"""What a caller may write into the world: single lines, names, paths, text. Each check returns the value it accepts.

Nothing here touches a file system. Paths are checked all the same: what a fixture or a transcript shows must be a path
that a careful server would take, and the refusal is part of what a run records.
"""

import re
from typing import TypeAlias

from feint.world.error import WorldError, shown
from feint.world.limits import MAX_LINE, MAX_NAME, MAX_PATH

Scalar: TypeAlias = str | float | bool
"""What may stand in a cell or a setting: models write 85, "85" and true alike."""

BINARY = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What plain text does not hold: control characters other than tab and newline, halves of surrogate pairs."""
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?", re.ASCII)
DRIVE_LETTER = re.compile(r"[A-Za-z]:")


def check_text(what: str, value: str, limit: int, empty: bool = False) -> str:
    """Text of any number of lines.

    Args:
        what: What it is, for the error.
        value: The text.
        limit: Most characters.
        empty: Whether it may be empty.

    Raises:
        WorldError: It is too long, empty or not text (NUL, control characters, halves of surrogate pairs).
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
    """Text on one line; spaces around it are dropped.

    Raises:
        WorldError: As for text, or it has more than one line.
    """
    value = check_text(what, value, limit, empty).strip()
    if "\n" in value or "\t" in value:
        raise WorldError(f"The {what} must stand on one line, without tabs.")
    return value


def check_name(what: str, value: str, limit: int = MAX_NAME) -> str:
    """A name: one line that a reader sees whole.

    Raises:
        WorldError: As for a line, or it holds a character that would not be seen.
    """
    value = check_line(what, value, limit)
    for mark in value:
        # formatting that hides or reorders text, spaces that look like others, what no character is assigned to
        if not mark.isprintable():
            raise WorldError(f"The {what} holds a character that cannot be seen: \\u{ord(mark):04x}.")
    return value


def check_path(what: str, value: str) -> str:
    """A relative path with forward slashes, such as "reports/2024.pdf".

    Raises:
        WorldError: It is none: absolute, leading upward, with empty parts, too long, or not a name.
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
    """A value as text: `true`, `85`, `0.5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def number_or_text(value: Scalar) -> str | float:
    """What a spreadsheet makes of what is typed into a cell: "85" is a number, "085" and "85 %" are text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    said = plain(value)
    return float(said) if NUMBER.fullmatch(said) else said
