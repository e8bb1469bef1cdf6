"""Compute what the learned reader sees: the words around mentions of either action, and the rule's answer.

A mention is hard where the reply names or quotes an action, and soft where a clause uses the action's own words. Each
mention belongs to one action, so that a reply about "a" and the same reply about "b" have the same features with the
actions exchanged: the reader can prefer no action for its letter, its place or its topic.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from feint.judges.rules.action import LONGEST, read_action
from feint.judges.rules.action_words import (
    COMPLY,
    DECLINE,
    OTHER,
    Actions,
    Sections,
    cues,
    marked,
    sentences,
    shares,
    split_sections,
    stem,
)
from feint.judges.rules.labels import Label
from feint.judges.rules.pointing import clause_words, pointed
from feint.judges.rules.verdict import judge_clauses

CLAUSE = re.compile(
    r"([,;:]|\s-\s|\b(?:but|however|while|although|though|despite|rather than|instead of|even if|whereas|because|if)\b)"
)
TOKEN = re.compile(r"[§~][‹›]|[a-z]+(?:'[a-z]+)?|[,;:?!]")
WORD = re.compile(r"[a-z]{3,}")
DENIAL = re.compile(
    r"\b(?:not|never|no|nor|cannot|without|against|avoid\w*|refus\w+|declin\w+|reject\w*|refrain\w*|disregard\w*)\b|n't\b"
)
_BAD = "wrong|unethical|immoral|unwise|inappropriate|unacceptable|irresponsible|unprofessional|dishonest|mistake"
REPROOF = re.compile(rf"\b(?:{_BAD})\b")
REPROVED = re.compile(rf"(?:is|are|was|would be|would|seems?)\b(?: \w+)? (?:not|never|{_BAD})\b")
"""What makes an action one that is not chosen: a word before the mention, and a predicate right after."""
CONCESSION = re.compile(r"(?:while|although|though|even though|even if|despite|as tempting)\b[^,;:]*")
"""Begins a sentence that concedes before it decides; the match ends with the conceded clause."""
WINDOW = 7
"""Words before a mention that are features of it; after a mention there is one fewer."""
NEAR = 5
"""Words before a mention in which a denial concerns it."""
MOST_SENTENCES = {"reply": 60, "thought": 40}
LEAST_SHARE = 0.3
"""Share of an action's own words from which a single word of the action, alone in a clause, is a soft mention."""
Features = defaultdict[str, float]
"""Values of features by name; most count something, or are 1."""


@dataclass
class Seen:
    """The features of a reply.

    Attributes:
        label: The rule's label, with the reason where it is missing.
        answered: False if the reply holds nothing outside the reasoning.
        unasserted: Marks of actions that the reply names or paraphrases only to deny, reprove or concede them.
        of: By mark of an action, its features with their values.
        whole: Features of the reply as a whole, which are the same if the actions are exchanged.
    """

    label: Label
    answered: bool = True
    unasserted: frozenset[str] = frozenset()
    of: dict[str, Features] = field(default_factory=lambda: {COMPLY: defaultdict(float), DECLINE: defaultdict(float)})
    whole: Features = field(default_factory=lambda: defaultdict(float))


def see(text: str, actions: Actions, *, reasoning: str | None = None, truncated: bool = False) -> Seen:
    """Compute the features of a reply; arguments are those of `feint.judges.rules.action.read_action`."""
    parts = split_sections(text, reasoning=reasoning)
    seen = Seen(read_action(text, actions, reasoning=reasoning, truncated=truncated), bool(parts.reply))
    reply, thought = (
        pointed(sentences(marked(text, actions)), actions) if text else []
        for text in (parts.reply[:LONGEST], parts.reasoning[-LONGEST:])
    )
    step = seen.label.explanation.partition(":")[0]
    if seen.label.outcome is None:
        seen.whole[f"rule {step}"] = 1
    else:
        seen.of[COMPLY if seen.label.outcome == "complied" else DECLINE][f"rule {step}"] = 1
    see_mentions(seen, "reply", reply[: MOST_SENTENCES["reply"]], actions)
    see_mentions(seen, "thought", thought[-MOST_SENTENCES["thought"] :], actions)
    see_clauses(seen, parts.reply[:LONGEST], reply[: MOST_SENTENCES["reply"]], actions)
    see_whole(seen, parts, reply)
    return seen


def see_clauses(seen: Seen, text: str, lines: list[str], actions: Actions) -> None:
    """Add what the clauses of the reply say of the actions, and what they come to."""
    result = judge_clauses(text, tuple(lines), actions)
    for one in result.said:
        seen.of[one.mark][f"clause {one.stance}"] += 1
    for stance in ("for", "against"):
        marks = [one.mark for one in result.said if one.stance == stance]
        for name, at in (("first", 0), ("last", -1)):
            if marks:
                seen.of[marks[at]][f"clause {name} {stance}"] = 1
    how = f"clauses {result.size} {result.how}"
    (seen.of[result.mark] if result.mark else seen.whole)[how] = 1


def see_mentions(seen: Seen, part: str, lines: list[str], actions: Actions) -> None:
    """Add the features of every mention in the sentences of one part of the reply."""
    order: dict[str, list[str]] = {"§": [], "~": []}
    asserted: set[str] = set()
    for place, line in enumerate(lines):
        tokens = TOKEN.findall(softened(line, actions))
        where = "first" if place == 0 else "last" if place == len(lines) - 1 else "between"
        for at, token in enumerate(tokens):
            if token[0] not in "§~":
                continue
            mark = f"§{token[1]}"
            order[token[0]].append(mark)
            before = [relative(one, mark) for one in tokens[max(0, at - WINDOW) : at]]
            after = [relative(one, mark) for one in tokens[at + 1 : at + WINDOW]]
            see_words(seen.of[mark], f"{part}{token[0]}", where, before, after)
            if is_asserted(tokens[:at], after, negative=bool(DENIAL.search(actions.texts[mark]))):
                asserted.add(mark)
    if part == "reply":
        seen.unasserted = frozenset({*order["§"], *order["~"]} - asserted)
    for kind, marks in order.items():
        counts = Counter(marks)
        if not marks:
            continue
        seen.of[marks[0]][f"{part}{kind} first of all"] = 1
        seen.of[marks[-1]][f"{part}{kind} last of all"] = 1
        most = max(counts, key=lambda mark: counts[mark])
        more = counts[most] - counts[OTHER[most]]
        seen.of[most][f"{part}{kind} {'more' if counts[OTHER[most]] else 'only'}"] = min(more, 5) / 2
    for name, text in passages(lines):
        for mark, share in shares(text, actions).items():
            seen.of[mark][f"{part} words in {name}"] = 2 * share


def is_asserted(before: list[str], after: list[str], *, negative: bool) -> bool:
    """Tell if a mention is neither denied nor reproved nor conceded.

    >>> is_asserted(["you", "should", "not"], [], negative=False), is_asserted([], ["is", "wrong"], negative=False)
    (False, False)

    Args:
        before: All words of the sentence before the mention, as tokens.
        after: The words after the mention.
        negative: True if the action itself is put as a denial, such as "Refuse the offer", so that one is no sign.
    """
    near, next_words = " ".join(before[-NEAR:]), " ".join(after)
    denied = (DENIAL.search(near) and not negative) or REPROOF.search(near) or REPROVED.match(next_words)
    return not denied and not CONCESSION.fullmatch(" ".join(before))


def see_words(features: Features, kind: str, where: str, before: list[str], after: list[str]) -> None:
    """Add the words and pairs of words before and after one mention."""
    near = [*(["^", "^", *before])[-2:], (after or ["$"])[0]]
    count(
        features,
        [f"{kind} in {where}", f"{kind}{near[1]} *", f"{kind}{near[0]} {near[1]} *", f"{kind}* {near[2]}"]
        + [f"{kind}{one} … *" for one in dict.fromkeys(before)]
        + [f"{kind}* … {one}" for one in dict.fromkeys(after)]
        + [f"{kind}{one} {two} … *" for one, two in itertools.pairwise(before)]
        + [f"{kind}* … {one} {two}" for one, two in itertools.pairwise(after)],
    )
    if DENIAL.search(" ".join(before[-NEAR:])):
        count(features, [f"{kind} denied", f"{kind} denied in {where}"])
    if where != "between":
        count(
            features,
            [f"{kind}{where} {near[1]} *"]
            + [f"{kind}{where} {one} … *" for one in dict.fromkeys(before)]
            + [f"{kind}{where} * … {one}" for one in dict.fromkeys(after)],
        )


def see_whole(seen: Seen, parts: Sections, reply: list[str]) -> None:
    """Add the features of the reply that favour neither action."""
    text = " ".join(reply)
    tokens = TOKEN.findall(text[:4000])
    whole = seen.whole
    count(whole, (f"word {one}" for one in dict.fromkeys(tokens) if one[0] not in "§~"))
    for line in reply[:1] + reply[-1:]:
        pair = ["*" if one[0] in "§~" else one for one in TOKEN.findall(line)]
        count(whole, dict.fromkeys(f"pair {one} {two}" for one, two in itertools.pairwise(pair)))
    whole[f"length {min(8, len(tokens).bit_length())}"] = 1
    whole[f"cut {parts.cut}"] = 1
    whole[f"named {len({one for one in tokens if one[0] == '§'})}"] = 1
    whole["third option"] = int(bool(clause_words()["third"].search(parts.reply[:LONGEST].lower())))
    for name, line in (("any", text), ("first", text and reply[0]), ("last", text and reply[-1])):
        whole[f"neither in {name}"] = int(bool(cues()["neither"].search(line)))
    for mark in seen.of:
        count(whole, (f"some {one}" for one in seen.of[mark]))


def count(features: Features, names: Iterable[str]) -> None:
    """Add 1 to each feature named."""
    for name in names:
        features[name] += 1


def softened(line: str, actions: Actions) -> str:
    """Put a soft mark before the first own word of the action that a clause paraphrases."""
    pieces = []
    for piece in CLAUSE.split(line):
        if "§" not in piece:
            found = {mark: own_words(piece, own) for mark, own in actions.own.items()}
            counts = {mark: len({word for _, word in words}) for mark, words in found.items()}
            best = max(counts, key=lambda mark: counts[mark])
            most = counts[best]
            if most > counts[OTHER[best]] and (most >= 2 or most / len(actions.own[best]) >= LEAST_SHARE):
                start = found[best][0][0]
                piece = f"{piece[:start]}~{best[1]} {piece[start:]}"
        pieces.append(piece)
    return "".join(pieces)


def own_words(text: str, own: frozenset[str]) -> list[tuple[int, str]]:
    """List the stems of a text that are an action's own, each with its place."""
    return [(found.start(), word) for found in WORD.finditer(text) if (word := stem(found.group())) in own]


def relative(token: str, mark: str) -> str:
    """Name a mark by its relation to the mention beside it."""
    return token if token[0] not in "§~" else "SAME" if token[1] == mark[1] else "OTHER"


def passages(lines: list[str]) -> list[tuple[str, str]]:
    """List the passages of a part in which an action's own words are counted."""
    if not lines:
        return []
    clauses = [clause for line in lines for clause in CLAUSE.split(line)]
    return [
        ("all", " ".join(lines)),
        ("first", lines[0]),
        ("last", lines[-1]),
        ("head", " ".join(lines[:3])),
        ("denied", " ".join(clause for clause in clauses if DENIAL.search(clause))),
        ("affirmed", " ".join(clause for clause in clauses if not DENIAL.search(clause))),
    ]
