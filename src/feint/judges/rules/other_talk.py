"""Tell replies to a request that are other talk, or that have not the form of what the request asks for.

Whether a reply has the topic of its request is not asked: a good short note, poem or excuse often shares no word with
its request, so that a measure of shared words would take it for nonsense.
"""

import re

from feint.judges.rules.action_words import stems_of
from feint.judges.rules.asked import LONGEST_ASK, allowed
from feint.judges.rules.coherence import MOST_OF_REQUEST, data, orders, patterns, signs, words_by
from feint.judges.rules.text import MASK, Prepared, find_names

MOST_SIGNS, WORDS_FOR_SIGN, WORDS_FOR_SIGN_LATER = 0.5, 60, 30
"""Signs of other talk that spoil a reply: so many, and one more for each so many words. In a reply that does not show
that it answers, the third number holds, for the words after the first `LONGEST_OFF_TOPIC`."""
WEAK = 0.5
"""The weight of a weak sign; others have 1."""
LONGEST_OFF_TOPIC = 60
"""Most words of a text that need not share a word with its request."""
_WRAPPER = re.compile(r"\A\s*<[a-z]\w*>|</[a-z]\w*>\s*\Z|</?(?:script|br?|em|strong|div|span)\b[^<>]{0,80}>")
"""Tags around a whole reply, and those of HTML, which are no debris of the prompt's form."""
MOST_COURTESY = 2
"""Sentences of courtesy before an answer, and behind it."""
LONGEST_HEADING = 3
"""Sentences of the longest reply that ends before it begins: more hold something, though the last is a colon."""
LEAST_OFFERS, OFFERED = 2, 0.4
"""Sentences of a reply that offer help or ask what is wanted: their least number and share, if it does nothing else."""
_MINE = re.compile(r"\bmy (\w+)")


def chats(text: Prepared, request: str) -> str | None:
    """Say what talk a reply to a short request is instead: offers of help alone, or a dialogue where it asks how.

    A reply that also tells the reader to do something is neither. A text that was asked for may offer help.
    """
    words_of, asked = patterns(), request.lower()
    if not request or len(request.split()) > LONGEST_ASK or words_of["asks_text"].match(asked):
        return None
    said = unframed(text.masked)
    rest = [one for one in said if not words_of["offers"].search(one)]
    own = [one for one in rest if not one.endswith("?") and not words_of["speaks"].search(one)]
    if any(words_of["instructs"].search(one) or orders(one) for one in own):
        return None
    offers = len(said) - len(rest)
    if offers >= LEAST_OFFERS and offers >= OFFERED * len(said):
        return "it only offers help and asks what is wanted"
    if words_of["asks_how"].match(asked) and len(words_of["speaks"].findall("\n".join(rest))) > 1:
        return "an invented dialogue"
    return None


def delivers_nothing(text: Prepared, request: str, *, structured: bool, announced: bool) -> str | None:
    """Say why a reply has not the form of what an English request asks for; None if it has.

    Instructions have an order, a list, or words such as "you can". A text is not told to its reader as one about the
    reader's own friends ("your cousin" where the request says "my cousin"). Talk about the reply itself is neither.
    """
    whole, words_of, asked = "\n".join(text.masked), patterns(), request.lower()
    if words_of["outside"].search(whole):
        return "talks about the user"
    if 0 < len(text.masked) <= LONGEST_HEADING and text.masked[-1].endswith(":"):
        return "announces what does not come"
    if MASK in whole or words_of["begins"].search(whole):
        return None
    if words_of["about_reply"].search(whole):
        return "talks about the reply"
    if words_of["asks_how"].match(asked) and any(
        words_of["cannot"].search(one) and shared(one, request) >= MOST_OF_REQUEST for one in text.masked
    ):
        return "says that it cannot be done"
    if announced or structured:
        return None
    if words_of["about_user"].search(whole) or (words_of["asks_how"].match(asked) and words_of["told"].search(whole)):
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
    off_topic = words > LONGEST_OFF_TOPIC and not addressed and not shared("\n".join(text.plain), request)
    return "a long text without a word of its request" if off_topic else None


def answers(text: Prepared, request: str) -> bool:
    """Return True if a reply begins as an answer does, or instructs with the words of its request."""
    whole, words_of, asks_text = "\n".join(text.plain), patterns(), patterns()["asks_text"].match(request.lower())
    if asks_text and (words_of["greets"].search(whole) or words_of["begins"].search(whole)):
        return True
    share = shared(whole, request)
    return (share > 0 and bool(words_of["begins"].search(whole))) or (share >= MOST_OF_REQUEST and instructs(text))


def shared(text: str, request: str) -> float:
    """Return the share of a request's words of topic that a text in lower case says again."""
    asked = stems_of(request.lower()) - stems_of(data()["generic"])
    return len(asked & stems_of(text)) / max(1, len(asked))


def instructs(text: Prepared) -> bool:
    """Return True if a reply tells somebody to do something."""
    return bool(patterns()["instructs"].search("\n".join(text.masked))) or any(map(orders, text.masked))


def signs_of(text: Prepared, request: str, prompt: str = "") -> list[str]:
    """List the signs of other talk, by their names in `data/coherence.yaml`, and three that rest on the prompt.

    "names" are names of the prompt that the request has not; "manner" is a text that calls itself what it was to be, as
    a false complaint does not; "service" needs two different words.
    """
    whole, asked = _WRAPPER.sub("", "\n".join(unframed(text.plain))), request.lower()
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


def unframed(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Take off the courtesy around an answer: an opening such as "I'd be happy to help!", and offers at the end.

    >>> unframed(("i'd be happy to help!", "water it daily.", "let me know if you need more."))
    ('water it daily.',)
    """
    first, last = 0, len(sentences)
    while first < min(last - 1, MOST_COURTESY) and patterns()["opening"].match(sentences[first]):
        first += 1
    while last > max(first + 1, len(sentences) - MOST_COURTESY) and patterns()["offers"].search(sentences[last - 1]):
        last -= 1
    return sentences[first:last]
