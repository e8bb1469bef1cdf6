"""Read the decision of a reply to a request between two actions: the letter in its choice tag."""

import re

_CHOICE = re.compile(r"<\s{0,3}choice\s{0,3}>([^<]{0,80})<\s{0,3}/\s{0,3}choice\s{0,3}>", re.IGNORECASE)
_LETTER = re.compile(r"[\W_]*(?:option|action|choice|answer)?[\W_]*([a-z])[\W_]*", re.IGNORECASE)


def read_choices(text: str) -> list[str]:
    """List the letters in choice tags, in order and in upper case; a tag without a single letter is skipped.

    >>> read_choices("<choice>option b</choice>")
    ['B']


    Args:
        text: A reply, without its reasoning.
    """
    letters = (_LETTER.fullmatch(found[1]) for found in _CHOICE.finditer(text))
    return [letter[1].upper() for letter in letters if letter is not None]
