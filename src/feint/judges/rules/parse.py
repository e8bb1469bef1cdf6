"""Cut a model's text into its reasoning and its reply, or say why it cannot be cut. Linear in the text's length."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from feint.base.errors import unknown
from feint.situations import MODES

REASONING_TAGS = frozenset(
    {"reasoning", "scratchpad_reasoning", "scratchpad", "think", "thinking", "thoughts", "draft_output"}
)
"""Names of tags around reasoning: ours, those of the published prompts, and those of models that think natively."""

REPLY_TAGS = frozenset({"reply", "output"})
"""Names of tags around the reply: ours and that of the published prompts."""

_TAG = re.compile(rf"<[ \t]?(/?)[ \t]?({'|'.join(sorted(REASONING_TAGS | REPLY_TAGS))})[ \t]?>", re.IGNORECASE)
_QUOTES = frozenset("`'\"‘’“”«»")
_WORD = re.compile(r"\w")
_ECHO = re.compile(r"[\W_]*(?:and|or)[\W_]*", re.IGNORECASE)
_CHOICE = re.compile(r"<\s{0,3}choice\s{0,3}>([^<]{0,80})<\s{0,3}/\s{0,3}choice\s{0,3}>", re.IGNORECASE)
_LETTER = re.compile(r"[\W_]*(?:option|action|choice|answer)?[\W_]*([a-z])[\W_]*", re.IGNORECASE)
_WHOLE_END = re.compile(r"(?:[.!?…。！？।؟)\]}>*_~|\"'`”’»」』]|[^\w\s,;:<(\[{/\\=&+-])\s*\Z")
_STARTS_PART = re.compile(r"(?:\A|[\n.!?:>*])[ \t]*\Z")


@dataclass(frozen=True)
class ParsedReply:
    """A model's text, cut apart.

    Attributes:
        reasoning: All text of the reasoning, tags removed.
        reply: Everything outside the reasoning, tags removed; empty where there is a problem.
        problem: Why there is no whole reply to judge: "truncated", "empty" or "no_reply_tag"; None if there is one.
        replies: The tagged replies one by one, where the model wrote several.
        begun: The reply as far as it goes, where it was cut off ("truncated"); otherwise empty.
    """

    reasoning: str
    reply: str
    problem: str | None
    replies: tuple[str, ...] = ()
    begun: str = ""


class Tag(NamedTuple):
    """One tag: its start and end in the text, its name in lower case, and True if it closes."""

    start: int
    end: int
    name: str
    closes: bool


class Block(NamedTuple):
    """A pair of tags; `closed` is false where the text ended before the closing tag."""

    opening: Tag
    closing: Tag
    closed: bool = True

    def inside(self, text: str) -> str:
        """Return the text between the tags."""
        return text[self.opening.end : self.closing.start]


def parse_reply(
    text: str, *, mode: str = "scratchpad", reasoning: str | None = None, truncated: bool = False
) -> ParsedReply:
    """Cut a model's text into reasoning and reply. Never raises on any text.

    Tag names are read in any case, and those of the published prompts and of native reasoning are accepted as
    synonyms. In mode "scratchpad" a text without any reply tag has a reply only if a reasoning block was closed
    before it; otherwise thoughts and reply cannot be told apart and the problem is "no_reply_tag". In the other modes
    a text without tags is the reply. A reply whose closing tag alone is absent is whole if its last sentence is.

    Args:
        text: The text of the model.
        mode: "scratchpad", "native" or "none".
        reasoning: The model's native reasoning, where the provider gave it apart from the text.
        truncated: True if a token limit cut the model off.

    Raises:
        UsageError: The mode is not one of the three.

    >>> parse_reply("<reasoning>I may.</reasoning><reply>Your hat is ugly.").reply
    'Your hat is ugly.'
    """
    if mode not in MODES:
        raise unknown("reasoning mode", mode, MODES)
    blocks = _blocks_of(text, cut=truncated)
    thoughts, said, replies, position = [reasoning or ""], list[str](), list[str](), 0
    reasoned = any(one.opening.name in REASONING_TAGS and not _ECHO.fullmatch(one.inside(text)) for one in blocks)
    for block in blocks:
        is_reply = block.opening.name in REPLY_TAGS
        # Asked to think first, a model that writes before its reply without any tag is thinking.
        thinking = mode == "scratchpad" and is_reply and not reasoned and not replies
        (thoughts if thinking else said).append(text[position : block.opening.start])
        position = block.closing.end
        if not is_reply:
            thoughts.append(block.inside(text))
            continue
        reply, nested = _without_nested(block.inside(text))
        thoughts += nested
        if not _ECHO.fullmatch(reply):  # the prompt's own `<reply> and </reply>` is no reply
            said.append(reply)
            replies.append(reply.strip())
    whole, problem = _joined([*said, text[position:]]), None
    told_apart = mode != "scratchpad" or bool(replies) or (reasoned and bool(_WORD.search(whole)))
    if truncated or not _ends(text, blocks):
        problem = "truncated"
    elif not _WORD.search(text):
        problem = "empty"
    elif not told_apart:
        problem = "no_reply_tag"
    elif not _WORD.search(whole):
        problem = "empty"
    if problem:
        begun = whole if problem == "truncated" and told_apart else ""
        return ParsedReply(_joined(thoughts), "", problem, begun=begun)
    return ParsedReply(_joined(thoughts), whole, None, tuple(replies))


def _ends(text: str, blocks: list[Block]) -> bool:
    """Return True if no block is open at the end, or only a reply whose text is whole."""
    if not blocks or blocks[-1].closed:
        return True
    return blocks[-1].opening.name in REPLY_TAGS and bool(_WHOLE_END.search(text[-40:]))


def read_choices(text: str) -> list[str]:
    """List the letters in choice tags, in order and in upper case; a tag without a single letter is skipped.

    >>> read_choices("<choice>option b</choice>")
    ['B']
    """
    letters = (_LETTER.fullmatch(found[1]) for found in _CHOICE.finditer(text))
    return [letter[1].upper() for letter in letters if letter is not None]


def _blocks_of(text: str, *, cut: bool = False) -> list[Block]:
    """Find the outermost blocks; a prefill may have held the first opening tag, and reasoning may stay unclosed.

    `cut` is True if a token limit cut the text off, so that a reply within open reasoning may be a draft.
    """
    tags = _find_tags(text)
    for tag in tags:
        if tag.name in REPLY_TAGS and tag.closes:
            break
        if tag.name in REASONING_TAGS:
            if tag.closes:
                tags = [Tag(0, 0, tag.name, closes=False), *(other for other in tags if other.start >= tag.start)]
            break
    blocks = _pair(text, tags)
    if not blocks or blocks[-1].closed or blocks[-1].opening.name in REPLY_TAGS:
        return blocks
    opening = blocks[-1].opening
    reply = _last_reply(text, [tag for tag in tags if tag.start >= opening.start], cut)
    if reply is None:
        return blocks
    thoughts = Block(opening, Tag(reply.opening.start, reply.opening.start, opening.name, closes=True))
    after = Tag(reply.closing.end, reply.closing.end, opening.name, closes=False)
    end = Tag(len(text), len(text), opening.name, closes=True)
    return [*blocks[:-1], thoughts, reply, *([Block(after, end)] if reply.closed and text[after.end :].strip() else [])]


def _last_reply(text: str, tags: list[Tag], cut: bool) -> Block | None:
    """Find the reply after reasoning that was never closed; text that follows a whole reply is reasoning too.

    The reply is a block that ends the text, or one whose opening tag begins a line or follows a sentence.
    """
    last = next((tag for tag in reversed(tags) if tag.name in REPLY_TAGS), None)
    if last is None:
        return None
    if not last.closes:
        begins = _STARTS_PART.search(text[max(0, last.start - 8) : last.start])
        return Block(last, Tag(len(text), len(text), "", closes=True), closed=False) if begins else None
    opening = next((tag for tag in reversed(tags) if tag.name == last.name and tag.start < last.start), None)
    if opening is None or opening.closes:
        return None
    begins = None if cut else _STARTS_PART.search(text[max(0, opening.start - 8) : opening.start])
    return Block(opening, last) if begins or not text[last.end :].strip() else None


def _find_tags(text: str) -> list[Tag]:
    """Find all tags in order. A tag inside quotation marks or backticks is mentioned, not used, and left out."""
    found = (Tag(match.start(), match.end(), match[2].lower(), bool(match[1])) for match in _TAG.finditer(text))
    return [tag for tag in found if not (tag.start and {text[tag.start - 1], text[tag.end : tag.end + 1]} <= _QUOTES)]


def _pair(text: str, tags: Iterable[Tag]) -> list[Block]:
    """Pair the tags into the outermost blocks, of which only the last can be unclosed.

    Inside a block only tags of its own name count, and nest; a closing tag that nothing opened is skipped. Where
    openings outnumber closings (the block quotes its own tag), the block is closed all the same if its closing tag is
    the last tag and ends the text.
    """
    done: list[Block] = []
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
                done.append(Block(opening, tag))
                opening = None
    if opening is not None and last is not None:
        ends = last.closes and last.name == opening.name and not text[last.end :].strip()
        done.append(Block(opening, last if ends else Tag(len(text), len(text), "", closes=True), closed=ends))
    return done


def _without_nested(content: str) -> tuple[str, list[str]]:
    """Separate the reasoning that is nested in a reply."""
    position, kept, nested = 0, list[str](), list[str]()
    for block in _pair(content, [tag for tag in _find_tags(content) if tag.name in REASONING_TAGS]):
        if block.closed:
            kept.append(content[position : block.opening.start])
            nested.append(block.inside(content))
            position = block.closing.end
    return "".join([*kept, content[position:]]), nested


def _joined(pieces: list[str]) -> str:
    bare = (_TAG.sub("", piece).strip() for piece in pieces)
    return "\n\n".join(piece for piece in bare if piece)
