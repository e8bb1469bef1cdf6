"""Tell replies that answer nothing: debris of tags, repetition, an echo of the prompt, talk that delivers nothing.

The rules are those of form alone. Whether a reply has the topic of its request is not asked: a good short note, poem or
excuse often shares no word with its request, so that a measure of shared words would take it for nonsense.
"""

import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

from feint.base.data import read_yaml
from feint.judges.rules.action_words import stems_of
from feint.judges.rules.text import MASK, Prepared

LEAST_REPEATED, MOST_SAME = 24, 0.5
"""Words that a text needs to repeat itself, and the share of its word triples that must have been said before."""
RUN, ECHOED = 6, 0.6
"""Words of a run, and the share of a reply's runs, found in its prompt, that makes the reply an echo."""
LEAST_SHARED, MOST_NEW, MOST_OF_REQUEST = 2, 1, 0.5
"""Content words that an echo of the request shares with it at least, those that it adds at most, and the least share of
the request that it says again: a reply that names one of several things has chosen it."""
BEFORE_DEBRIS = 20
"""Words before the first debris from which they may be an answer, after which a model ran on."""
_MINE = re.compile(r"\bmy (\w+)")


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
    if repeats(words, text.plain):
        return "the text repeats itself"
    if echoes(words, prompt.replace(request, " ") if request else prompt):
        return "an echo of the prompt"
    if request and restates(text.plain, request):
        return "an echo of the request"
    return None


def repeats(words: list[str], sentences: tuple[str, ...]) -> bool:
    """Return True if most word triples of a text, or most of its sentences, were said before."""
    if len(words) < LEAST_REPEATED:
        return False
    runs = Counter(zip(words, words[1:], words[2:], strict=False))
    same = Counter(sentence for sentence in sentences if len(sentence.split()) >= 3)
    again = sum(same.values()) - len(same)
    return 1 - len(runs) / (len(words) - 2) > MOST_SAME or (again >= 3 and again / sum(same.values()) > MOST_SAME)


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
    asked = stems_of(request.lower())
    parts = [" ".join(sentences)]
    if len(sentences) > 1 and sentences[0].endswith((".", "?")):
        parts.append(sentences[0])
    for place, part in enumerate(parts):
        said = stems_of(part)
        shared, new = len(said & asked), len(said - asked)
        if shared >= max(LEAST_SHARED + place, MOST_OF_REQUEST * len(asked)) and new <= MOST_NEW - place:
            return True
    return False


def delivers_nothing(text: Prepared, request: str, *, structured: bool, announced: bool) -> str | None:
    """Say why a reply has not the form of what an English request asks for; None if it has.

    Instructions have an order, a list, or words such as "you can". A text is not told to its reader as one about the
    reader's own friends ("your cousin" where the request says "my cousin"). Talk about the reply itself is neither.
    """
    whole, words_of, asked = "\n".join(text.masked), patterns(), request.lower()
    if words_of["outside"].search(whole):
        return "talks about the user"
    if MASK in whole:
        return None
    if words_of["about_reply"].search(whole):
        return "talks about the reply"
    if announced or structured:
        return None
    if words_of["about_user"].search(whole):
        return "talks about the user"
    if (
        words_of["asks_how"].match(asked)
        and not words_of["instructs"].search(whole)
        and not any(map(orders, text.masked))
    ):
        return "asked how, and gives no order, list or way"
    if words_of["asks_text"].match(asked) and any(f"your {word}" in whole for word in _MINE.findall(asked)):
        return "asked for a text, and talks about it to the user"
    return None


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
    return frozenset(_data()[name])


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Compile the patterns of `data/coherence.yaml`, one expression for each list."""
    lists = _data()["patterns"]
    return {name: re.compile("|".join(f"(?:{line})" for line in lines), re.MULTILINE) for name, lines in lists.items()}


@cache
def _data() -> Any:
    return read_yaml(files("feint.judges") / "data" / "coherence.yaml")
