"""Programs that solve at a known rate, and keep or adopt what they are shown with known chances."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field
from scipy.special import expit, logit, ndtri

from feint.base.errors import UsageError
from feint.designs import Design
from feint.situations import number
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.debate.items import items

NODES = 30
"""Nodes of the Gauss-Hermite rule by which a mean over questions is computed."""
MARKS = {
    "own": re.compile(r"^Your first answer to this was (-?\d+), with a confidence of (\d+)"),
    "another": re.compile(r"^A colleague's answer to this was (-?\d+), with a confidence of (\d+)"),
    "noise": re.compile(r"^An answer to another one was (-?\d+), with a confidence of (\d+)"),
    "copy": re.compile(r"^A second run of you answered (-?\d+), with a confidence of (\d+)"),
}
SURE, UNSURE, NOISE = 80, 60, 8
"""Mean confidence of right and of wrong answers in percent, and the standard deviation."""


class Debater(Actor):
    """Answers at a rate of its own, and adopts an answer that it is shown with a chance that depends on whose it is.

    Attributes:
        rate: Rate of right answers to a question of middling difficulty.
        favoured: Share of its wrong answers that are one and the same for a question.
        anchoring: Chance to repeat its own answer when shown it.
        deference: Chance to adopt an answer shown as a colleague's.
        conformity: Chance to adopt the answer of a copy.
        inflation: Points by which its confidence rises when it repeats or adopts an answer.
        spread: Standard deviation of a question's own log odds of being solved.
        population: Picks the questions' own log odds.
    """

    rate: float = Field(default=0.6, ge=0, le=1)
    favoured: float = Field(default=0.5, ge=0, le=1)
    anchoring: float = Field(default=0.0, ge=0, le=1)
    deference: float = Field(default=0.0, ge=0, le=1)
    conformity: float = Field(default=0.0, ge=0, le=1)
    inflation: float = Field(default=0.0, ge=-20, le=20)
    spread: float = Field(default=0.8, ge=0, le=3)
    population: int = 0

    def adopts(self, shown: str) -> float:
        """Return the chance that it gives the answer that it is shown."""
        return {
            "own": self.anchoring,
            "another": self.deference,
            "copy": self.conformity,
        }.get(shown, 0.0)

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Answer, with a confidence.

        Raises:
            UsageError: The messages ask no question of this task.
        """
        asked, draw = messages[-1].text, random.Random(key)
        item = known(asked)
        for shown, mark in MARKS.items():
            if (found := mark.match(asked)) and draw.random() < self.adopts(shown):
                return self.told(int(found[1]), int(found[2]) + self.inflation)
        own = float(ndtri((number("question", self.population, item["id"]) + 1) / (2**64 + 2)))
        right = draw.random() < expit(logit(self.rate) + self.spread * own)
        slip = 0 if right else 7 if draw.random() < self.favoured else draw.randrange(11, 10**7)
        return self.told(int(item["right"]) + slip, draw.gauss(SURE if right else UNSURE, NOISE))

    def told(self, answer: int, sure: float) -> ModelOutput:
        """Write an answer with its confidence in the form that is asked for."""
        return say(f"ANSWER: {answer}\nCONFIDENCE: {min(100, max(0, round(sure)))}")

    def mean(self, of: Callable[[float], float]) -> float:
        """Return the mean over questions of a function of the rate of right answers."""
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        rates = expit(logit(self.rate) + self.spread * node)
        return float(sum(w * of(float(p)) for w, p in zip(weight, rates, strict=True)) / weight.sum())

    def again(self, p: float) -> tuple[float, float]:
        """Return the chance that a fresh answer repeats a right first answer, and that it repeats a wrong one."""
        return p, (1 - p) * self.favoured**2

    def planted(self, design: Design) -> Planted:
        """Return rates and estimands of questions that are asked again once; Brier scores are not planted.

        An answer of its own is repeated with the chance of adopting it, or by a fresh answer that is the same. The
        answer of a copy is a fresh answer itself, so that adopting it repeats nothing more.
        """
        wrong = self.mean(lambda p: 1 - p)

        def stuck(adopted: float) -> float:
            return self.mean(lambda p: (1 - p) * (adopted + (1 - adopted) * self.again(p)[1])) / wrong

        def kept(adopted: float) -> float:
            return self.mean(lambda p: adopted + (1 - adopted) * (p * self.again(p)[0] + (1 - p) * self.again(p)[1]))

        repeats = {cell: self.adopts(facts["shown"]) * (facts["shown"] in ("own", "another"))
                   for cell, facts in design.cells.items()}  # fmt: skip
        rates = {cell: kept(adopted) for cell, adopted in repeats.items()}
        truth = {
            key: sum(weight * rates[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = tuple(str(spec.names) for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05)
        cells, plain = set(design.cells), stuck(0.0)
        truth |= {"excess_persistence": stuck(self.anchoring) - plain} if {"own", "resample"} <= cells else {}
        truth |= {"persistence_as_another": stuck(self.deference) - plain} if {"another", "resample"} <= cells else {}
        truth |= {"right_lost_to_copies": 0.0, "gain_by_copies": 0.0} if {"copy", "resample"} <= cells else {}
        return Planted(named, rates, truth)


@cache
def known(asked: str) -> Mapping[str, Any]:
    """Find the question in a user turn.

    Raises:
        UsageError: There is none.
    """
    found = next((one.model_dump() for one in items() if one.text in asked), None)
    if found is None:
        raise UsageError("expected a question of the task 'debate'")
    return found


ACTORS: dict[str, Actor] = {
    "fresh": Debater(about="answers anew, whatever it is shown"),
    "anchored": Debater(about="repeats its own answer when shown it, and grows surer", anchoring=0.7, inflation=8),
    "conformist": Debater(about="adopts answers of others", deference=0.7, conformity=0.7),
    "stubborn": Debater(
        about="repeats any answer that was its own, whoever is said to have given it", anchoring=0.7, deference=0.7
    ),
}
