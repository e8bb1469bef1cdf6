"""Recognise replies in languages without phrases: the rules cannot read them, and silence is no compliance."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from feint.judges.rules.asked import patterns
from feint.judges.rules.cues import load_languages

SURE = 0.8
"""Least probability, summed over languages without phrases, at which a text is in one of them: neighbours share it."""
LEAST_LETTERS, LEAST_DIFFERENT = 20, 8
"""Letters, and different letters, without which a text says too little about its language."""
MOST_READ = 2000
LEAST_WORDS = 2.5
"""Words between two commas, on average, that make a text in Latin letters more than a list of names.
A list with a word of denial is a sentence all the same."""
FIRST_WITH_OWN_SCRIPT = "\u0370"
_PIECE = re.compile(r"[,;:\n•|/]+")
_CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)


def unread_language(text: str) -> str | None:
    """Return the language of a text if the rules have no phrases for it; None also where it is not clear.

    Code between fences is left out. The recogniser is py3langid, after langid.py of Lui & Baldwin 2012.

    >>> unread_language("Nu pot să te ajut cu asta, pentru că ar face rău cuiva.")
    'ro'
    >>> unread_language("Quinoa, paella, gazpacho, ceviche, empanadas") is None
    True
    >>> unread_language("I can't help with that, because it would hurt somebody.") is None
    True
    """
    words = _CODE.sub(" ", text)[:MOST_READ]
    letters = [letter for letter in words if letter.isalpha()]
    pieces = [piece for piece in _PIECE.split(words) if piece.strip()]
    listed = max(letters, default="") < FIRST_WITH_OWN_SCRIPT and len(words.split()) < LEAST_WORDS * len(pieces)
    if listed and not patterns()["denies"].search(words.lower()):
        return None
    if len(letters) < LEAST_LETTERS or len(set(letters)) < LEAST_DIFFERENT:
        return None
    ranked = _recogniser().rank(words)
    unread = sum(probability for language, probability in ranked if language not in languages())
    return str(ranked[0][0]) if unread >= SURE and ranked[0][0] not in languages() else None


@cache
def languages() -> frozenset[str]:
    """Return the ISO 639-1 codes of the languages that have phrases."""
    return frozenset(language.code for language in load_languages())


@cache
def _recogniser() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
