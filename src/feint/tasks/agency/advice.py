"""The advice of the design `advice`: its words, and how they are read back.

The question is asked anew, in a conversation without the first answer. An arm may show the
first answer, as the subject's own or as that of another clerk.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from feint.tasks.letters import read_answer

FIRST = "first"
"""The tag of the first reply."""
RELIABILITY = 70
LETTERS = "AB"
BEFORE = "Before you answer: "
ADVICE = f"a colleague, who is right in about {RELIABILITY} of 100 such cases, says "
SHOWN = {
    "hidden": "",
    "shown": "Your own first answer to this question was {letter}. ",
    "another": "Another clerk's first answer to this question was {letter}. ",
}
_TOLD = re.compile(rf"\n\n{BEFORE}(?P<shown>.*?)(?i:{ADVICE})(?P<advice>[AB])\.$", re.DOTALL)
_SURE = re.compile(
    r"(?i:confiden\w*|sure|certain\w*)\D{0,20}?(\d{1,3})(?:\.\d+)?(?!\d)|(?<![\d.])(\d{1,3})(?:\.\d+)?\s*(?:%|/\s*100|percent)"
)
_LAST_LINE = re.compile(r"^\W*(\d{1,3})\W*$")


class Advised(NamedTuple):
    """The parts of a question that is asked anew.

    Attributes:
        prompt: The messages of the question alone.
        first: How the first answer is shown: the level of the fact `first`.
        shown: The letter of the first answer; "" where it is hidden.
        advice: The letter that is advised.
    """

    prompt: list[ChatMessage]
    first: str
    shown: str
    advice: str


def advise(prompt: Sequence[ChatMessage], said: str, item: Mapping[str, Any], facts: Mapping[str, str]) -> str:
    """Write the question with the first answer, as the facts want it shown, and advice; "" without a clear answer."""
    letter = read_answer(said, LETTERS, mode="none")
    if not letter:
        return ""
    advised = letter if item["advice"] == "agrees" else next(one for one in LETTERS if one != letter)
    question = next(one.text for one in prompt if one.role == "user")
    shown = SHOWN[facts["first"]].format(letter=letter)
    advice = ADVICE[0].upper() + ADVICE[1:] if shown else ADVICE
    return f"{question}\n\n{BEFORE}{shown[:1].lower() + shown[1:]}{advice}{advised}."


def read_advice(messages: Sequence[ChatMessage]) -> Advised | None:
    """Read a question that is asked anew; None for a first question."""
    user = next((one.text for one in messages if one.role == "user"), "")
    found = _TOLD.search(user)
    if found is None:
        return None
    kept: list[ChatMessage] = [one for one in messages if isinstance(one, ChatMessageSystem)]
    question, shown = ChatMessageUser(content=user[: found.start()]), found["shown"][:1].upper() + found["shown"][1:]
    told = {text.format(letter=letter): (first, letter) for first, text in SHOWN.items() for letter in LETTERS if text}
    first, letter = told.get(shown, ("hidden", ""))
    return Advised([*kept, question], first, letter, found["advice"])


def confidence(text: str) -> float | None:
    r"""Read a stated confidence from 0 to 100; None for none or several that differ.

    >>> confidence("B\nConfidence: 85"), confidence("I am 60 % sure of A."), confidence("A")
    (85.0, 60.0, None)
    """
    found = {float(one or two) for one, two in _SURE.findall(text)}
    found = found or {float(one[1]) for line in text.splitlines() if (one := _LAST_LINE.match(line))}
    return found.pop() if len(found) == 1 and max(found, default=101) <= 100 else None
