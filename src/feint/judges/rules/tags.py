"""Find the tags of the reply format in a text, and the blocks they enclose. Linear in the text's length."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

REASONING_TAGS = frozenset(
    {"reasoning", "scratchpad_reasoning", "scratchpad", "think", "thinking", "thoughts", "draft_output"}
)
"""Names of tags around reasoning: ours, those of the published prompts, and those of models that think natively."""

REPLY_TAGS = frozenset({"reply", "output"})
"""Names of tags around the reply: ours and that of the published prompts."""

_TAG = re.compile(rf"<[ \t]?(/?)[ \t]?({'|'.join(sorted(REASONING_TAGS | REPLY_TAGS))})[ \t]?>", re.IGNORECASE)
_QUOTES = frozenset("`'\"‘’“”«»")


@dataclass(frozen=True)
class Tag:
    """One tag: its start and end in the text, its name in lower case, and True if it closes."""

    start: int
    end: int
    name: str
    closes: bool


@dataclass(frozen=True)
class TagBlock:
    """The text between an opening tag and its closing tag: `text[start:end]`, with the tags `text[left:right]`.

    `closed` is false where the text ended before the closing tag.
    """

    name: str
    left: int
    start: int
    end: int
    right: int
    closed: bool


def find_tags(text: str) -> list[Tag]:
    """Find all tags in order. A tag inside quotation marks or backticks is mentioned, not used, and left out."""
    found = (Tag(match.start(), match.end(), match[2].lower(), bool(match[1])) for match in _TAG.finditer(text))
    return [tag for tag in found if not _is_quoted(text, tag)]


def find_blocks(text: str, tags: Iterable[Tag]) -> list[TagBlock]:
    """Pair the tags into the outermost blocks.

    Inside a block only tags of its own name count, and nest; a closing tag that nothing opened is skipped. Where
    openings outnumber closings (the block quotes its own tag), the block is closed all the same if its closing tag is
    the last tag and ends the text.

    Args:
        text: The text that the tags were found in.
        tags: Its tags, or some of them, in order.

    Returns:
        Blocks in order, none inside another; only the last can be unclosed.
    """
    done: list[TagBlock] = []
    opening: Tag | None = None
    last: Tag | None = None
    depth = 0
    for tag in tags:
        last = tag
        if opening is None:
            if not tag.closes:
                opening, depth = tag, 1
        elif tag.name == opening.name:
            depth += -1 if tag.closes else 1
            if depth == 0:
                done.append(TagBlock(opening.name, opening.start, opening.end, tag.start, tag.end, closed=True))
                opening = None
    if opening is not None and last is not None:
        ends = last.closes and last.name == opening.name and not text[last.end :].strip()
        end, right = (last.start, last.end) if ends else (len(text), len(text))
        done.append(TagBlock(opening.name, opening.start, opening.end, end, right, closed=ends))
    return done


def without_tags(text: str) -> str:
    """Remove all tags from a text."""
    return _TAG.sub("", text)


def _is_quoted(text: str, tag: Tag) -> bool:
    return tag.start > 0 and tag.end < len(text) and text[tag.start - 1] in _QUOTES and text[tag.end] in _QUOTES
