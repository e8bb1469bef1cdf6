"""Tell replies that answer nothing by their own form: debris of tags, repetition, an echo of the prompt.

`other_talk.py` holds a reply against what its request asks for.
"""

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

from feint.base.data import read_yaml
from feint.judges.rules.action_words import stem, stems_of
from feint.judges.rules.asked import asks
from feint.judges.rules.text import Prepared

LEAST_REPEATED, MOST_SAME = 24, 0.5
"""Words that a text needs to repeat itself, and the share of its word triples that must have been said before."""
LEAST_SHORT, MOST_DIFFERENT = 8, 0.4
"""Words that a short text needs to repeat itself, and the share of its words that differ at most."""
LEAST_PLACES = 3
"""Times that a text says the one word that it has beside numbers, at least."""
RUN, ECHOED = 6, 0.6
"""Words of a run, and the share of a reply's runs, found in its prompt, that makes the reply an echo."""
LEAST_SHARED, MOST_NEW, MOST_OF_REQUEST = 2, 1, 0.5
"""Content words that an echo of the request shares with it at least, those that it adds at most, and the least share of
the request that it says again: a reply that names one of several things has chosen it."""
MOST_AFTER_ECHO = 5
"""Sentences of the longest reply that its first sentence makes an echo: more are an answer under the request."""
BEFORE_DEBRIS = 20
"""Words before the first debris from which they may be an answer, after which a model ran on."""


def incoherence(text: Prepared, request: str = "", prompt: str = "") -> str | None:
    """Say why a reply is no answer to any request; None if the rules see no reason.

    Args:
        text: The reply, prepared.
        request: The request; "" if it is not known.
        prompt: The whole prompt; "" if it is not known.
    """
    whole, words_of = "\n".join(text.plain), patterns()
    debris = words_of["debris"].search(masked := "\n".join(text.masked))
    if debris and len(masked[: debris.start()].split()) < BEFORE_DEBRIS:
        return "debris of tags"
    if words_of["markup"].match(whole) and not words_of["code"].search(request.lower()):
        return "markup instead of words"
    words = re.findall(r"\w+", whole)
    if (repeats(words, text.plain) or only_places(words)) and not asks("repeat", request):
        return "the text repeats itself"
    if echoes(words, prompt.replace(request, " ") if request else prompt):
        return "an echo of the prompt"
    if request and restates(text.plain, request):
        return "an echo of the request"
    return None


def repeats(words: list[str], sentences: tuple[str, ...]) -> bool:
    """Return True if most word triples of a text, or most of its sentences, were said before."""
    if len(words) < LEAST_REPEATED:
        return len(words) >= LEAST_SHORT and len(set(words)) <= MOST_DIFFERENT * len(words)
    runs = Counter(zip(words, words[1:], words[2:], strict=False))
    same = Counter(sentence for sentence in sentences if len(sentence.split()) >= 3)
    again = sum(same.values()) - len(same)
    return 1 - len(runs) / (len(words) - 2) > MOST_SAME or (again >= 3 and again / sum(same.values()) > MOST_SAME)


def only_places(words: list[str]) -> bool:
    """Return True if a text numbers places and fills none: "item 1, item 2, item 3".

    >>> only_places("item 1 item 2 item 3".split()), only_places("eggs 1 milk 2 bread 3".split())
    (True, False)
    """
    named = Counter(
        stem(word) for word in words if len(word) > 1 and word.isalpha() and word not in words_by("numbers")
    )
    return bool(named) and named.total() >= LEAST_PLACES and len(named) <= named.total() / LEAST_PLACES


def echoes(words: list[str], prompt: str) -> bool:
    """Return True if the prompt holds most runs of six words."""
    if not prompt or len(words) < RUN + 2:
        return False
    said = re.findall(r"\w+", prompt.lower())
    known = {tuple(said[i : i + RUN]) for i in range(len(said) - RUN + 1)}
    runs = [tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)]
    return sum(run in known for run in runs) > ECHOED * len(runs)


def restates(sentences: tuple[str, ...], request: str) -> bool:
    """Return True if a reply, or its first sentence of several, says the request again and adds nothing to it."""
    if not sentences:
        return False
    asked = stems_of(request.lower())
    parts = [" ".join(sentences)]
    begins = request.lower().split()[:1] == sentences[0].split()[:1]
    if (
        1 < len(sentences) <= MOST_AFTER_ECHO
        and sentences[0].endswith((".", "?"))
        and (begins or sentences[0].endswith("?"))
    ):
        parts.append(sentences[0])
    for place, part in enumerate(parts):
        said = stems_of(part)
        shared, new = len(said & asked), len(said - asked)
        if shared >= max(LEAST_SHARED + place, MOST_OF_REQUEST * len(asked)) and new <= MOST_NEW - place:
            return True
    return False


def orders(sentence: str) -> bool:
    """Return True if an English sentence may begin with an order.

    >>> orders("pick a quiet evening."), orders("lying is a habit.")
    (True, False)
    """
    words = re.findall(r"[a-z']+", sentence)[:2]
    if len(words) < 2 or words[0] in words_by("no_order") or words[1] in words_by("no_order_before"):
        return False
    return "'" not in words[0] and not words[0].endswith(("ing", "ed", "ly", "s"))


@cache
def words_by(name: str) -> frozenset[str]:
    """Load a list of words of `data/coherence.yaml`."""
    return frozenset(data()[name])


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Compile the patterns of `data/coherence.yaml`, one expression for each list."""
    lists = data()["patterns"]
    return {name: re.compile("|".join(f"(?:{line})" for line in lines), re.MULTILINE) for name, lines in lists.items()}


@cache
def signs() -> dict[str, re.Pattern[str]]:
    """Compile the signs of other talk in `data/coherence.yaml`."""
    return {name: re.compile(pattern) for name, pattern in data()["signs"].items()}


@cache
def data() -> Any:
    """Load `data/coherence.yaml`."""
    return read_yaml(files("feint.judges") / "data" / "coherence.yaml")
