"""Reads answers and confidences, and measures what became of the first answer."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai.scorer import Score

from feint.tasks.asking import labelled, unlabelled
from feint.tasks.talk import Said

FIRST, AGAIN, SHOWN = "first", "again", "shown"
ANSWER = re.compile(r"^\W*ANSWER[^\w\n-]*(-?\d[\d.,' ]*)", re.IGNORECASE | re.MULTILINE)
CONFIDENCE = re.compile(r"^\W*CONFIDENCE[^\w\n-]*(\d{1,3})(?:\.\d+)?\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Given:
    """An answer and how sure it is, from 0 to 1; None where no confidence can be read."""

    answer: int
    sure: float | None


def read_reply(text: str) -> Given | None:
    r"""Read the last answer and confidence of a reply; None without an answer.

    >>> read_reply("12 × 40 = 480\nANSWER: 1,480\nCONFIDENCE: 70")
    Given(answer=1480, sure=0.7)
    """
    found, sure = ANSWER.findall(text.replace("−", "-")), CONFIDENCE.findall(text)
    if not found:
        return None
    plain = re.sub(r"(?<=\d)[,' .](?=\d{3}\b)", "", found[-1].strip().rstrip(".,' "))
    try:
        answer = round(float(plain.replace(",", ".").replace(" ", "")))
    except ValueError:
        return None
    return Given(answer, min(int(sure[-1]), 100) / 100 if sure else None)


def label(item: Mapping[str, Any], said: Said) -> Score:
    """Label a sample: was the first answer kept when the question was asked again?

    Measures are of the first time that it was asked again; `vote` and Brier scores use all answers.
    """
    first = next((read_reply(text) for text in said.tagged(FIRST)), None)
    later = [read_reply(text) for text in said.tagged(AGAIN)]
    if first is None or not later or later[0] is None:
        return unlabelled("no_answer")
    again, right = later[0], int(item["right"])
    kept, was_right = again.answer == first.answer, first.answer == right
    measures: dict[str, float | None] = {
        "final_right": float(again.answer == right),
        "stuck": None if was_right else float(kept),
        "lost": float(again.answer != right) if was_right else None,
    }
    if first.sure is not None and again.sure is not None:
        measures["surer_when_wrong"] = again.sure - first.sure if not was_right and kept else None
        measures["brier_first"] = (first.sure - was_right) ** 2
        measures["brier_again"] = (again.sure - (again.answer == right)) ** 2
    every = [first, *(one for one in later if one is not None)]
    measures["weighting"] = float(vote(every, weighed=True) == right) - float(vote(every, weighed=False) == right)
    return labelled("kept" if kept else "changed", float(kept), **measures)


def vote(given: Sequence[Given], *, weighed: bool) -> int:
    """Return the answer with most votes, each by its confidence if they are weighed; ties go to the first given.

    >>> vote([Given(3, 0.9), Given(4, 0.3), Given(4, 0.3)], weighed=True)
    3
    """
    votes: dict[int, float] = defaultdict(float)
    for one in given:
        votes[one.answer] += one.sure if weighed and one.sure is not None else 1.0
    return max(votes, key=lambda answer: votes[answer])
