"""Text that others wrote: made safe to look at, shortened, and compared word by word."""

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

# Joiners shape emoji and several scripts; between two such characters they hide nothing.
_JOINER = re.compile("(?<=[\u0300-\U0010ffff])[\u200c\u200d](?=[\u0300-\U0010ffff])")
_SUSPECT = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_LINE_END = re.compile("\r\n?")
_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
_WORD = re.compile(r"\S+\s*|\s+")


def visible(text: str) -> str:
    """Replace every character that cannot be seen, or that reorders others, by a mark that can.

    Control characters become their pictures (null becomes ``␀``), everything else of the Unicode categories
    control, format, surrogate, private use and line or paragraph separator becomes ``⟨U+202E⟩``. New lines and
    tabs stay. The result can always be encoded as UTF-8, lone surrogates included.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_END.sub("\n", text)
    joiners = {match.start() for match in _JOINER.finditer(text)}
    return "".join(_shown(char) if i not in joiners else char for i, char in enumerate(text))


def _shown(char: str) -> str:
    code = ord(char)
    if char in "\n\t" or (unicodedata.category(char) not in _SUSPECT and code & 0xFFFE != 0xFFFE):
        return char
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "␡" if code == _DELETE else f"⟨U+{code:04X}⟩"


def one_line(text: str, limit: int = 80) -> str:
    """Make text visible, put it on one line and shorten it to `limit` characters with an ellipsis."""
    text = " ".join(visible(text).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut(text: str, limit: int) -> tuple[str, int]:
    """Cut text after `limit` characters; returns the text that is kept, and how many characters were left out."""
    return (text, 0) if len(text) <= limit else (text[:limit], len(text) - limit)


class Segment(NamedTuple):
    """A stretch of text: both texts have it, only the reference has it, or only the other one."""

    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(reference: str, text: str) -> list[Segment]:
    """Compare two texts word by word.

    A single word that is the same between two changes is counted as changed: what is left reads as phrases.

    Returns:
        Segments in reading order. The "same" and "new" ones together are `text`, the "same" and "gone" ones
        together are `reference`.
    """
    old, new = _WORD.findall(reference), _WORD.findall(text)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    segments: list[Segment] = []
    gone, fresh = "", ""
    for i, (tag, a, b, c, d) in enumerate(steps):
        if tag == "equal" and (b - a > 1 or i in (0, len(steps) - 1)):
            segments += [Segment("gone", gone), Segment("new", fresh), Segment("same", "".join(new[c:d]))]
            gone, fresh = "", ""
        else:
            gone += "".join(old[a:b])
            fresh += "".join(new[c:d])
    segments += [Segment("gone", gone), Segment("new", fresh)]
    return [segment for segment in segments if segment.text]
