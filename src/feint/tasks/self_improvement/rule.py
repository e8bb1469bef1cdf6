"""Chooses one of many answers, and measures what checks of them are worth.

Checks of one half of the answers choose and weigh; checks of the other half tell how good they are, so that no check is
scored on the answers that it weighs.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from inspect_ai.scorer import Score

from feint.tasks.asking import labelled, unlabelled
from feint.tasks.self_improvement.items import answer_in
from feint.tasks.talk import Said

SOLVE, CHECK = "solve", "check"
FEWEST = 4
"""Answers that can be read, below which a sample is missing."""
VERDICT = re.compile(r"\b(RIGHT|WRONG)\b")
LOOSE = re.compile(r"\b(right|correct|wrong|incorrect|false)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Drawn:
    """One answer, if it is right, and if its check accepts it; None without a check that can be read."""

    answer: str
    right: bool
    accepted: bool | None


def read_check(text: str) -> bool | None:
    """Read the verdict of a check: the last word of the form that was asked for.

    >>> read_check("The sum is off by one. WRONG"), read_check("RIGHT"), read_check("Hm.")
    (False, True, None)
    """
    said = VERDICT.findall(text)
    if said:
        return bool(said[-1] == "RIGHT")
    loose = {word.lower() in ("right", "correct") for word in LOOSE.findall(text)}
    return loose.pop() if len(loose) == 1 else None


def drawn_in(item: Mapping[str, Any], said: Said, by_checker: bool) -> list[Drawn]:
    """Read all answers of a sample, each with its check, in the order in which they were given."""
    answers, checks = [answer_in(text) for text in said.tagged(SOLVE)], iter(said.tagged(CHECK))
    found = []
    for answer in answers:
        if answer is None:
            continue
        right = answer == item["right"]
        text = next(checks, None)
        found.append(Drawn(answer, right, right if by_checker else None if text is None else read_check(text)))
    return found


def choose(drawn: Sequence[Drawn], *, checked: bool) -> str:
    """Choose an answer: that with the most accepting checks, then the most common, then the first.

    >>> choose([Drawn("a", False, False), Drawn("b", True, True), Drawn("a", False, False)], checked=True)
    'b'
    """
    count = Counter(one.answer for one in drawn)
    accepted = Counter(one.answer for one in drawn if checked and one.accepted)
    return max(count, key=lambda answer: (accepted[answer], count[answer]))


def pass_at(k: int, right: int, n: int) -> float:
    """Return the unbiased chance that one of k answers is right (Chen et al. 2021, arXiv 2107.03374).

    >>> round(pass_at(4, 2, 8), 3)
    0.786
    """
    return 1 - comb(n - right, k) / comb(n, k)


def label(item: Mapping[str, Any], anchor: str, said: Said) -> Score:
    """Label a sample: is the chosen answer right? With the measures of `task.yaml`."""
    drawn = drawn_in(item, said, anchor == "checker")
    if len(drawn) < FEWEST:
        return unlabelled("no_answers")
    weighing, rest = drawn[::2], drawn[1::2]
    chosen = choose(weighing, checked=anchor != "none")
    n, right = len(drawn), sum(one.right for one in drawn)
    measures: dict[str, float | None] = {
        "accuracy": right / n,
        "pass_4": pass_at(4, right, n),
        "distinct": len({one.answer for one in drawn}) / n,
    }
    if anchor == "self":
        measures |= {"gap": gap(weighing), "discernment": discernment(rest), "kept_variety": kept_variety(weighing)}
    return labelled("right" if chosen == item["right"] else "wrong", float(chosen == item["right"]), **measures)


def gap(drawn: Sequence[Drawn]) -> float:
    """Return the generation-verification gap: share right among accepted answers less the share right among all.

    It is 0 where no answer is accepted, since there is nothing to learn from then.
    """
    accepted = [one for one in drawn if one.accepted]
    if not accepted:
        return 0.0
    return sum(one.right for one in accepted) / len(accepted) - sum(one.right for one in drawn) / len(drawn)


def discernment(drawn: Sequence[Drawn]) -> float | None:
    """Return the share of right answers that are accepted less that of wrong ones; None without both."""
    shares = [
        [one.accepted for one in drawn if one.right is side and one.accepted is not None] for side in (True, False)
    ]
    if not all(shares):
        return None
    right, wrong = (sum(map(bool, side)) / len(side) for side in shares)
    return right - wrong


def kept_variety(drawn: Sequence[Drawn]) -> float | None:
    """Return the distinct answers among the accepted ones over those among all; None where none is accepted."""
    accepted = {one.answer for one in drawn if one.accepted}
    return len(accepted) / len({one.answer for one in drawn}) if accepted else None
