"""The task: what a character does in a scene, told of or played, as a forced choice among moves of four levels."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from pydantic import Field

from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.asking import AskedItem, AskingOptions
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.role_play.actors import ACTORS
from feint.tasks.role_play.analysis import ESTIMANDS
from feint.tasks.role_play.items import items
from feint.tasks.role_play.rule import label
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Said


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="role-play", description="a shipped design, or a YAML file")


class RolePlay(RuledTask):
    """The task `role_play`."""

    name = "role_play"
    options = Options
    outcomes: ClassVar = {"in_character": 1.0, "softened": 0.0, "harsher": 0.0, "refused": 0.0}
    columns = ("level", "trade")
    sizes: ClassVar = {QUICK: Size(0, 144), STANDARD: Size(0, 288), THOROUGH: Size(0, 864, samples=3)}

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return all characters in their scenes."""
        return items()

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Read the move; see `feint.tasks.role_play.rule`."""
        return label(item, said)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return the slopes over moral levels, softening and refusal."""
        return ESTIMANDS

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


TASK = RolePlay()


@task
@with_options(Options)
def role_play(options: Options) -> inspect_ai.Task:
    """Say what a character does, or do it as the character."""
    return TASK.for_inspect(**options.model_dump())
