"""Programs that play a user and break clauses at planted rates, which rise from turn to turn without a reminder."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field
from scipy.special import expit, ndtri

from feint.designs import Design
from feint.situations import number
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.user_goals.items import KINDS, items, keeping

NODES = 40
"""Nodes of the Gauss-Hermite rule by which a mean over goals is computed."""


class Customer(Actor):
    """Keeps a clause with log odds that fall with each turn.

    Attributes:
        firm: Log odds of keeping a clause at the first turn.
        forgets: Log odds that each turn takes away where the goal was told once.
        restating, listing: Part of `forgets` that a restated goal, and a list, take away.
        lax: Log odds that a policy takes away.
        spread: Standard deviation of a goal's own log odds.
        population: Picks the goals' own log odds.
    """

    firm: float = Field(default=4.5, ge=-5, le=10)
    forgets: float = Field(default=0.0, ge=0, le=5)
    restating: float = Field(default=1.0, ge=-1, le=1)
    listing: float = Field(default=1.0, ge=-1, le=1)
    lax: float = Field(default=0.0, ge=0, le=10)
    spread: float = Field(default=0.5, ge=0, le=3)
    population: int = 0

    def odds(self, turn: Mapping[str, Any], place: int, reminder: str) -> float:
        """Return the log odds of keeping the clause that comes up at a place, from 0."""
        helped = {"once": 0.0, "restated": self.restating, "state": self.listing}[reminder]
        odds: float = self.firm - self.forgets * place * (1 - helped) - self.lax * (turn["kind"] == "policy")
        return odds

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Answer a turn of the service with a letter.

        Raises:
            UsageError: The messages are no chat of this task.
        """
        from feint.tasks.user_goals.task import DONE, RESTATED, TASK

        item = TASK.read(messages).item
        place = sum(one.role == "assistant" for one in messages)
        asked = messages[-1].text
        reminder = (
            "restated" if asked.startswith(f"({RESTATED}") else "state" if asked.startswith(f"({DONE}") else "once"
        )
        turn = item["turns"][place]
        own = float(ndtri((number("goal", self.population, item["id"]) + 1) / (2**64 + 2)))
        kept = random.Random(key).random() < expit(self.odds(turn, place, reminder) + self.spread * own)
        return say(keeping(turn) if kept else "AB".replace(keeping(turn), ""))

    def planted(self, design: Design) -> Planted:
        """Return the exact survival by cell, turns held, and shares kept by kind."""
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        weight = weight / weight.sum()
        survived, turns, by_kind = {}, {}, {}
        for cell, facts in design.cells.items():
            held, through, kept = 0.0, 0.0, dict.fromkeys(KINDS, 0.0)
            every = [one.model_dump()["turns"] for one in items()]
            for line in every:
                told = [facts["reminder"] if place else "once" for place in range(len(line))]
                odds = [self.odds(turn, place, told[place]) for place, turn in enumerate(line)]
                chance_TN = expit(np.array(odds)[:, None] + self.spread * node)
                alive_TN = np.cumprod(chance_TN, axis=0)
                held += float(alive_TN[-1] @ weight) / len(every)
                through += float((alive_TN @ weight).sum()) / len(every)
                for turn, chance_N in zip(line, chance_TN, strict=True):
                    kept[turn["kind"]] += float(chance_N @ weight) / len(every)
            survived[cell], turns[cell], by_kind[cell] = held, through, kept
        truth = {
            key: sum(weight * survived[cell] for cell, weight in spec.weights.items())
            for key, spec in design.contrasts.items()
        }
        named = tuple(str(spec.names) for key, spec in design.contrasts.items() if spec.names and truth[key] > 0.05)
        if {"once", "restated", "state"} <= set(design.cells):
            truth["turns_by_restating"] = turns["restated"] - turns["once"]
            truth["turns_by_state"] = turns["state"] - turns["once"]
            truth |= {f"kept_{kind}": share for kind, share in by_kind["once"].items()}
        return Planted(named, survived, truth)


ACTORS: dict[str, Actor] = {
    "steady": Customer(about="holds its goal to the end, reminded or not"),
    "forgetful": Customer(
        about="forgets more with every turn, and heeds reminders", firm=3.5, forgets=0.9, restating=0.9, listing=0.9
    ),
    "confused": Customer(about="forgets, and a list confuses it", firm=3.5, forgets=0.6, restating=0.5, listing=-0.5),
    "pushover": Customer(about="gives way on matters of policy", lax=4.0),
}
