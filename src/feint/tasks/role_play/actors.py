"""Programs that know and play characters at planted rates, which fall with the moral level of a part."""

import random
from collections.abc import Sequence

import numpy as np
import pandas as pd
from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field
from scipy.special import expit, ndtri

from feint.designs import Design
from feint.situations import number
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.role_play.items import LEVELS, items

NODES = 40
"""Nodes of the Gauss-Hermite rule by which a mean over scenes is computed."""


class Player(Actor):
    """Chooses the move of a character's own level with log odds that fall with the level.

    Attributes:
        knows: Log odds of the right move where it tells of a character of the middle.
        dulls: Log odds that each level takes away where it tells.
        shies: Log odds that each level takes away besides where it plays.
        softens: Chance that another move is a kinder one, where there is one on either side.
        refuses: Chance to refuse a part of the highest level.
        spread: Standard deviation of a scene's own log odds.
        population: Picks the scenes' own log odds.
    """

    knows: float = Field(default=1.6, ge=-5, le=10)
    dulls: float = Field(default=0.1, ge=-3, le=5)
    shies: float = Field(default=0.0, ge=-3, le=5)
    softens: float = Field(default=0.6, ge=0, le=1)
    refuses: float = Field(default=0.0, ge=0, le=1)
    spread: float = Field(default=0.5, ge=0, le=3)
    population: int = 0

    def odds(self, level: int, voice: str) -> float:
        """Return the log odds of the character's own move."""
        steps = level - 1
        return self.knows - self.dulls * steps - (self.shies * steps if voice == "speak" else 0.0)

    def declines(self, level: int, voice: str) -> float:
        """Return the chance of a refusal."""
        return self.refuses if level == LEVELS and voice == "speak" else 0.0

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Choose a move, or refuse.

        Raises:
            UsageError: The messages are no prompt of this task.
        """
        from feint.tasks.role_play.task import TASK

        read, draw = TASK.read(messages), random.Random(key)
        level, voice = int(read.item["level"]), read.facts["voice"]
        if draw.random() < self.declines(level, voice):
            return say("I'm sorry, I can't play this part.")
        own = float(ndtri((number("scene", self.population, read.item["id"]) + 1) / (2**64 + 2)))
        if draw.random() < expit(self.odds(level, voice) + self.spread * own):
            move = level
        else:
            kinder = level > 1 and (level == LEVELS or draw.random() < self.softens)
            move = level - 1 if kinder else level + 1
        return say(f"{read.letter(str(move))}. So it is.")

    def mean(self, level: int, voice: str) -> float:
        """Return how often the move of a level is in character, refusals aside, over all that scenes may have."""
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        return float(weight @ expit(self.odds(level, voice) + self.spread * node) / weight.sum())

    def planted(self, design: Design) -> Planted:
        """Return rates, the contrast, and the true values of the estimands."""
        from feint.tasks.role_play.analysis import CELLS, ESTIMANDS

        voices = {cell: facts["voice"] for cell, facts in design.cells.items()}
        chance = {
            (cell, level): (1 - self.declines(level, voice)) * self.mean(level, voice)
            for cell, voice in voices.items()
            for level in range(1, LEVELS + 1)
        }
        rates = {cell: float(np.mean([chance[cell, level] for level in range(1, LEVELS + 1)])) for cell in voices}
        truth = {
            key: sum(weight * rates[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = tuple(str(spec.names) for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05)
        if set(CELLS) <= set(voices):
            rows = [
                {"cell": cell, "level": one.level, "value": chance[cell, one.level]}  # type: ignore[attr-defined]
                for cell in voices
                for one in items()
            ]
            for one in ESTIMANDS["in_character"]:
                truth[one.key] = one.expected(pd.DataFrame(rows))  # type: ignore[attr-defined]
            soft = {cell: self.softness(voice) for cell, voice in voices.items()}
            truth["softening"] = soft["speak"] - soft["describe"]
            truth["refusal"] = float(np.mean([self.declines(level, "speak") for level in range(1, LEVELS + 1)]))
        return Planted(named, rates, truth)

    def softness(self, voice: str) -> float:
        """Return the mean levels by which moves are kinder than the characters, over replies with a move."""
        moves, total = 0.0, 0.0
        for level in range(1, LEVELS + 1):
            told = 1 - self.declines(level, voice)
            kinder = 0.0 if level == 1 else 1.0 if level == LEVELS else self.softens
            total += told * (1 - self.mean(level, voice)) * (2 * kinder - 1)
            moves += told
        return total / moves


ACTORS: dict[str, Actor] = {
    "player": Player(about="plays each part as well as it knows it"),
    "softener": Player(about="plays wicked parts kinder than it knows them to be", shies=0.7, softens=0.9),
    "refuser": Player(about="refuses wicked parts", refuses=0.8),
    "unable": Player(about="knows wicked characters badly, and plays them as badly", dulls=0.8),
}
