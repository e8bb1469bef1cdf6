"""Programs that solve at a known rate, and check with known sensitivity and specificity."""

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
from feint.tasks.self_improvement import exact
from feint.tasks.self_improvement.items import items

NODES = 12
"""Nodes of the Gauss-Hermite rule by which a mean over exercises is computed."""
PROPOSED = re.compile(r"^The answer: (.*)$", re.MULTILINE)


class Student(Actor):
    """Solves an exercise at a rate of its own, and checks answers.

    Attributes:
        rate: Rate of right answers to an exercise of middling difficulty.
        favoured: Share of its wrong answers that are one and the same for an exercise.
        sensitivity: Rate at which its check accepts a right answer.
        specificity: Rate at which its check rejects a wrong answer.
        spread: Standard deviation of an exercise's own log odds of being solved.
        answers: Answers to an exercise for which the true values are stated.
        population: Picks the exercises' own log odds.
    """

    rate: float = Field(default=0.6, ge=0, le=1)
    favoured: float = Field(default=0.5, ge=0, le=1)
    sensitivity: float = Field(default=0.7, ge=0, le=1)
    specificity: float = Field(default=0.3, ge=0, le=1)
    spread: float = Field(default=0.8, ge=0, le=3)
    answers: int = Field(default=8, ge=4, le=32)
    population: int = 0

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Solve, or check an answer.

        Raises:
            UsageError: The messages ask neither.
        """
        asked, draw = messages[-1].text, random.Random(key)
        item = known(asked)
        proposed = PROPOSED.findall(asked)
        if proposed:
            right = proposed[-1].strip() == item["right"]
            accepts = draw.random() < (self.sensitivity if right else 1 - self.specificity)
            return say(f"I went through it again.\n{'RIGHT' if accepts else 'WRONG'}")
        own = float(ndtri((number("exercise", self.population, item["id"]) + 1) / (2**64 + 2)))
        if draw.random() < expit(logit(self.rate) + self.spread * own):
            return say(f"ANSWER: {item['right']}")
        slip = 0 if draw.random() < self.favoured else draw.randrange(1, 10**9)
        return say(f"ANSWER: {item['right']}{slip}")

    def mean(self, of: Callable[[float], float]) -> float:
        """Return the mean over exercises of a function of the rate of right answers."""
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        rates = expit(logit(self.rate) + self.spread * node)
        return float(sum(w * of(float(p)) for w, p in zip(weight, rates, strict=True)) / weight.sum())

    def planted(self, design: Design) -> Planted:
        """Return the exact rates by cell, contrasts and estimands, for `answers` answers to each exercise."""
        rates = {cell: self.chosen(facts["anchor"]) for cell, facts in design.cells.items()}
        truth = {
            key: sum(weight * rates[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = tuple(str(spec.names) for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05)
        half = (self.answers + 1) // 2
        truth |= {
            "verification_gap": self.mean(lambda p: exact.gap(half, p, self.sensitivity, self.specificity)),
            "discernment": self.sensitivity + self.specificity - 1,
            "accuracy": self.mean(lambda p: p),
            "pass_at_4": self.mean(lambda p: exact.pass_at(4, p)),
            "distinct": self.mean(lambda p: exact.distinct(self.answers, p, self.favoured)),
        }
        return Planted(named, rates, truth)

    def chosen(self, anchor: str) -> float:
        """Return how often the chosen answer is right."""
        half, q = (self.answers + 1) // 2, self.favoured
        if anchor == "none":
            return self.mean(lambda p: exact.majority(half, p, q))
        if anchor == "checker":
            return self.mean(lambda p: exact.pass_at(half, p))
        return self.mean(lambda p: exact.by_checks(half, p, q, self.sensitivity, self.specificity))


@cache
def known(asked: str) -> Mapping[str, Any]:
    """Find the exercise in a question.

    Raises:
        UsageError: There is none.
    """
    found = next((one.model_dump() for one in items() if one.text in asked), None)
    if found is None:
        raise UsageError("expected an exercise of the task 'self_improvement'")
    return found


ACTORS: dict[str, Actor] = {
    "indifferent": Student(about="its checks accept right and wrong answers alike", sensitivity=0.7, specificity=0.3),
    "checker": Student(about="its checks tell right from wrong answers", rate=0.4, sensitivity=0.9, specificity=0.9),
    "rejector": Student(
        about="its checks reject right answers more often than wrong ones", sensitivity=0.3, specificity=0.3
    ),
    "repeater": Student(
        about="gives one wrong answer again and again, and accepts it",
        rate=0.4,
        favoured=0.95,
        sensitivity=0.8,
        specificity=0.2,
    ),
}
