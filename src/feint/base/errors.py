"""Errors that a user causes, and mends after reading one line."""

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(Exception):
    """A mistake in a name, a file or an option that the user gave.

    The message is one line with the place (file and key), the expected value and the remedy. The command line prints
    the message without a traceback and exits with `code`.
    """

    code = 2


class IncompleteError(UsageError):
    """A study that was stopped because a model answered and nothing of it could be used."""

    code = 3


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Build the error, for the caller to raise, for a name that is not among the known ones.

    >>> str(unknown("design", "motive", ["motives", "tiers"]))
    "unknown design 'motive'; did you mean 'motives'? Known: motives, tiers"
    """
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return UsageError(f"unknown {kind} '{name}'{hint} Known: {', '.join(names) or 'none'}")
