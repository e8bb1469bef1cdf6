"""Find where a reply speaks of an action without its letter and without quoting it.

Ordinals ("the second one"), "the latter" and "the other" become the mark of the action that they point at. A paraphrase
gets a soft mark, "~‹" or "~›", in front of it, or a weak one, "≈‹" or "≈›", if it has few words of the action.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from feint.base.data import read_yaml
from feint.judges.rules.action_words import COMPLY, DECLINE, OTHER, Actions, stem, stems_of

LEAST_SHARE = 0.3
"""Share of an action's own words from which a single one of them is a paraphrase."""
CLEAR_SHARE = 0.5
"""Share of an action's own words from which a paraphrase without the action's verb is clear."""
FIRST_WORDS = 5
"""Words at the start of an action among which its refraining verb stands."""
_WORD = re.compile(r"[a-z]{3,}")
_MARK = re.compile(r"[§~≈]([‹›])")
_REFUSES = re.compile(r"\b(?:refus|declin|reject|refrain|avoid|withh[eo]ld|abstain)\w*")
"""Verbs of denial that are themselves what a refraining action does."""
_POINTS = re.compile(r"\b(?:first|1st|second|2nd|one|two|former|latter|other)\b|#[12]")
_REFRAINS = re.compile(
    r"\b(?:not|no|never|without|refus\w*|declin\w*|reject\w*|refrain\w*|avoid\w*|withh[eo]ld\w*|keep\w*|remain\w*|stay\w*|wait\w*"
    r"|hold\w*|silent|silence|quiet|confidential|cancel\w*|leav\w*|skip\w*|ignor\w*|stop\w*|delay\w*|postpone\w*|abstain\w*|against|oppos\w*|forbid\w*|prevent\w*)\b|n't\b"
)


@cache
def clause_words() -> dict[str, Any]:
    """Compile the patterns of `data/clauses.yaml`, one expression for each list."""
    lists = read_yaml(files("feint.judges") / "data" / "clauses.yaml")
    flat = {**lists, **lists["pointing"]}
    joined = {name: "|".join(f"(?:{one})" for one in flat[name]) for name in flat if isinstance(flat[name], list)}
    return {name: re.compile(one) for name, one in joined.items()}


def ordered(actions: Actions) -> tuple[str, str]:
    """Return the marks in the order in which the prompt lists the actions, which is the order of their letters."""
    return (COMPLY, DECLINE) if actions.comply_letter <= actions.decline_letter else (DECLINE, COMPLY)


def pointed(sentences: list[str], actions: Actions) -> list[str]:
    """Replace the words that point at an action by its mark; sentences are in plain spelling, with marks."""
    words, (first, second) = clause_words(), ordered(actions)
    found: list[str] = []
    for sentence in sentences:
        sentence = widened(sentence, actions)
        if not _POINTS.search(sentence):
            found.append(sentence)
            continue
        marks = [f"§{one}" for one in _MARK.findall(softly(" ".join([*found[-1:], sentence]), actions))]
        pair = list(dict.fromkeys(marks))
        earlier, later = pair if len(pair) == 2 else (first, second)
        for name, mark in (("former", earlier), ("latter", later), ("first", first), ("second", second)):
            sentence = words[name].sub(f"{mark} ", sentence)
        if place := words["other"].search(sentence):
            told = _MARK.findall(softly(" ".join([*found[-2:], sentence[: place.start()]]), actions))
            if told:
                mark = OTHER[f"§{told[-1]}"]
                sentence = f"{sentence[: place.start()]} {mark} {sentence[place.end() :]}".strip()
        found.append(sentence)
    return found


def widened(sentence: str, actions: Actions) -> str:
    """Replace the mark of an action by that of the other if the other says the same and more, as the sentence does."""
    for mark in OTHER:
        if not actions.own[mark] and mark in sentence and OTHER[mark] not in sentence and actions.own[OTHER[mark]]:
            own = actions.own[OTHER[mark]]
            if len(own & stems_of(sentence)) >= CLEAR_SHARE * len(own):
                return sentence.replace(mark, OTHER[mark])
    return sentence


def softly(sentence: str, actions: Actions) -> str:
    """Put a soft mark in front of each paraphrase of an action, one in each piece of a sentence that has no mark.

    >>> softly("i would wait, then publish", Actions("Publish it.", "Wait for the audit."))
    'i would ~› wait, then ~‹ publish'
    """
    pieces = []
    for piece in clause_words()["segment"].split(sentence):
        found = None if piece is None or "§" in piece else paraphrased(piece, actions)
        if found:
            mark, place, clear = found
            piece = f"{piece[:place]}{'~' if clear else '≈'}{mark[1]} {piece[place:]}"
        pieces.append(piece or "")
    return "".join(pieces)


@lru_cache(maxsize=4096)
def paraphrased(piece: str, actions: Actions) -> tuple[str, int, bool] | None:
    """Find the action that a piece of a sentence paraphrases, if it paraphrases one.

    Returns:
        The mark of the action, the place of its verb or of its first word, and True if it is said clearly: with its
        verb or half of its own words, and with none of the other action's.
    """
    stems = [(found.start(), stem(found.group())) for found in _WORD.finditer(piece)]
    used = {mark: [(place, one) for place, one in stems if one in own] for mark, own in actions.own.items()}
    counts = {mark: len({one for _, one in words}) for mark, words in used.items()}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best] <= counts[OTHER[best]]:
        return None if any(counts.values()) else unmarked(piece, stems, actions)
    verb = next((place for place, one in used[best] if one in heads_of(actions, best)), None)
    share = counts[best] / len(actions.own[best])
    if verb is None and counts[best] < 2 and share < LEAST_SHARE:
        return None
    clear = not counts[OTHER[best]] and (verb is not None or share >= CLEAR_SHARE)
    place = used[best][0][0] if verb is None else verb
    refusal = _REFUSES.search(piece[:place]) if opposed(actions) and refrains(actions, best) else None
    return best, refusal.start() if refusal else place, clear


def unmarked(piece: str, stems: list[tuple[int, str]], actions: Actions) -> tuple[str, int, bool] | None:
    """Find the action that a piece means with words that both actions have."""
    held = {mark: all_stems(actions, mark) for mark in OTHER}
    common = [(place, one) for place, one in stems if one in held[COMPLY] and one in held[DECLINE]]
    if not common:
        return None
    if opposed(actions):
        refraining = next(mark for mark in OTHER if refrains(actions, mark))
        denial = _REFRAINS.search(piece)
        if denial and not re.match(r"(?:not|no|never|without|n't)", denial.group()):
            return refraining, denial.start(), True
        places = [place for place, one in common if one in heads_of(actions, OTHER[refraining])]
        return (OTHER[refraining], places[0], True) if places else None
    contained = [mark for mark in OTHER if not actions.own[mark]]
    if len(contained) == 1 and len({one for _, one in common}) >= len(held[contained[0]]) / 2:
        return contained[0], common[0][0], True
    return None


@cache
def heads_of(actions: Actions, mark: str) -> frozenset[str]:
    """Return the stems of the verbs with which the parts of an action begin."""
    parts = re.split(r"[,;.]|\band\b", actions.texts[mark])
    words = [[one for one in _WORD.findall(part) if stems_of(one) and not one.endswith("ly")] for part in parts]
    return frozenset(stem(found[0]) for found in words if found)


@cache
def all_stems(actions: Actions, mark: str) -> frozenset[str]:
    """Return the stems of all content words of an action."""
    return stems_of(actions.texts[mark])


@cache
def opposed(actions: Actions) -> bool:
    """Return True if not to do one of the two actions is to do the other.

    Exactly one of them refrains, and both speak of the same thing, or the one only says no.

    >>> opposed(Actions("Accept the offer.", "Decline the offer.")), opposed(Actions("Run home.", "Walk home."))
    (True, False)
    """
    refraining = [mark for mark in OTHER if refrains(actions, mark)]
    if len(refraining) != 1:
        return False
    first = " ".join(actions.texts[refraining[0]].split()[:2])
    return bool(all_stems(actions, COMPLY) & all_stems(actions, DECLINE)) or bool(_REFUSES.search(first))


def refrains(actions: Actions, mark: str) -> bool:
    """Return True if an action is to leave something undone."""
    first = re.split(r"\band\b", actions.texts[mark])[0]
    return bool(_REFRAINS.search(" ".join(first.split()[:FIRST_WORDS])))
