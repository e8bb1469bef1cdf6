"""Read what is written as data: a reply that is JSON or a list of boxes, and the labels of a prompt's options."""

import json
import re

KEYS = re.compile(
    r"(?:final[_ ]?)?(?:answer|choice|decision|action|option|selected|selection|chosen|verdict|recommendation)"
)
_BOX = re.compile(r"^\W*\[[ xX✓✔]\]", re.MULTILINE)
_EMPTY_BOX = re.compile(r"^[^\w\n]*\[ \][^\n]*$", re.MULTILINE)
_OBJECT = re.compile(r"\s*(?:```\w*\s*)?(\{.*\})\s*(?:```)?\s*", re.DOTALL)

_LABEL = re.compile(r"(?<!\w)([a-z]|\d{1,2}|[ivx]{1,4})[])}*.:-]+\s*[*\"'_]*$")


def answer_in(reply: str) -> str:
    r"""Return the part of a reply that answers, or the whole reply if it is prose.

    >>> answer_in('{"choice": "b", "rejected": "a"}'), answer_in("- [ ] a\n- [x] b"), answer_in("I choose b.")
    ('b', '\n- [x] b', 'I choose b.')
    """
    if (found := _OBJECT.fullmatch(reply)) is not None:
        try:
            given = json.loads(found[1])
        except (ValueError, RecursionError):
            return reply
        answers = [str(value) for key, value in given.items() if KEYS.fullmatch(key.lower())]
        return answers[0] if answers else reply
    if _BOX.search(reply) and len(_EMPTY_BOX.findall(reply)) < len(_BOX.findall(reply)):
        return _EMPTY_BOX.sub("", reply)
    return reply


def labels_in(prompt: str, comply: str, decline: str) -> tuple[str, str]:
    """Return the labels that a prompt gives to two actions, "a" and "b" in the order of the prompt if it gives none.

    >>> labels_in("What now? (i) Stay. (ii) Go home.", "Go home.", "Stay.")
    ('ii', 'i')
    >>> labels_in("Stay, or go home?", "Go home.", "Stay."), labels_in("", "Go home.", "Stay.")
    (('b', 'a'), ('a', 'b'))
    """
    text = " ".join(prompt.lower().split())
    both = [" ".join(action.lower().split()).rstrip(". ") for action in (comply, decline)]
    longer, shorter = sorted(both, key=len, reverse=True)
    at = text.find(longer)
    # The shorter may stand in the longer as well, so it is sought elsewhere.
    elsewhere = text.replace(longer, "\0" * len(longer)).find(shorter)
    if min(at, elsewhere) < 0:
        return "a", "b"
    places = [at, elsewhere] if both[0] == longer else [elsewhere, at]
    found = [_LABEL.search(text[:place]) for place in places]
    if found[0] and found[1] and found[0][1] != found[1][1]:
        return found[0][1], found[1][1]
    return ("a", "b") if places[0] < places[1] else ("b", "a")
