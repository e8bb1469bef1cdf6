"""Errors that a user can cause, and can mend by reading one line."""

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(Exception):
    """A mistake in what the user gave: a name, a file, an option.

    The message is one line that says where (file and key), what was expected and what to do. The command line
    prints it without a traceback and exits with code 2.
    """


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """Build the error for a name that is not among the known ones, with the nearest match.

    Args:
        kind: What the name stands for, such as "design".
        name: The name that was given.
        known: The names that exist.

    Returns:
        The error, for the caller to raise.
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return UsageError(f"unknown {kind} '{name}'{hint} Known: {', '.join(names) or 'none'}")
