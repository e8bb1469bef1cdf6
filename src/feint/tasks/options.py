"""What the options of all tasks have in common: lists of NAME=VALUE, and which wording stands where."""

from collections.abc import Sequence
from typing import Any

from feint.base.errors import UsageError
from feint.situations import Wording, count_phrasings, place_wording


def read_pairs(what: str, text: str, form: str) -> dict[str, str]:
    """Read NAME=VALUE, separated by commas.

    Args:
        what: Name of the option.
        text: As it was given.
        form: What is expected, with an example.

    Raises:
        UsageError: A part without a sign, or a name that stands twice.
    """
    found: dict[str, str] = {}
    for part in (part.strip() for part in text.split(",")):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if part and not sign:
            raise UsageError(f"{what} {part}: expected {form}")
        if name in found:
            raise UsageError(f"{what} {text}: {name} stands twice; state it once")
        if part:
            found[name] = value
    return found


def draw_wording(options: Any, voices: Sequence[str], place: int, turn: int) -> Wording:
    """The turn-th wording of what has a place, see `feint.situations.place_wording`.

    Args:
        options: Of a task: `wordings`, `seed` and `phrases`, which was checked.
        voices: Names of the voices.
        place: From 0.
        turn: From 0.
    """
    voice, phrasing = place_wording(place, turn, len(voices), options.wordings)
    seed = 1 + count_phrasings(len(voices), options.wordings) * options.seed + phrasing
    return Wording(voices[voice], seed, options.phrases)
