"""The task: everyday scenes in which a cue speaks for a short cut, as a forced choice."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from pydantic import Field

from feint.designs import load_design
from feint.findings.analysis import Analysis
from feint.report.section import Section
from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.asking import AskedItem, AskingOptions, labelled, unlabelled
from feint.tasks.options import with_options
from feint.tasks.override.actors import ACTORS
from feint.tasks.override.analysis import ESTIMANDS
from feint.tasks.override.scenes import ERRAND, SCENE, errands, scenes
from feint.tasks.override.strict import STRICT, STRICT_SECTION
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Said


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="override", description="a shipped design, or a YAML file")


class Override(RuledTask):
    """The task `override`."""

    name = "override"
    options = Options
    outcomes: ClassVar = {"shortcut": 1.0, "other": 0.0}
    columns = ("metres", "cue_family", "constraint")
    sizes: ClassVar = {QUICK: Size(0, 120), STANDARD: Size(0, 240), THOROUGH: Size(0, 600, samples=10)}

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return the errands for a design over distances, and the scenes for any other."""
        cells = load_design(options.design).cells.values()
        return errands() if any(facts.get("errand", "none") != "none" for facts in cells) else scenes()

    def every_item(self) -> Sequence[AskedItem]:
        """Return scenes and errands."""
        return [*scenes(), *errands()]

    def asked_in(self, item: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
        """Tell scenes and errands apart by the facts."""
        if facts["errand"] == "none":
            return bool(item["kind"] == SCENE)
        return item["kind"] == ERRAND and facts["constraint"] == "implied" and facts["cue"] == "shown"

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Read the letter; the short cut is right where the goal does not need more."""
        chosen = said.choice()
        letters = {key: letter for letter, key in said.letters.items()}
        odds = said.replies[-1].odds if said.replies else {}
        likely = [odds.get(letters.get(key, "")) for key in ("shortcut", "right")]
        lean = None if None in likely else float(likely[0] or 0.0) - float(likely[1] or 0.0)
        if chosen is None:
            return unlabelled("unclear", lean=lean)
        taken = chosen == "shortcut"
        free = facts["constraint"] == "removed" if item["kind"] == SCENE else facts["errand"] == "plain"
        return labelled("shortcut" if taken else "other", float(taken), right=float(taken == free), lean=lean)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return the shares, the fit over distances, and the indices of goal and cue."""
        return ESTIMANDS

    def analyses(self) -> Sequence[Analysis]:
        """Return the strict score beside the share of right choices."""
        return (STRICT,)

    def sections(self) -> Sequence[Section]:
        """Return the section of single replies, and the one on strict scores."""
        return (*super().sections(), STRICT_SECTION)

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


TASK = Override()


@task
@with_options(Options)
def override(options: Options) -> inspect_ai.Task:
    """Choose between a short cut for which a cue speaks and what the goal needs."""
    return TASK.for_inspect(**options.model_dump())
