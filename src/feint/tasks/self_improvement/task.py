"""The task: many answers to one exercise, the model's own check of each, and a choice among them."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from jinja2 import Template
from pydantic import Field

from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.asking import AskedItem, AskingOptions
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.self_improvement.actors import ACTORS
from feint.tasks.self_improvement.analysis import ESTIMANDS
from feint.tasks.self_improvement.items import answer_in, items
from feint.tasks.self_improvement.rule import CHECK, SOLVE, label
from feint.tasks.talk import Chat, Said

FEW = 8
"""Answers to each exercise in the preset "quick"."""


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="self-improvement", description="a shipped design, or a YAML file")
    answers: int = Field(default=16, ge=4, le=256, description="answers to each exercise in each cell")


class SelfImprovement(RuledTask):
    """The task `self_improvement`."""

    name = "self_improvement"
    options = Options
    outcomes: ClassVar = {"right": 1.0, "wrong": 0.0}
    columns = ("category",)
    told_options = ("answers",)
    reply_tokens = 90
    sizes: ClassVar = {QUICK: Size(24, 24), STANDARD: Size(0, 60), THOROUGH: Size(0, 180, samples=3)}

    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> AskingOptions:
        """Fill in the options; see `AskingTask.settle`. The preset "quick" asks for half as many answers."""
        options = super().settle(given, subject, size)
        quick = self.size(size, self.chosen(given), subject) is self.sizes[QUICK]
        if quick and given.get("answers") is None:
            options = options.model_copy(update={"answers": FEW})
        return options if not quick or given.get("n") is not None else options.model_copy(update={"n": 24})

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return all exercises."""
        return items()

    def calls_in(self, options: Any, facts: Mapping[str, str]) -> tuple[int, int]:
        """Return the calls of a sample: its answers, and the checks of these where the model checks itself."""
        calls = int(options.answers) * (2 if facts.get("anchor") == "self" else 1)
        return calls, calls

    async def talk(self, chat: Chat, item: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Ask for all answers, each in a conversation of its own, then for a check of each that can be read."""
        exercise = chat.prompt[-1].text
        answers = []
        for place in range(int(chat.options.get("answers", 16))):
            reply = await chat.ask(exercise if place else None, fresh=place > 0, tag=SOLVE)
            answers.append(answer_in(reply))
        if facts["anchor"] == "self":
            for answer in answers:
                if answer is not None:
                    await chat.ask(check_of().render(item=item, answer=answer), fresh=True, tag=CHECK)

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Choose an answer and tell if it is right; see `feint.tasks.self_improvement.rule`."""
        return label(item, facts["anchor"], said)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return the gap, what checks can tell apart, and what choosing costs in variety."""
        return ESTIMANDS

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


@cache
def check_of() -> Template:
    """Read the template of the question for a check."""
    path = Path(__file__).parent / "templates" / "check.md.j2"
    made: Template = Template(path.read_text(encoding="utf-8"))
    return made


TASK = SelfImprovement()


@task
@with_options(Options)
def self_improvement(options: Options) -> inspect_ai.Task:
    """Answer an exercise many times, check the answers, and choose one."""
    return TASK.for_inspect(**options.model_dump())
