"""Cut a model's text into its reasoning and its reply, or say why it cannot be cut."""

import re
from dataclasses import dataclass, field

from feint.base.errors import unknown
from feint.judges.rules.tags import REASONING_TAGS, REPLY_TAGS, Tag, TagBlock, find_blocks, find_tags, without_tags

MODES = ("scratchpad", "native", "none")
"""The place where a model reasons: between tags we ask for, in its provider's own channel, or nowhere."""

_WORD = re.compile(r"\w")
_ECHO = re.compile(r"[\W_]*(?:and|or)[\W_]*", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedReply:
    """A model's text, cut apart.

    Attributes:
        reasoning: All text of the reasoning, tags removed.
        reply: Everything outside the reasoning, tags removed; empty where there is a problem.
        problem: Why there is no reply to judge: "truncated", "empty" or "no_reply_tag"; None if there is a reply.
        replies: The tagged replies one by one, where the model wrote several.
    """

    reasoning: str
    reply: str
    problem: str | None
    replies: tuple[str, ...] = ()


@dataclass
class _Pieces:
    """Stretches of the text by what they are, in order."""

    reasoning: list[str] = field(default_factory=list)
    reply: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    unclosed: bool = False
    reasoned: bool = False


def parse_reply(
    text: str, *, mode: str = "scratchpad", reasoning: str | None = None, truncated: bool = False
) -> ParsedReply:
    """Cut a model's text into reasoning and reply. Never raises on any text.

    Tag names are read in any case, and those of the published prompts and of native reasoning are accepted as
    synonyms. In mode "scratchpad" a text without any reply tag has a reply only if a reasoning block was closed
    before it; otherwise thoughts and reply cannot be told apart and the problem is "no_reply_tag". In the other modes
    a text without tags is the reply.

    Args:
        text: The text of the model.
        mode: "scratchpad", "native" or "none".
        reasoning: The model's native reasoning, where the provider gave it apart from the text.
        truncated: True if a token limit cut the model off.

    Returns:
        The parts. With a problem, `reply` is empty, and `reasoning` holds the part that could be read.

    Raises:
        UsageError: The mode is not one of the three.
    """
    if mode not in MODES:
        raise unknown("reasoning mode", mode, MODES)
    pieces = _cut(text, untagged_thoughts=mode == "scratchpad")
    thoughts = _joined([reasoning or "", *pieces.reasoning])
    reply = _joined(pieces.reply)
    problem = None
    if truncated or pieces.unclosed:
        problem = "truncated"
    elif not _WORD.search(text):
        problem = "empty"
    elif mode == "scratchpad" and not pieces.replies and not (pieces.reasoned and _WORD.search(reply)):
        problem = "no_reply_tag"
    elif not _WORD.search(reply):
        problem = "empty"
    if problem:
        return ParsedReply(thoughts, "", problem)
    return ParsedReply(thoughts, reply, None, tuple(pieces.replies))


def _cut(text: str, *, untagged_thoughts: bool) -> _Pieces:
    tags = find_tags(text)
    text, tags = _with_lost_opening(text, tags)
    blocks = find_blocks(text, tags)
    if blocks and not blocks[-1].closed:
        blocks = _rescued(text, tags, blocks)
    pieces = _Pieces()
    pieces.unclosed = bool(blocks) and not blocks[-1].closed
    pieces.reasoned = any(
        block.name in REASONING_TAGS and not _ECHO.fullmatch(text[block.start : block.end]) for block in blocks
    )
    position = 0
    for block in blocks:
        outside = text[position : block.left]
        is_reply = block.name in REPLY_TAGS
        # Asked to think first, a model that writes before its reply without any tag is thinking.
        thinking = untagged_thoughts and is_reply and not pieces.reasoned and not pieces.replies
        (pieces.reasoning if thinking else pieces.reply).append(outside)
        if is_reply:
            _add_reply(pieces, text[block.start : block.end])
        else:
            pieces.reasoning.append(text[block.start : block.end])
        position = block.right
    pieces.reply.append(text[position:])
    return pieces


def _with_lost_opening(text: str, tags: list[Tag]) -> tuple[str, list[Tag]]:
    """Treat all text before a closing reasoning tag as reasoning, if a prefill held the opening tag."""
    for tag in tags:
        if tag.name in REPLY_TAGS and tag.closes:
            break
        if tag.name in REASONING_TAGS:
            if tag.closes:
                return text, [Tag(0, 0, tag.name, closes=False), *(other for other in tags if other.start >= tag.start)]
            break
    return text, tags


def _rescued(text: str, tags: list[Tag], blocks: list[TagBlock]) -> list[TagBlock]:
    """Find the reply after a reasoning block that was never closed: a whole reply block that ends the text."""
    open_block, last = blocks[-1], tags[-1]
    if open_block.name in REPLY_TAGS or last.name not in REPLY_TAGS or not last.closes or text[last.end :].strip():
        return blocks
    for tag in reversed(tags[:-1]):
        if tag.name == last.name:
            if tag.closes or tag.start < open_block.start:
                break
            thoughts = TagBlock(open_block.name, open_block.left, open_block.start, tag.start, tag.start, closed=True)
            return [*blocks[:-1], thoughts, TagBlock(tag.name, tag.start, tag.end, last.start, last.end, closed=True)]
    return blocks


def _add_reply(pieces: _Pieces, content: str) -> None:
    """Add a reply block, without the reasoning nested in it; the prompt's own `<reply> and </reply>` is no reply."""
    position, kept = 0, []
    for block in find_blocks(content, [tag for tag in find_tags(content) if tag.name in REASONING_TAGS]):
        if block.closed:
            kept.append(content[position : block.left])
            pieces.reasoning.append(content[block.start : block.end])
            position = block.right
    reply = "".join([*kept, content[position:]])
    if _ECHO.fullmatch(reply):
        return
    pieces.reply.append(reply)
    pieces.replies.append(reply.strip())


def _joined(pieces: list[str]) -> str:
    bare = (without_tags(piece).strip() for piece in pieces)
    return "\n\n".join(piece for piece in bare if piece)
