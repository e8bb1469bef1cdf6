"""Which wording stands where: voices in turn, then their phrasings, balanced over what is asked."""

from typing import Any, TypeVar

PHRASINGS = 4
"""Seeds for each voice that a study has at least, shared by all that is asked: enough that a wording and a request can
be told apart."""
Whole = TypeVar("Whole", bound=Any)
"""A whole number, or an array of them."""


def count_phrasings(voices: int, wordings: int) -> int:
    """How many phrasings of each voice a study of so many wordings of each request has."""
    return max(PHRASINGS, -(-wordings // voices))


def place_wording(place: Whole, turn: Whole, voices: int, wordings: int) -> tuple[Whole, Whole]:
    """The turn-th wording of what has a place: voices in turn, then the next phrasing.

    Args:
        place: From 0, in an order drawn by the study's seed.
        turn: From 0 to `wordings` - 1; numbers, or arrays that fit those of `place`.
        voices: How many voices there are.
        wordings: How many wordings everything has.

    Returns:
        Number of the voice and number of its phrasing, both from 0.
    """
    return (place + turn) % voices, (place // voices + turn // voices) % count_phrasings(voices, wordings)
