"""The differences between two texts, word by word."""

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORD = re.compile(r"\S+\s*|\s+")


class Segment(NamedTuple):
    """A stretch of text."""

    kind: Literal["same", "gone", "new"]
    """Whether both texts have it, only the reference has it, or only the other one."""
    text: str


def word_diff(reference: str, text: str) -> list[Segment]:
    """Compare two texts word by word.

    A single word that is the same between two changes is counted as changed: what is left reads as phrases.

    Args:
        reference: The text to compare with.
        text: The text that is shown.

    Returns:
        Segments in reading order. The "same" and "new" ones together are `text`, the "same" and "gone" ones
        together are `reference`.
    """
    old, new = _WORD.findall(reference), _WORD.findall(text)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    segments: list[Segment] = []
    gone, fresh = "", ""
    for i, (tag, a, b, c, d) in enumerate(steps):
        inside = 0 < i < len(steps) - 1
        if tag == "equal" and not (inside and b - a == 1):
            segments += _change(gone, fresh)
            gone, fresh = "", ""
            segments.append(Segment("same", "".join(new[c:d])))
        else:
            gone += "".join(old[a:b])
            fresh += "".join(new[c:d])
    return segments + _change(gone, fresh)


def _change(gone: str, fresh: str) -> list[Segment]:
    return ([Segment("gone", gone)] if gone else []) + ([Segment("new", fresh)] if fresh else [])
