"""Readers of option values; each error says what is expected."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import cyclopts

from feint.base.errors import UsageError

Value = TypeVar("Value")
NONE = "none"
"""The value that leaves a parameter out of every request."""


def reader(read: Callable[[str], Any], metavar: str) -> cyclopts.Parameter:
    """Return the reader of a value; `read` raises `ValueError` with what is expected."""

    def convert(_: type, tokens: Sequence[cyclopts.Token]) -> Any:
        return read(tokens[0].value)

    return cyclopts.Parameter(converter=convert, metavar=metavar)


def whole(least: int, most: int | None = None) -> cyclopts.Parameter:
    """Return the reader of a whole number within bounds; without `most` there is no upper bound."""
    return reader(lambda text: read_whole(text, least, most), "N")


def whole_or_none(least: int) -> cyclopts.Parameter:
    """Return the reader of a whole number or the word "none"."""

    def read(text: str) -> int | str:
        try:
            return text if text == NONE else read_whole(text, least)
        except ValueError as error:
            raise ValueError(f"{error}, or none") from None

    return reader(read, "N|none")


def read_whole(text: str, least: int, most: int | None = None) -> int:
    """Read a whole number within bounds.

    >>> read_whole("12", 1)
    12

    Raises:
        ValueError: The text is something else.
    """
    digits = text.removeprefix("-")
    found = int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
    if found is None or found < least or (most is not None and found > most):
        raise ValueError(f"expected a whole number, {f'{least} or more' if most is None else f'{least} to {most}'}")
    return found


def number(*, none: bool = False) -> cyclopts.Parameter:
    """Return the reader of a number, or of the word "none" where that is allowed."""

    def read(text: str) -> float | str:
        try:
            return text if none and text == NONE else float(text)
        except ValueError:
            raise ValueError(f"expected a number{' or none' if none else ''}") from None

    return reader(read, "X|none" if none else "X")


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """Read options of the form NAME=VALUE; raises `UsageError` where one has no "=".

    >>> pairs(["a=1", "b=x=y"], "-T")
    {'a': '1', 'b': 'x=y'}
    """
    found: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"{option} {text}: expected KEY=VALUE")
        found[name] = value
    return found


def values(given: Sequence[str], option: str) -> dict[str, object]:
    """Read options of the form NAME=VALUE, each value as YAML: numbers and truth values become what they look like.

    >>> values(["device=cpu", "n=3", "fast=true"], "-M")
    {'device': 'cpu', 'n': 3, 'fast': True}

    Raises:
        UsageError: See `pairs`; or a value is no YAML.
    """
    from feint.base.parsing import parse_yaml

    found: dict[str, object] = {}
    for name, text in pairs(given, option).items():
        try:
            found[name] = parse_yaml(text, option)
        except UsageError:
            raise UsageError(f"{option} {name}={text}: not valid YAML; put the value in quotes") from None
    return found


def chosen(**options: Value | None) -> dict[str, Value]:
    """Keep the options that were given.

    >>> chosen(n=3, twins=None)
    {'n': 3}
    """
    return {name: value for name, value in options.items() if value is not None}


Count = Annotated[int | None, whole(1)]
CountOrZero = Annotated[int | None, whole(0)]
Texts = tuple[str, ...]
"""An option that may be given again."""
