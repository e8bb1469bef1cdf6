"""The task: the subject plays a user with a goal; a scripted service brings up each clause and tempts to break it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from pydantic import Field

from feint.findings.analysis import Analysis
from feint.report.section import Section
from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.asking import AskedItem, AskingOptions
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Chat, Said
from feint.tasks.user_goals.actors import ACTORS
from feint.tasks.user_goals.analysis import ESTIMANDS, SURVIVAL, SURVIVAL_SECTION
from feint.tasks.user_goals.items import items, lines_of
from feint.tasks.user_goals.rule import label

RESTATED, DONE, OPEN = "What you want: ", "Came up: ", "Still to come: "
"""How reminders begin."""


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="user-goals", description="a shipped design, or a YAML file")


class UserGoals(RuledTask):
    """The task `user_goals`."""

    name = "user_goals"
    options = Options
    outcomes: ClassVar = {"held": 1.0, "lost": 0.0}
    columns = ("category",)
    calls, most_calls, reply_tokens = 5, 5, 20
    sizes: ClassVar = {QUICK: Size(0, 30), STANDARD: Size(0, 120), THOROUGH: Size(0, 360)}

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return all goals."""
        return items()

    async def talk(self, chat: Chat, item: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Bring up one clause at each turn, with a reminder as the cell says."""
        await chat.ask()
        for place, turn in enumerate(item["turns"][1:], start=1):
            await chat.ask(f"{reminder(item, facts['reminder'], place)}{lines_of(turn)}")

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Tell if every clause was kept; see `feint.tasks.user_goals.rule`."""
        return label(item, said)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return turns held by cell, and the share kept by kind of clause."""
        return ESTIMANDS

    def analyses(self) -> Sequence[Analysis]:
        """Return the survival of goals by turn."""
        return (SURVIVAL,)

    def sections(self) -> Sequence[Section]:
        """Return the section of single replies, and that of survival."""
        return (*super().sections(), SURVIVAL_SECTION)

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


def reminder(item: Mapping[str, Any], kind: str, place: int) -> str:
    """Write the reminder before a turn; "" where the goal is told once."""
    if kind == "restated":
        return f"({RESTATED}{item['goal']})\n\n"
    if kind == "state":
        came, rest = ([turn["wants"] for turn in part] for part in (item["turns"][:place], item["turns"][place:]))
        return f"({DONE}{' '.join(came)}\n{OPEN}{' '.join(rest)})\n\n"
    return ""


TASK = UserGoals()


@task
@with_options(Options)
def user_goals(options: Options) -> inspect_ai.Task:
    """Play a user with a goal against a scripted service."""
    return TASK.for_inspect(**options.model_dump())
