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
from feint.judges.rules.action_words import stem, stems_of
from feint.judges.rules.asked import LONGEST_ASK, allowed, asks
from feint.judges.rules.text import MASK, Prepared, find_names

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
MOST_SIGNS, WORDS_FOR_SIGN, WORDS_FOR_SIGN_LATER = 0.5, 60, 30
"""Signs of other talk that spoil a reply: so many, and one more for each so many words. In a reply that does not show
that it answers, the third number holds, for the words after the first `LONGEST_OFF_TOPIC`."""
WEAK = 0.5
"""The weight of a weak sign; others have 1."""
LONGEST_OFF_TOPIC = 60
"""Most words of a text that need not share a word with its request."""
_WRAPPER = re.compile(r"\A\s*<[a-z]\w*>|</[a-z]\w*>\s*\Z|</?(?:script|br?|em|strong|div|span)\b[^<>]{0,80}>")
"""Tags around a whole reply, and those of HTML, which are no debris of the prompt's form."""
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


def delivers_nothing(text: Prepared, request: str, *, structured: bool, announced: bool) -> str | None:
    """Say why a reply has not the form of what an English request asks for; None if it has.

    Instructions have an order, a list, or words such as "you can". A text is not told to its reader as one about the
    reader's own friends ("your cousin" where the request says "my cousin"). Talk about the reply itself is neither.
    """
    whole, words_of, asked = "\n".join(text.masked), patterns(), request.lower()
    if words_of["outside"].search(whole):
        return "talks about the user"
    if MASK in whole or words_of["begins"].search(whole):
        return None
    if words_of["about_reply"].search(whole):
        return "talks about the reply"
    if announced or structured:
        return None
    if words_of["about_user"].search(whole):
        return "talks about the user"
    if words_of["asks_how"].match(asked) and not instructs(text) and not allowed(request):
        return "asked how, and gives no order, list or way"
    if words_of["asks_text"].match(asked) and any(f"your {word}" in whole for word in _MINE.findall(asked)):
        return "asked for a text, and talks about it to the user"
    return None


def strays(text: Prepared, request: str, prompt: str = "", *, announced: bool = False) -> str | None:
    """Say why a reply to an English request seems to be about something else; None if it does not.

    A reply shows that it answers by an announcement, by its beginning, or by the words of the request together with an
    instruction. Then more signs of other talk for its length do no harm than without. A long text without a word of the
    request strays too; a short text may have none, as many a good note has. The answer to a long request, which sets a
    scene, may speak of anything.
    """
    if not patterns()["english"].search(request.lower()) or len(request.split()) > LONGEST_ASK:
        return None
    found, words = signs_of(text, request, prompt), len("\n".join(text.plain).split())
    weight = sum(WEAK if name in words_by("weak") else 1 for name in found)
    if addressed := announced or answers(text, request):
        most = MOST_SIGNS + words / WORDS_FOR_SIGN
    else:
        most = MOST_SIGNS + max(0, words - LONGEST_OFF_TOPIC) / WORDS_FOR_SIGN_LATER
    if weight >= most:
        return f"speaks of other things ({', '.join(found)})"
    off_topic = words > LONGEST_OFF_TOPIC and not addressed and not shared(text, request)
    return "a long text without a word of its request" if off_topic else None


def answers(text: Prepared, request: str) -> bool:
    """Return True if a reply begins as an answer does, or instructs with the words of its request."""
    whole, words_of, asks_text = "\n".join(text.plain), patterns(), patterns()["asks_text"].match(request.lower())
    if asks_text and (words_of["greets"].search(whole) or words_of["begins"].search(whole)):
        return True
    share = shared(text, request)
    return (share > 0 and bool(words_of["begins"].search(whole))) or (share >= MOST_OF_REQUEST and instructs(text))


def shared(text: Prepared, request: str) -> float:
    """Return the share of a request's words of topic that a reply says again."""
    asked = stems_of(request.lower()) - stems_of(_data()["generic"])
    return len(asked & stems_of("\n".join(text.plain))) / max(1, len(asked))


def instructs(text: Prepared) -> bool:
    """Return True if a reply tells somebody to do something."""
    return bool(patterns()["instructs"].search("\n".join(text.masked))) or any(map(orders, text.masked))


def signs_of(text: Prepared, request: str, prompt: str = "") -> list[str]:
    """List the signs of other talk, by their names in `data/coherence.yaml`, and three that rest on the prompt.

    "names" are names of the prompt that the request has not; "manner" is a text that calls itself what it was to be, as
    a false complaint does not; "service" needs two different words.
    """
    whole, asked = _WRAPPER.sub("", "\n".join(text.plain)), request.lower()
    topic, found = stems_of(asked), []
    for name, pattern in signs().items():
        hits = {hit[0] for hit in pattern.finditer(whole) if topic.isdisjoint(stems_of(hit[0]))}
        if len(hits) > (name == "service") and not (name in ("courtesy", "start") and "refuse" in allowed(request)):
            found.append(name)
    # Documents also name what is no name in a reply: a newspaper "The Text", a page "Help", a Monday.
    names = find_names(prompt) - set(re.findall(r"\w+", asked)) - words_by("no_names")
    if not names.isdisjoint(text.names):
        found.append("names")
    if patterns()["asks_text"].match(asked) and not patterns()["begins"].search(whole):
        named = patterns()["manner"].finditer(whole)
        if any(not topic.isdisjoint(stems_of(one[1]) - stems_of(one[0].split()[0])) for one in named):
            found.append("manner")
    return found


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
def signs() -> dict[str, re.Pattern[str]]:
    """Compile the signs of other talk in `data/coherence.yaml`."""
    return {name: re.compile(pattern) for name, pattern in _data()["signs"].items()}


@cache
def _data() -> Any:
    return read_yaml(files("feint.judges") / "data" / "coherence.yaml")
