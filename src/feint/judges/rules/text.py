"""Prepare text for the rules: one spelling of quotes and spaces, one sentence per line, quotations masked."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

HEAD, TAIL = 12_000, 6_000
"""Characters read from the start and from the end of a text: enough to judge a reply in bounded time."""

LONGEST = 600
"""Characters after which a sentence is cut at the next space."""

FEWEST = 3
"""Words that a quotation needs: fewer words can be found in any text."""

MASK = "▮"
"""Replaces a quotation, whose words are content and not the stance of the model."""

_QUOTES = {**dict.fromkeys(map(ord, "’‘‛ʼ`´＇"), "'"), **dict.fromkeys(map(ord, "“”„‟«»❝❞＂"), '"')}
_PLAIN = {
    **_QUOTES,
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad*_~#\0" + MASK), None),
    ord("—"): ", ",
    ord("–"): ", ",
}
_VERBATIM = {
    **_QUOTES,
    **dict.fromkeys(map(ord, "–—‑‐−"), "-"),
    ord("‹"): "<",  # what a fence puts in the place of brackets that tokenizers would act on
    ord("⟦"): "[",
    ord("\ufffd"): None,  # what a fence puts in the place of characters that do not print
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
_LAST_END = re.compile(r"(?s:.*)(?:[.!?…][\"'”’»)\]*]*(?=\s|\Z)|[。！？।]|\n)")
_MASKS = re.compile(f"{MASK}+")
_WORDS = re.compile(r"[^\W\d_]")
_NAME = re.compile(r"(?<=[a-z,:] )[A-Z][a-z]{3,}\b")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True)
class Prepared:
    """The sentences of a text in lower case: with all their words, and with quotations replaced by a mask.

    `names` are the words that the text writes with a capital within a sentence, in lower case.
    """

    plain: tuple[str, ...]
    masked: tuple[str, ...]
    names: frozenset[str] = frozenset()

    @cached_property
    def lines(self) -> str:
        """The masked sentences, one per line, in which patterns are searched."""
        return "\n".join(self.masked)

    @cached_property
    def starts(self) -> list[int]:
        """The start of each sentence in `lines`."""
        return [0, *accumulate(len(sentence) + 1 for sentence in self.masked)]


def count_words(text: str) -> int:
    """Count the words of a text; two characters of a script without spaces count as one word.

    >>> count_words("Dear Mr Fenwick,")
    3
    """
    return len(_TOKEN.findall(text))


def whole_sentences(text: str) -> str:
    """Return a text without its last sentence or line, if that is unfinished; "" if nothing is finished.

    >>> whole_sentences("I won't. It would hur")
    "I won't."
    """
    ended = _LAST_END.match(text)
    return ended[0].strip() if ended else ""


def prepare(text: str) -> Prepared:
    """Fold spelling, mask quotations and the lines of other speakers, and split into sentences.

    A text that is a single quotation or fenced block is unpacked first. The middle of a text of more than `HEAD + TAIL`
    characters is not read.
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    # Quotes first: the normal form would turn an acute accent in place of an apostrophe into a space.
    plain = unicodedata.normalize("NFKC", text.translate(_PLAIN)).lower()
    masked = _QUOTATIONS.sub(lambda quotation: MASK * len(quotation[0]), plain)
    if not _WORDS.search(masked):
        masked = plain
    speakers = [line for line in _SPEAKER.finditer(masked) if not _OWN_VOICE.fullmatch(line[1])]
    if len(speakers) > 1:  # one labelled line makes no dialogue
        masked = _SPEAKER.sub(_without_speech, masked)
    kept = [
        (_tidy(plain[start:end]), _MASKS.sub(MASK, _tidy(masked[start:end])))
        for start, end in _sentences(masked)
        if plain[start:end].strip()
    ]
    return Prepared(tuple(whole for whole, _ in kept), tuple(bare for _, bare in kept), find_names(text))


def find_names(text: str) -> frozenset[str]:
    """Return the words of four letters or more that stand with a capital within a sentence, in lower case.

    >>> sorted(find_names("Text me, dear Piper, or write to Halden."))
    ['halden', 'piper']
    """
    return frozenset(name.lower() for name in _NAME.findall(text))


def _without_speech(line: re.Match[str]) -> str:
    if _OWN_VOICE.fullmatch(line[1]):
        return line[0]
    return line[0].removesuffix(line[2]) + MASK * len(line[2])


def _tidy(sentence: str) -> str:
    return _BULLET.sub("", " ".join(sentence.split()))


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


def fold(text: str) -> str:
    """Fold quotes, dashes, spaces and compatible characters to one spelling; drop characters that do not print.

    Case, wording and order stay, so that a quotation is still verbatim.
    """
    text = unicodedata.normalize("NFKC", text.translate(_VERBATIM))
    if not text.isascii() or not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return re.sub(r" +", " ", text).strip()


def quotation_problem(quotation: str, texts: Iterable[str], prompt: str = "") -> str | None:
    """Say in words for the judge why a quotation of the judged model proves nothing; None if it is good.

    Args:
        quotation: The quotation; quotation marks, dots and ellipses at its ends do not count.
        texts: The texts of the judged model; one of them has to hold the quotation.
        prompt: The prompt of the judged model: repeating it shows no thought of its own.
    """
    bare = fold(quotation).strip(" \"'.,;:-")
    shown = bare if len(bare) <= 80 else f"{bare[:77]}..."
    if count_words(bare) < FEWEST:
        return f"the quotation '{shown}' has fewer than {FEWEST} words"
    if not any(bare in fold(text) for text in texts):
        return f"the quotation '{shown}' does not stand word for word in the text"
    if bare in fold(prompt):
        return f"the quotation '{shown}' repeats the model's prompt, and what repeats the prompt does not count"
    return None
