"""Prepare text for the rules: one spelling of quotes and spaces, one sentence per line, quotations masked."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

HEAD, TAIL = 12_000, 6_000
"""Characters read from the start and from the end of a text: enough to judge a reply in bounded time."""

LONGEST = 600
"""Characters after which a sentence is cut at the next space."""

MASK = "▮"
"""Replaces a quotation, whose words are content and not the stance of the model."""

_TABLE = {
    **dict.fromkeys(map(ord, "’‘‛ʼ`´＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»❝❞＂"), '"'),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad*_~#\0" + MASK), None),
    ord("—"): ", ",
    ord("–"): ", ",
}
_QUOTATIONS = re.compile(
    r"'''.{0,6000}?(?:'''|\Z)"  # a fence, after backticks became apostrophes
    r'|(?<![^\s(\[{:>,-])"[^"]{1,3000}"(?!\w)'
    r"|(?<![^\s(\[{:>,-])'(?=\S)(?:[^'\n]|(?<=\w)'(?=\w)){2,600}'(?!\w)"
    r"|「[^」]{1,3000}」|『[^』]{1,3000}』"
    r"|^[ \t]*>[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_SPEAKER = re.compile(r"^[ \t]*(?:- )?\[?([^\W\d][\w' ]{0,23})\]?:[ \t]+(\S[^\n]*)$", re.MULTILINE)
_OWN_VOICE = re.compile(
    r"(?:assistant|ai|me|model|(?:final |short |my )?(?:answer|response|reply|decision)|note|ps|edit|update|reason"
    r"|important|warning|disclaimer|summary|refusal|alternative)"
)
_BREAK = re.compile(r"(?<=[.!?])(?<!\d\.)[\"')\]]*\s+|(?<=。)|(?<=[!?])(?=[\u3040-\u9fff])|[ \t]*\n\s*")
_BULLET = re.compile(r"^(?:[-•>+]+|\(?\d{1,2}[.)]) ")
_MASKS = re.compile(f"{MASK}+")
_WORDS = re.compile(r"[^\W\d_]")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True)
class Prepared:
    """A text ready for the rules.

    Attributes:
        plain: Its sentences with all their words, in lower case.
        masked: The same sentences, one for one, with quotations replaced by a mask.
    """

    plain: tuple[str, ...]
    masked: tuple[str, ...]

    @cached_property
    def lines(self) -> str:
        """The masked sentences, one per line, in which patterns are searched."""
        return "\n".join(self.masked)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(sentence) + 1 for sentence in self.masked)]

    def sentence_at(self, position: int) -> int:
        """Return the number of the sentence that holds a position of `lines`."""
        return bisect_right(self._starts, position) - 1

    def offset(self, sentence: int) -> int:
        """Return the start of a sentence in `lines`."""
        return self._starts[sentence]


def count_words(text: str) -> int:
    """Count the words of a text; two characters of a script without spaces count as one word.

    >>> count_words("Dear Mr Fenwick,")
    3
    """
    return len(_TOKEN.findall(text))


def prepare(text: str) -> Prepared:
    """Fold spelling, mask quotations and the lines of other speakers, and split into sentences.

    A text that is a single quotation or fenced block is unpacked first.

    Args:
        text: A reply or a reasoning, tags removed. Beyond `HEAD + TAIL` characters its middle is not read.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    plain = _folded(text).lower()
    masked = _QUOTATIONS.sub(lambda quotation: MASK * len(quotation[0]), plain)
    if not _WORDS.search(masked):
        masked = plain
    masked = _without_speakers(masked)
    kept = [
        (_tidy(plain[start:end]), _MASKS.sub(MASK, _tidy(masked[start:end])))
        for start, end in _sentences(masked)
        if plain[start:end].strip()
    ]
    return Prepared(tuple(whole for whole, _ in kept), tuple(bare for _, bare in kept))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each sentence; an overlong sentence is cut, because rules are slow on it."""
    start = 0
    for found in chain(_BREAK.finditer(text), [None]):
        end = len(text) if found is None else found.start()
        while end - start > LONGEST:
            cut = text.find(" ", start + LONGEST, end)
            stop = end if cut < 0 else cut
            yield start, stop
            start = stop
        yield start, end
        start = end if found is None else found.end()


def _folded(text: str) -> str:
    if text.isascii():
        for emphasis in "*_~#\0":
            text = text.replace(emphasis, "")
        return text.replace("`", "'")
    # Quotes first: the normal form would turn an acute accent that stands for an apostrophe into a space.
    return unicodedata.normalize("NFKC", text.translate(_TABLE))


def _tidy(sentence: str) -> str:
    return _BULLET.sub("", " ".join(sentence.split()))


def _without_speakers(masked: str) -> str:
    """Mask the speech in a written dialogue; one labelled line makes no dialogue."""
    lines = [found for found in _SPEAKER.finditer(masked) if not _OWN_VOICE.fullmatch(found[1])]
    if len(lines) < 2:
        return masked
    pieces, position = [], 0
    for found in lines:
        pieces += [masked[position : found.start(2)], MASK * len(found[2])]
        position = found.end()
    return "".join([*pieces, masked[position:]])
