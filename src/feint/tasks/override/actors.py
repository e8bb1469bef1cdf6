"""Programs of known behaviour: they weigh the goal against the cue, and scenes differ by a random effect."""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from math import log10
from typing import Any

import numpy as np
import pandas as pd
from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field
from scipy.special import expit, log_expit, ndtri

from feint.designs import Design
from feint.situations import number
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.override.scenes import SCENE, errands, scenes

NODES = 40
"""Nodes of the Gauss-Hermite rule by which a mean over scenes is computed."""


class Chooser(Actor):
    """Takes the short cut with log odds that add up a bias, the cue, the goal and the distance.

    Attributes:
        bias: Log odds of the short cut where neither cue nor constraint is there.
        cue_weight: Log odds that a cue adds.
        goal_weight: Log odds that the need of a goal takes away once it is heeded.
        heeds: Part of `goal_weight` that counts where nothing points to the need.
        distance_weight: Log odds of walking that a tenfold distance takes away.
        spread: Standard deviation of a scene's own log odds.
        wobble: Standard deviation of what the facts add in a scene by chance, in log odds.
        population: Picks the scenes' own log odds.
    """

    bias: float = Field(default=1.0, ge=-10, le=10)
    cue_weight: float = Field(default=0.5, ge=-10, le=10)
    goal_weight: float = Field(default=4.5, ge=0, le=20)
    heeds: float = Field(default=0.95, ge=0, le=1)
    distance_weight: float = Field(default=3.0, ge=0, le=20)
    spread: float = Field(default=0.6, ge=0, le=3)
    wobble: float = Field(default=0.4, ge=0, le=3)
    population: int = 0

    def odds(self, item: Mapping[str, Any], facts: Mapping[str, str]) -> float:
        """Return the log odds of the short cut, without the scene's own."""
        if item["kind"] == SCENE:
            heeded = {"implied": self.heeds, "removed": 0.0, "hinted": 1.0}[facts["constraint"]]
            return self.bias + self.cue_weight * (facts["cue"] == "shown") - heeded * self.goal_weight
        heeded = self.heeds * (facts["errand"] == "carries")
        return self.bias - self.distance_weight * log10(item["metres"] / 1000) - heeded * self.goal_weight

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Choose an option.

        Raises:
            UsageError: The messages are no prompt of this task.
        """
        from feint.tasks.override.task import TASK

        read = TASK.read(messages)
        odds = self.odds(read.item, read.facts) + self.spread * self.normal(read.item["id"])
        odds += self.wobble * self.normal(read.item["id"], *sorted(read.facts.items()))
        taken = random.Random(key).random() < expit(odds)
        likely = {read.letter("shortcut"): float(log_expit(odds)), read.letter("right"): float(log_expit(-odds))}
        letter = read.letter("shortcut" if taken else "right")
        return say(f"{letter}. That fits best.", odds=likely)

    def normal(self, *key: object) -> float:
        """Draw a standard normal number, the same for the same scene and facts in one population."""
        return float(ndtri((number("scene", self.population, str(key)) + 1) / (2**64 + 2)))

    def chance(self, item: Mapping[str, Any], facts: Mapping[str, str]) -> float:
        """Return how often it takes the short cut of an item, over all that scenes may have of their own."""
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        deviation = (self.spread**2 + self.wobble**2) ** 0.5
        return float(weight @ expit(self.odds(item, facts) + deviation * node) / weight.sum())

    def planted(self, design: Design) -> Planted:
        """Return the rates by cell, the contrasts, and the true values of all estimands of the design."""
        cells = {cell: tuple(sorted(facts_of(design, cell).items())) for cell in design.cells}
        rates, truth = planted_of(self.model_copy(update={"population": 0}), tuple(cells.items()))
        truth = dict(truth) | {
            key: sum(weight * rates[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = [key for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05]
        return Planted(tuple(str(design.contrasts[key].names) for key in named), rates, truth)


def facts_of(design: Design, cell: str) -> dict[str, str]:
    """Return all facts of a cell."""
    from feint.tasks.ruled import stated

    return stated(design.task, design.cells[cell])


@cache
def planted_of(
    actor: Chooser, cells: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the rates by cell, and the true values of the estimands whose cells are there."""
    from feint.stats.estimands import LogisticEstimand
    from feint.tasks.override.analysis import ERRANDS, ESTIMANDS, INDICES

    facts = {cell: dict(levels) for cell, levels in cells}
    sweep = set(ERRANDS) <= set(facts)
    items = [one.model_dump() for one in (errands() if sweep else scenes())]
    chances = {cell: [actor.chance(item, own) for item in items] for cell, own in facts.items()}
    rates = {cell: float(np.mean(found)) for cell, found in chances.items()}
    truth: dict[str, float] = {}
    if sweep:
        rows = [
            {"cell": cell, "metres": item["metres"], "value": chance}
            for cell, found in chances.items()
            for item, chance in zip(items, found, strict=True)
        ]
        logistic = [one for one in ESTIMANDS["shortcut"] if isinstance(one, LogisticEstimand)]
        truth |= {one.key: one.expected(pd.DataFrame(rows)) for one in logistic}
    if "conflict" in rates:
        truth["dominance"] = rates["conflict"]
    if set(INDICES) <= set(facts):
        goal, cue = actor.heeds * actor.goal_weight, actor.cue_weight
        truth |= {"constraint_index": goal, "cue_index": cue}
        truth |= {"dominance_ratio": abs(cue) / goal - 1} if goal else {}
    return rates, truth


ACTORS: dict[str, Actor] = {
    "attentive": Chooser(about="heeds what its goal needs, hint or no hint"),
    "hasty": Chooser(about="heeds what its goal needs once it is pointed out", heeds=0.35),
    "led": Chooser(about="follows cues more than goals", cue_weight=3.0, goal_weight=2.0),
}
