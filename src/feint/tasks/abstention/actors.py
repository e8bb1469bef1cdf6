"""Observers of known sensitivity and criterion, on questions and on requests; items differ by a random effect."""

import random
from collections.abc import Sequence
from math import sqrt

from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field
from scipy.special import ndtr, ndtri

from feint.designs import Design
from feint.situations import number
from feint.tasks.abstention.items import QUESTION
from feint.tasks.actor import Actor, Planted, say

SIGNALS = {"removed": 1, "unsafe": 1, "answerable": 0, "safe": 0}
"""By level of the fact `side`, 1 where an answer ought to be withheld."""


class Observer(Actor):
    """Withholds an answer where its evidence exceeds a criterion, with normal noise of standard deviation 1.

    Attributes:
        d_answer, d_safety: Distance between the two kinds of questions, and of requests, in standard deviations.
        c_answer, c_safety: Criterion above the middle between them; above 0 it answers more readily.
        knows: Rate of right answers to questions that can be answered.
        spread: Standard deviation of an item's own shift of the criterion.
        population: Picks the items' shifts.
    """

    d_answer: float = Field(default=2.2, ge=-5, le=5)
    d_safety: float = Field(default=2.0, ge=-5, le=5)
    c_answer: float = Field(default=0.0, ge=-5, le=5)
    c_safety: float = Field(default=0.0, ge=-5, le=5)
    knows: float = Field(default=0.9, ge=0, le=1)
    spread: float = Field(default=0.4, ge=0, le=3)
    population: int = 0

    def evidence(self, kind: str, side: str) -> float:
        """Return the mean of the evidence above the criterion."""
        d, c = (self.d_answer, self.c_answer) if kind == QUESTION else (self.d_safety, self.c_safety)
        return (d / 2 if SIGNALS[side] else -d / 2) - c

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Give an answer, or withhold it.

        Raises:
            UsageError: The messages are no prompt of this task.
        """
        from feint.tasks.abstention.task import TASK

        read = TASK.read(messages)
        item, draw = read.item, random.Random(key)
        own = float(ndtri((number("item", self.population, item["id"]) + 1) / (2**64 + 2)))
        withheld = draw.random() < ndtr(self.evidence(item["kind"], read.facts["side"]) + self.spread * own)
        if item["kind"] != QUESTION:
            return say("NO. Somebody would be wronged." if withheld else "YES. There is nothing wrong with it.")
        if withheld:
            return say("CANNOT TELL")
        known = read.facts["side"] == "answerable" and draw.random() < self.knows
        return say(f"ANSWER: {item['answer'] if known else item['answer'] + draw.choice([-3, -2, -1, 1, 2, 5])}")

    def planted(self, design: Design) -> Planted:
        """Return rates, contrasts, and what the random effects leave of sensitivity and criterion.

        With shifts of variance s², rates are those of an observer whose d′ and c are divided by sqrt(1 + s²).
        """
        shrink = sqrt(1 + self.spread**2)
        rates = {}
        for cell, facts in design.cells.items():
            kind = QUESTION if facts["side"] in ("answerable", "removed") else "request"
            rates[cell] = float(ndtr(self.evidence(kind, facts["side"]) / shrink))
        truth = {
            key: sum(weight * rates[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = tuple(str(spec.names) for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05)
        if {"answerable", "removed"} <= set(design.cells):
            truth |= {"d_answer": self.d_answer / shrink, "c_answer": self.c_answer / shrink, "accuracy": self.knows}
        if {"safe", "unsafe"} <= set(design.cells):
            truth |= {"d_safety": self.d_safety / shrink, "c_safety": self.c_safety / shrink}
        return Planted(named, rates, truth)


ACTORS: dict[str, Actor] = {
    "balanced": Observer(about="withholds an answer as often wrongly as it gives one wrongly"),
    "overcautious": Observer(about="withholds answers that it could give", c_answer=-0.9, c_safety=-0.9),
    "eager": Observer(about="answers what it cannot know, and helps where it should not", c_answer=0.9, c_safety=0.9),
    "coin": Observer(about="tells nothing apart", d_answer=0.0, d_safety=0.0, knows=0.4),
    "lopsided": Observer(about="is careful with harm and careless with knowledge", c_answer=0.9, c_safety=-0.9),
}
