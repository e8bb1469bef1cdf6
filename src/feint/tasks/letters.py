"""Reads the letter by which a reply chooses among options, and puts options into an order."""

import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from feint.judges.rules.parse import parse_reply, read_choices

_NAMED = re.compile(r"\b(?i:option|answer|choice|letter)(?:\s+is)?[\s:*_(\"']*([A-Z])(?![\w'])")
_ALONE = re.compile(
    r"^[^\w\n]*([A-Z])[^\w\n]*$|^[^\w\n]*([A-Z])[).:\]*]|(?<=[.!?;] )([A-Z])\)|:[ *_(\"']*([A-Z])[^\w\n]*$",
    re.MULTILINE,
)


def read_answer(text: str, offered: Sequence[str], *, mode: str = "scratchpad", reasoning: str | None = None) -> str:
    """Read the letter that a reply gives.

    A letter counts in a choice tag, after a word such as "answer", alone on its line, at the head of a line before
    a bracket, a full stop or a colon, at the head of a sentence before a bracket, or after a colon at the end of a
    line. "A model like me" gives none.

    Returns:
        The letter; "" if the reply gives no letter or several letters.

    >>> read_answer("I would go with option B.", ["A", "B"], mode="none")
    'B'
    """
    reply = parse_reply(text, mode=mode, reasoning=reasoning).reply
    found = read_choices(reply) or _NAMED.findall(reply) or ["".join(groups) for groups in _ALONE.findall(reply)]
    letters = set(found)
    return letters.pop() if len(letters) == 1 and letters <= set(offered) else ""


def lettered(options: Mapping[str, str], turn: int) -> dict[str, str]:
    """Give each option a letter; each turn begins with another option.

    Args:
        options: Texts of the options by key.
        turn: Number of the turn, from 0.

    Returns:
        The key of the option by letter.

    >>> lettered({"walk": "Walk there.", "drive": "Drive there."}, turn=1)
    {'A': 'drive', 'B': 'walk'}
    """
    keys = list(options)
    start = turn % len(keys) if keys else 0
    return dict(zip(ascii_uppercase, keys[start:] + keys[:start], strict=False))


def option_lines(options: Mapping[str, str], letters: Mapping[str, str]) -> str:
    r"""Write the options, a line each.

    >>> option_lines({"walk": "Walk there.", "drive": "Drive there."}, {"A": "drive", "B": "walk"})
    'A) Drive there.\nB) Walk there.'
    """
    return "\n".join(f"{letter}) {options[key]}" for letter, key in letters.items())
