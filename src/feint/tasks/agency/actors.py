"""Programs of known behaviour: they learn from gains and losses, repeat choices, and weigh first answers and advice."""

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field
from scipy.special import expit, ndtri

from feint.designs import Design
from feint.situations import number
from feint.stats.types import Floats
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.agency.advice import read_advice
from feint.tasks.agency.comparisons import comparisons
from feint.tasks.agency.histories import KIND, histories
from feint.tasks.agency.learning import differences

NODES = 40
"""Nodes of the Gauss-Hermite rule by which a mean over leans is computed."""
NOISE, LEANING = 8.0, 5.0
"""Standard deviation of stated confidence within a comparison, and of its mean over comparisons."""


class Player(Actor):
    """Chooses by learnt values and repeats its last choice; answers by what it sees, a shown answer and advice.

    Attributes:
        gains: Learning rate of gains.
        losses: Learning rate of losses.
        agency: What is added to gains less losses where it chose itself, half to each.
        sharpness: Log odds of a choice for one point of learnt value.
        trace: Log odds of repeating the last choice.
        own_trace: What is added to that where the choice was its own.
        spread: Standard deviation of what else speaks for an option of an item, in log odds.
        skill: Log odds of the right answer for the square root of the share by which totals differ.
        heed: Log odds of an answer that advice names.
        anchor: Log odds of keeping a first answer that is shown.
        own_anchor: What is added to that where the answer is shown as its own.
        sure: Mean confidence.
        inflation: What a shown first answer adds to it.
        own_inflation: What is added to that where the answer is shown as its own.
        population: Picks what else speaks for an option in each item.
    """

    gains: float = Field(default=0.35, ge=0, le=1)
    losses: float = Field(default=0.35, ge=0, le=1)
    agency: float = Field(default=0.0, ge=-1, le=1)
    sharpness: float = Field(default=4.0, ge=0, le=20)
    trace: float = Field(default=0.4, ge=-5, le=5)
    own_trace: float = Field(default=0.0, ge=-5, le=5)
    spread: float = Field(default=0.5, ge=0, le=3)
    skill: float = Field(default=6.0, ge=0, le=50)
    heed: float = Field(default=1.0, ge=-5, le=5)
    anchor: float = Field(default=0.0, ge=-5, le=5)
    own_anchor: float = Field(default=0.0, ge=-5, le=5)
    sure: float = Field(default=65.0, ge=30, le=75)
    inflation: float = Field(default=0.0, ge=-10, le=10)
    own_inflation: float = Field(default=0.0, ge=-10, le=10)
    population: int = 0

    def rates(self, chooser: str) -> tuple[float, float]:
        """Return the learning rates of gains and losses, by who chose."""
        half = self.agency / 2 if chooser == "own" else 0.0
        return float(np.clip(self.gains + half, 0, 1)), float(np.clip(self.losses - half, 0, 1))

    def repeats(self, chooser: str) -> float:
        """Return the log odds of repeating the last choice, by who chose."""
        return self.trace + self.own_trace * (chooser == "own")

    def lean(self, item: str, what: str) -> float:
        """Draw a standard normal number of an item, the same at every call."""
        return float(ndtri((number(what, self.population, item) + 1) / (2**64 + 2)))

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Choose a machine, or answer a comparison.

        Raises:
            UsageError: The messages are no prompt of this task.
        """
        from feint.tasks.agency.task import TASK

        again, draw = read_advice(messages), random.Random(key)
        read = TASK.read(again.prompt if again else messages)
        item, other = read.item, {"L": "R", "R": "L", "left": "right", "right": "left"}
        lean = self.spread * self.lean(item["id"], "lean")
        if item["kind"] == KIND:
            chooser = read.facts["chooser"]
            odds = self.sharpness * differences([item["played"]], *self.rates(chooser))[0] + self.repeats(chooser)
            kept = draw.random() < expit(odds + lean)
            return say(read.letter(item["last"] if kept else other[item["last"]]))
        right = item["right_side"]
        odds = self.skill * math.sqrt(item["share"]) + lean
        raised = 0.0
        if again:
            side = 1.0 if read.letters[again.advice] == right else -1.0
            odds += self.heed * side
            if again.shown:
                odds += self.anchored(again.first) * (1.0 if read.letters[again.shown] == right else -1.0)
            raised = self.raised(again.first)
        chosen = right if draw.random() < expit(odds) else other[right]
        sure = self.sure + raised + LEANING * self.lean(item["id"], "sure") + draw.gauss(0, NOISE)
        stated = min(100, max(0, math.floor(sure + draw.random())))
        return say(f"{read.letter(chosen)}\nConfidence: {stated}")

    def anchored(self, first: str) -> float:
        """Return the log odds of keeping the first answer, by how it is shown."""
        return {"shown": self.anchor + self.own_anchor, "another": self.anchor}.get(first, 0.0)

    def raised(self, first: str) -> float:
        """Return what confidence gains, by how the first answer is shown."""
        return {"shown": self.inflation + self.own_inflation, "another": self.inflation}.get(first, 0.0)

    def stays(self, chooser: str) -> float:
        """Return how often it stays with the last machine, over all histories and leans."""
        odds = self.sharpness * differences([one.played for one in histories()], *self.rates(chooser))  # type: ignore[attr-defined]
        return self.over_leans(expit, odds + self.repeats(chooser))

    def keeps(self, first: str) -> float:
        """Return how often it keeps its first answer, over all comparisons and leans."""
        items = [one.model_dump() for one in comparisons()]
        seen = np.array([self.skill * math.sqrt(item["share"]) for item in items])
        pull = np.array([self.heed * (1.0 if item["advice"] == "agrees" else -1.0) for item in items])
        pull += self.anchored(first)
        return self.over_leans(lambda odds: expit(odds) * expit(odds + pull) + expit(-odds) * expit(pull - odds), seen)

    def over_leans(self, chance: Any, odds: Floats) -> float:
        """Return the mean of a chance over items, whose log odds have shape (I,), and leans."""
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        return float(weight @ chance(odds + self.spread * node[:, None]).mean(axis=1) / weight.sum())

    def planted(self, design: Design) -> Planted:
        """Return the rates by cell, the contrasts, and the numbers of the fit or of confidence."""
        from feint.tasks.ruled import stated

        cells = {cell: stated(design.task, facts) for cell, facts in design.cells.items()}
        advised = any(facts["first"] != "none" for facts in cells.values())
        rates = {
            cell: self.keeps(facts["first"]) if advised else self.stays(facts["chooser"])
            for cell, facts in cells.items()
        }
        truth: dict[str, float] = {
            key: sum(weight * rates[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = [str(spec.names) for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05]
        return Planted(tuple(named), rates, truth | (self.confidences() if advised else self.numbers()))

    def numbers(self) -> dict[str, float]:
        """Return the numbers of the fit; without sharpness, choices have no rates."""
        own, other = (up - down for up, down in (self.rates("own"), self.rates("other")))
        rates = {"optimism": own, "optimism_other": other, "agency": own - other, "sharpness": self.sharpness}
        return {"trace": self.repeats("own"), "own_trace": self.own_trace} | (rates if self.sharpness else {})

    def confidences(self) -> dict[str, float]:
        """Return the differences in confidence."""
        return {"inflation": self.raised("shown"), "own_inflation": self.own_inflation}


ACTORS: dict[str, Actor] = {
    "learner": Player(about="learns alike from gains and losses, whoever chose"),
    "owner": Player(
        about="learns more from gains, repeats more and is surer where a choice was its own",
        gains=0.4, losses=0.3, agency=0.3, own_trace=0.7, own_anchor=1.2, own_inflation=8.0,
    ),
    "optimist": Player(about="learns more from gains than from losses, whoever chose", gains=0.5, losses=0.2),
    "repeater": Player(
        about="repeats what was chosen last or is shown, whoever chose, and learns alike from gains and losses",
        trace=1.2, anchor=1.0, inflation=8.0,
    ),
    "unmoved": Player(about="repeats at a fixed rate, whatever was paid", sharpness=0.0, heed=0.0),
}  # fmt: skip
