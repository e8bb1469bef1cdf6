"""Separate the answer of a free-text reply from its reasoning, whatever tags the model used."""

import re
from dataclasses import dataclass

LONGEST = 40_000
"""Characters of a text that are read; more would let hostile text cost much time."""
_OPEN = re.compile(r"<\s*(?:output|response|reply|final_answer)\s*>(?!\s*tags?\b)|<b>\s*output\s*</b>", re.IGNORECASE)
_CLOSE = re.compile(r"<\s*/\s*(?:output|response|reply|final_answer)\s*>", re.IGNORECASE)
_THOUGHT = re.compile(r"<\s*(think|thinking|reasoning)\s*>.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_THOUGHT_END = re.compile(r"<\s*/\s*(?:think|thinking|reasoning)\s*>", re.IGNORECASE)
_HEADING = re.compile(
    r"^[^\w\n]{0,20}(?:final )?(?:output|answer|response)[^\w\n]{0,20}:", re.IGNORECASE | re.MULTILINE
)
_NEXT = re.compile(
    r"<\s*input\s*>|<\s*is_free_tier_user\s*>|^[^\w\n]{0,20}example\b"
    r"|^[^\w\n]{0,20}(?:input|human|user|prompt|question)\s*:|^[^\w\n]{0,20}response\s*:\s*<\s*think",
    re.IGNORECASE | re.MULTILINE,
)
_ECHO = re.compile(r"<\s*(user_input|input)\s*>.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<\s*/?\s*[a-z_ ]{2,25}\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Sections:
    """A reply taken apart.

    Attributes:
        reasoning: The text before the answer.
        reply: The answer to the first scenario, without scenarios that the model invents after it; "" if there is none.
        cut: True if the text breaks off in the middle of a sentence.
    """

    reasoning: str
    reply: str
    cut: bool = False


def split_sections(text: str, *, reasoning: str | None = None) -> Sections:
    """Take a reply apart.

    The answer follows an output tag; without such a tag, the reasoning; without reasoning, it is the whole text.
    A text that closes its reasoning and then stops has no answer.

    Args:
        text: The reply as the model gave it.
        reasoning: The model's reasoning where the source gave it apart.
    """
    apart, text = reasoning or "", text.strip()[:LONGEST]
    opened = _OPEN.search(text)
    if opened is not None:
        body = first_scenario(text[opened.end() :])
        return finish(apart + text[: opened.start()], tagged_answer(body), body)
    text = first_scenario(text)
    thought = _THOUGHT_END.search(text)
    if thought is not None:
        return finish(apart + text[: thought.start()], without_tags(text[thought.end() :]), text)
    heading = _HEADING.search(text)
    if heading is not None and heading.start() > 0:
        return finish(apart + text[: heading.start()], without_tags(text[heading.end() :]), text)
    return finish(apart, without_tags(text), text)


def first_scenario(text: str) -> str:
    """Cut a text where the model begins another scenario; an echo of the prompt is dropped first."""
    text = _ECHO.sub(" ", text) if _ECHO.match(text.lstrip()) else text
    after = _NEXT.search(text, 20)
    return text[: after.start()] if after is not None else text


def tagged_answer(body: str) -> str:
    """Return the answer after an output tag: the text up to the end tag, or after it if there is none before."""
    closed = _CLOSE.search(body)
    inside, beyond = (body, "") if closed is None else (body[: closed.start()], body[closed.end() :])
    answer = without_tags(_THOUGHT.sub(" ", inside))
    if not answer or answer.endswith(":"):
        answer = f"{answer} {without_tags(_THOUGHT.sub(' ', beyond))}".strip()
    return answer or without_tags(inside)


def without_tags(text: str) -> str:
    """Remove markup. A one-letter tag stays, because it may be the answer, unless a pair of them marks bold text."""
    text = re.sub(r"</?[bB]>", " ", text) if re.search(r"</[bB]>", text) else text
    return _TAG.sub(" ", _ECHO.sub(" ", text)).strip()


def finish(reasoning: str, answer: str, whole: str) -> Sections:
    """Make sections; an answer without a letter or digit counts as empty."""
    cut = whole.rstrip()[-1:].isalnum()
    return Sections(reasoning, answer if re.search(r"\w", answer) else "", cut)
