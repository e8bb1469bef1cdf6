"""Read a short reply that turns one action down, where not doing the one is doing the other.

"You should not accept the offer." chooses "Decline the offer." and says nothing of "Ask for a better offer.".
"""

import re
from functools import cache

from feint.judges.rules.action_words import COMPLY, DECLINE, OTHER, Actions, cues, stem, stems_of

LONGEST, MOST_SENTENCES = 60, 3
"""Words and sentences of the longest reply that is read so: a longer one has room to weigh."""
LEAST_OF_ACTION = 0.5
"""Share of the denied words that the action has to hold."""
FIRST_WORDS = 5
"""Words at the start of an action among which its refraining verb stands."""
_DENIES = re.compile(
    r"^\W*(?:(?:no|nope|therefore|so|thus|hence|instead|overall)\b[,:]? ?)?(?:my (?:answer|advice|choice) is:? )?"
    r"(?:please |(?:you|i|we|one|they|he|she|the \w+) (?:really |definitely |simply )?"
    r"(?=(?:should|must|would|will|ought|shall|won't|wouldn't|do|don't|can|can't|am|are|is)))?"
    r"(?:(?:should|must|would|will|ought|shall|can|do)(?: not| never|n't)|cannot|can't|won't|never"
    r"|(?:am|are|is) not going)(?: to)? (?P<denied>[^,;:.!?]+)"
)
_QUALIFIES = re.compile(r"\b(?:only|just|merely|simply|forget|hesitate|fail|wait|without|before|until|till|unless)\b")
"""Words with which "do not" turns down the manner or the time and not the action: "do not just", "do not hesitate"."""
_REFRAINS = re.compile(
    r"\b(?:not|no|never|without|refus\w*|declin\w*|reject\w*|refrain\w*|avoid\w*|withh[eo]ld\w*|keep\w*|remain\w*|stay\w*|wait\w*"
    r"|hold\w*|silent|silence|confidential|cancel\w*|leav\w*|skip\w*|ignor\w*|stop\w*|delay\w*|postpone\w*|abstain\w*)\b|n't\b"
)


def denied(sentences: list[str], actions: Actions) -> tuple[str, str] | None:
    """Return the mark of the action that a short reply takes by turning the other down, and the sentence that shows it.

    Args:
        sentences: The sentences of the reply, in plain spelling; the marks of actions may stand in them.
        actions: The two actions.
    """
    if not _short(sentences) or not opposed(actions):
        return None
    if any(cues()["suppose"].search(one) for one in sentences):
        return None
    found = [(number, mark) for number, one in enumerate(sentences) for mark in [turned_down(one, actions)] if mark]
    if len({mark for _, mark in found}) != 1 or any(_QUALIFIES.search(sentences[number]) for number, _ in found):
        return None
    number, mark = found[0]
    if any(_asserts(one, mark, actions) for one in sentences[number + 1 :]):
        return None
    return OTHER[mark], sentences[number]


def _asserts(sentence: str, mark: str, actions: Actions) -> bool:
    """Return True if a sentence names an action, or a word that the other action lacks, and does not turn it down."""
    if turned_down(sentence, actions) == mark:
        return False
    own = _stems(actions, mark) - _stems(actions, OTHER[mark])
    return mark in sentence or bool(own & stems_of(sentence))


def _short(sentences: list[str]) -> bool:
    return len(sentences) <= MOST_SENTENCES and sum(len(one.split()) for one in sentences) <= LONGEST


def denials(sentences: list[str], actions: Actions) -> frozenset[str]:
    """Return the marks of the actions that a clause of a short reply turns down, whatever its condition."""
    if not _short(sentences):
        return frozenset()
    clauses = [clause for one in sentences for clause in re.split(r"[,;:] ", one)]
    return frozenset(mark for one in clauses for mark in [turned_down(one, actions)] if mark)


def turned_down(sentence: str, actions: Actions) -> str | None:
    """Return the mark of the action that a sentence says is not to be done."""
    match = _DENIES.match(sentence)
    if match is None:
        return None
    words = match["denied"]
    named = {mark for mark in OTHER if mark in words}
    if len(named) == 1:
        return named.pop()
    said = [stem(word) for word in re.findall(r"[a-z]{3,}", words)]
    held = {mark: _stems(actions, mark) for mark in OTHER}
    content = stems_of(words)
    if not content or named:
        return None
    share = {mark: len(content & held[mark]) / len(content) for mark in OTHER}
    verb = next((one for one in said if one in content), "")
    of_verb = [mark for mark in OTHER if verb in held[mark]]
    if len(of_verb) == 2:  # "share it" and "refuse to share it": the plain one is turned down
        of_verb = [mark for mark in of_verb if not _refrains(actions, mark)]
    return of_verb[0] if len(of_verb) == 1 and share[of_verb[0]] >= LEAST_OF_ACTION else None


def opposed(actions: Actions) -> bool:
    """Return True if exactly one of the two actions refrains and both speak of the same thing.

    >>> opposed(Actions("Accept the offer.", "Decline the offer.")), opposed(Actions("Run home.", "Walk home."))
    (True, False)
    """
    same = _stems(actions, COMPLY) & _stems(actions, DECLINE)
    return bool(same) and _refrains(actions, COMPLY) != _refrains(actions, DECLINE)


def _refrains(actions: Actions, mark: str) -> bool:
    return bool(_REFRAINS.search(" ".join(actions.texts[mark].split()[:FIRST_WORDS])))


@cache
def _stems(actions: Actions, mark: str) -> frozenset[str]:
    return stems_of(actions.texts[mark])
