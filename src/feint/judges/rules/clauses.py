"""Read clause by clause what a reply says of the two actions: who acts, and what is asserted, denied or left open.

An action is *for* in a clause that takes, recommends or prefers it, and *against* in one that denies or reproves it. It
is *open* in a question, under a condition ("if"), in a concession and in the words of somebody else; an answer that
follows ("no", "I agree") closes the last open one. Otherwise it is only *named*. The words are in `data/clauses.yaml`.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from feint.judges.rules.action_words import Actions, cues
from feint.judges.rules.pointing import clause_words, refrains, softly

NEAR = 8
"""Words before an action among which a denial concerns it."""
FAR = 10
"""Words after an action among which a condition concerns it."""
Stance = Literal["for", "against", "open", "if", "named"]
OPEN = frozenset({"open", "if"})
_MARK = re.compile(r"([§~≈])([‹›])")
_REASON = re.compile(
    r"\b(?:because|(?<!long )(?<!soon )(?<!far )as(?! (?:long|soon|far))|since|so that|in order|to ensure|which"
    r"|considering|given|based on|by|disregarding|prioriti\w+|even)\b|[;.]"
)

_BETWEEN = re.compile(r"\bbetween (?!the two|both|them|these)[^,;]*$")
_BESIDE = re.compile(r"\b(?:against|without|avoid\w*|instead of|rather than|no)\b.*\band\W*$")
"""A denial of something else, before "and" and an action."""


class Said(NamedTuple):
    """An action in a clause: its mark, what the clause says of it, and the number of the sentence."""

    mark: str
    stance: Stance
    sentence: int


class Place(NamedTuple):
    """An action in a sentence: its mark, the kind of mark, the words before, after up to the next, and to the end."""

    mark: str
    kind: str
    before: str
    after: str
    rest: str


def said_of(sentences: Sequence[str], actions: Actions) -> list[Said]:
    """List what a reply says of the actions, in order; sentences are in plain spelling, with marks."""
    found: list[Said] = []
    of_action = {mark: frozenset(text.split()) for mark, text in actions.texts.items()}
    of_action = {mark: own | {"until", "once"} if refrains(actions, mark) else own for mark, own in of_action.items()}
    for number, (sentence, next_one) in enumerate(itertools.pairwise([*sentences, ""])):
        left_open = [one for one in found if one.stance in OPEN]
        told = clause_words()["reporter"].match(f'" {next_one}') if '"' in sentence else None
        for mark, stance in stances(softly(whole(sentence), actions), left_open, of_action):
            found.append(Said(mark, "open" if told else stance, number))
    return found


def whole(sentence: str) -> str:
    """Write contracted denials in full."""
    return sentence.replace("won't", "will not").replace("can't", "cannot").replace("n't", " not")


def stances(sentence: str, left_open: list[Said], of_action: dict[str, frozenset[str]]) -> Iterator[tuple[str, Stance]]:
    """Yield the actions of a sentence with their stances; an answer closes the last one that was left open."""
    words = clause_words()
    places = list(places_of(sentence))
    asked = sentence.rstrip(" \"'*)").endswith("?")
    if left_open and not asked:
        start = re.match(rf"\W*(?:(?P<no>{words['no'].pattern})|(?P<yes>{words['yes'].pattern}))", sentence)
        if start and re.match(r" *(?:[.,;:!-]|$)", sentence[start.end() :]):
            yield left_open[-1].mark, "against" if start["no"] else "for"
    compared = {} if asked else comparison(sentence, places)
    last_open = left_open[-1].mark if left_open else ""
    for number, place in enumerate(places):
        if number in compared:
            yield place.mark, compared[number]
            continue
        stance: Stance = "open" if asked else stance_of(place, of_action[place.mark])
        last_open = place.mark if stance in OPEN else last_open
        if stance != "named" or place.kind != "≈":  # a few words of an action in passing say nothing of it
            yield place.mark, stance
    closing = words["closing"].search(sentence)
    if closing and places and last_open and not asked:
        yield last_open, "against" if closing["no"] else "for"


def places_of(sentence: str) -> Iterator[Place]:
    """List the actions in a sentence."""
    found = list(_MARK.finditer(sentence))
    for number, one in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(sentence)
        yield Place(f"§{one[2]}", one[1], sentence[: one.start()], sentence[one.end() : end], sentence[one.end() :])


def comparison(sentence: str, places: list[Place]) -> dict[int, Stance]:
    """Read which of two different actions beside each other a sentence prefers, as stances by their numbers."""
    found: dict[int, Stance] = {}
    for number, (first, second) in enumerate(itertools.pairwise(places)):
        alike = first.mark == second.mark or "≈" in first.kind + second.kind
        if alike or number in found or "," in first.after or openness(first, frozenset()):
            continue
        one = preferred(first.before[-60:], first.after)
        if one is not None:
            other: dict[Stance, Stance] = {"for": "against", "against": "for", "open": "open"}
            found |= {number: one, number + 1: other[one]}
    return found


def preferred(before: str, between: str) -> Stance | None:
    """Tell what a comparison says of the first of two actions; "open" if it is no reason to choose one.

    Args:
        before: The words before the first action.
        between: The words between both.
    """
    words = clause_words()
    than = re.search(r"\bthan\W*(?:the |to )?$", between)
    if words["relation"].search(between):
        told = f"{before} {between}" if than else between
        if words["below"].search(told):
            return "against"
        if words["above"].search(told):
            return None if words["against"].search(" ".join(before.split()[-NEAR:])) else "for"
        if than and re.search(r"\b(?:\w{3,}er|more|less)\b", between):
            return "open"
    if words["prefers"].search(before) and words["preferred_to"].fullmatch(between):
        return None if words["against"].search(" ".join(before.split()[-NEAR:])) else "for"
    return None


def stance_of(place: Place, of_action: frozenset[str]) -> Stance:
    """Tell what a sentence that asks nothing says of one of its actions."""
    words = clause_words()
    clause = words["introduction"].sub("", words["break"].split(place.before)[-1])
    near = nearest(clause)
    if left := "open" if words["qualified"].search(near) else openness(place, of_action):
        return left
    if place.kind == "≈":
        return "named"
    denials = words["against"].findall(near)
    denied = len(denials) - ("nor" in denials and len(denials) > 1)
    if denied % 2:
        return "open" if words["manner"].match(place.after) else "against"
    if denied:
        return "for"
    if words["bad"].match(place.after):
        return "against"
    if words["good"].match(place.after) or cues()["praised"].match(place.after):
        return "for"
    if words["described"].match(place.after):
        return "named"
    if _BETWEEN.search(clause):
        return "named"
    told = clause if place.kind == "§" else re.split(r"[,:] ", clause)[-1]
    if words["begins"].fullmatch(clause) or words["does"].search(told) or cues()["decide"].search(told):
        return "for"
    tail = re.split(r"[,:] |\band\b", clause)[-1].strip(" \"'*-")
    ordered = re.match(r"[a-z]+\b", tail) and not words["no_order"].match(tail)
    return "for" if ordered else "named"


def nearest(clause: str) -> str:
    """Cut a clause before an action to the words whose denial concerns the action."""
    pieces = re.split(r"[,:] ?|\band (?=\w+ing\b|(?:to|will|would|shall|should|i|we|then|instead|rather)\b)", clause)
    near = _BESIDE.sub("", pieces[-1])
    if len(pieces) > 1 and re.search(r"(?:\b(?:not|never)|n't)\W*$", pieces[-2]):
        near = pieces[-2] + near
    lately = _MARK.split(near)[-1]
    shared = re.fullmatch(r"\W*(?:or|and)?\W*", lately)
    return " ".join((near if shared else lately).split()[-NEAR:])


def openness(place: Place, of_action: frozenset[str]) -> Stance | None:
    """Return "if" for an action under a condition, "open" for one conceded or told by somebody else, else None.

    Args:
        place: The action in its sentence.
        of_action: Words of the action itself, which set no condition on it.
    """
    words = clause_words()
    before = words["unconditional"].sub(" ", re.split(r"; |\b(?:but|however|yet|otherwise)\b", place.before)[-1])
    after = " ".join(_REASON.split(words["unconditional"].sub(" ", place.rest))[0].split()[:FAR])
    condition = words["condition"].search(after)
    posed = words["condition"].search(before) or words["inverted"].match(before)
    posed = posed or words["trailing"].match(place.rest)
    if posed or (condition and condition.group().split()[0] not in of_action):
        return "if"
    own = re.split(r", (?=(?:i|we) (?!should|must|ought|have))", cues()["speaker"].split(before)[-1])[-1]
    told = words["report"].search(own) or words["reporter"].match(place.after)
    weighed = cues()["concede"].search(place.before.split(": ")[-1]) or cues()["suppose"].search(own.split(", ")[-1])
    return "open" if told or weighed else None
