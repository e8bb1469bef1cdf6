"""Assign wordings: voices in turn, then their phrasings, balanced over the items."""

from typing import Any, TypeVar

PHRASINGS = 4
"""Seeds for each voice that a study has at least, shared by all that is asked: enough that a wording and a request can
be told apart."""
Whole = TypeVar("Whole", bound=Any)
"""A whole number, or an array of them."""


def count_phrasings(voices: int, wordings: int) -> int:
    """Count the phrasings of each voice in a study, by its wordings of each request."""
    return max(PHRASINGS, -(-wordings // voices))


def place_wording(place: Whole, turn: Whole, voices: int, wordings: int) -> tuple[Whole, Whole]:
    """Choose a wording of an item: voices in turn, then the next phrasing.

    Args:
        place: Place of the item, from 0, in an order drawn by the study's seed.
        turn: Number of the wording, from 0 to `wordings` - 1; a number, or an array that fits `place`.
        voices: Number of voices.
        wordings: Wordings of each item.

    Returns:
        Number of the voice and number of its phrasing, both from 0.

    >>> place_wording(place=1, turn=2, voices=2, wordings=4)
    (1, 1)
    """
    return (place + turn) % voices, (place // voices + turn // voices) % count_phrasings(voices, wordings)
