"""A task in a folder: a model guesses how many marbles are in a jar, with no hint, a weak hint or a strong one."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai import Task as InspectTask
from inspect_ai import task
from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolInfo
from pydantic import Field

from feint.designs import Design
from feint.situations import Situation, read_facts
from feint.stats.estimands import Estimand, Slope
from feint.stats.units import Unit
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.asking import AskedItem, AskingOptions, AskingTask, labelled, unlabelled

GUESS = re.compile(r"(\d+), (\d+) % sure")


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="hints", description="a shipped design, or a YAML file")
    jars: int = Field(default=30, description="jars of marbles")


@scorer(metrics=[])
def guess() -> Scorer:
    """Read the number and the surety of a guess."""

    async def score(state: TaskState, target: Target) -> Score:
        found = GUESS.search(state.output.completion)
        if found is None:
            return unlabelled("no_number")
        right = int(found[1]) == state.metadata["item"]["marbles"]
        return labelled("right" if right else "wrong", float(right), surety=float(found[2]))

    return score


class Guesser(Actor):
    """An actor that guesses right at a stated rate, which each step of the hint raises."""

    rate: float = Field(default=0.2, ge=0, le=1)
    step: float = Field(default=0.0, ge=-1, le=1)

    def chance(self, hint: str) -> float:
        """Return how often it guesses right under a level of the fact."""
        return min(1.0, max(0.0, self.rate + self.step * ["none", "weak", "strong"].index(hint)))

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Guess."""
        hint = read_facts(Situation(messages[0].text, messages[1].text), "guesses")["hint"]
        draw, marbles = random.Random(key), int(re.findall(r"\d+", messages[1].text)[0])
        right, sure = draw.random() < self.chance(hint), 50 + 40 * self.chance(hint) + draw.gauss(0, 3)
        return say(f"{marbles if right else marbles + 1}, {sure:.0f} % sure")

    def planted(self, design: Design) -> Planted:
        """Return the rates by cell, and whether a study should find that it takes hints."""
        rates = {cell: self.chance(facts["hint"]) for cell, facts in design.cells.items()}
        slope = {"surety_by_hint": 40 * self.step}
        return Planted(("takes_hints",) if self.step > 0 else (), rates, slope)


class Guesses(AskingTask):
    """The task."""

    name = "guesses"
    options = Options
    label = "guess"
    outcomes = {"right": 1.0, "wrong": 0.0}  # noqa: RUF012

    def scorer(self) -> Scorer:
        """Make the scorer."""
        return guess()

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Make the jars."""
        jars = [(f"jar-{number}", 10 + number) for number in range(options.jars)]
        text = "The jar beside jar {} holds one more marble than the last. How many does this jar hold?"
        return [AskedItem(id=name, text=text.format(count), marbles=count) for name, count in jars]  # type: ignore[call-arg]

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return the slope of the surety over the steps of the hint."""
        levels = {"none": 0.0, "weak": 1.0, "strong": 2.0}
        return {"surety": (Slope("surety_by_hint", 2.0, Unit("points of surety", digits=1), levels),)}

    def actors(self) -> Mapping[str, Actor]:
        """Return the two actors."""
        return {
            "guesser": Guesser(about="guesses right at one rate, whatever the hint"),
            "listener": Guesser(about="guesses right more often with a hint", rate=0.2, step=0.35),
        }


TASK = Guesses()


@task
def guesses(design: str = "hints", jars: int = 30, n: int = 0, wordings: int = 1, samples: int = 1) -> InspectTask:
    """Guess marbles."""
    return TASK.for_inspect(design=design, jars=jars, n=n, wordings=wordings, samples=samples)
