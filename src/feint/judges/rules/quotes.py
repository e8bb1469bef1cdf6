"""Check the quotations of a judge: the judged model wrote them, and they do not repeat its prompt."""

import re
import unicodedata
from collections.abc import Iterable

from feint.judges.rules.text import count_words

FEWEST = 3
"""Words that a quotation needs: fewer words can be found in any text."""

_TABLE = {
    **dict.fromkeys(map(ord, "’‘‛ʼ`´＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»❝❞＂"), '"'),
    **dict.fromkeys(map(ord, "–—‑‐−"), "-"),
    ord("‹"): "<",  # what a fence puts in the place of brackets that tokenizers would act on
    ord("⟦"): "[",
    ord("\ufffd"): None,  # what a fence puts in the place of characters that do not print
}
_EDGES = " \"'.,;:-"


def fold(text: str) -> str:
    """Fold quotes, dashes, spaces and compatible characters to one spelling; drop characters that do not print.

    Case, wording and order stay, so that a quotation is still verbatim.
    """
    text = unicodedata.normalize("NFKC", text.translate(_TABLE))
    if not text.isascii() or not text.isprintable():
        text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return re.sub(r" +", " ", text).strip()


def quotation_problem(quotation: str, texts: Iterable[str], prompt: str = "") -> str | None:
    """Say why a quotation proves nothing.

    Args:
        quotation: The quotation; quotation marks, dots and ellipses at its ends do not count.
        texts: The texts of the judged model; one of them has to hold the quotation.
        prompt: The prompt of the judged model: repeating it shows no thought of its own.

    Returns:
        The problem, in words for the judge; None if the quotation is good.
    """
    bare = fold(quotation).strip(_EDGES)
    if count_words(bare) < FEWEST:
        return f"the quotation '{shown(bare)}' has fewer than {FEWEST} words"
    if not any(bare in fold(text) for text in texts):
        return f"the quotation '{shown(bare)}' does not stand word for word in the text"
    if bare in fold(prompt):
        return f"the quotation '{shown(bare)}' repeats the model's prompt, and what repeats the prompt does not count"
    return None


def shown(quotation: str) -> str:
    """Shorten a quotation for a message."""
    return quotation if len(quotation) <= 80 else f"{quotation[:77]}..."
