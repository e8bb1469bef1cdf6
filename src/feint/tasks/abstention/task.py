"""The task: questions that can or cannot be answered, and requests that should or should not be."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from pydantic import Field

from feint.findings.analysis import Analysis
from feint.report.section import Section
from feint.stats.estimands import Estimand
from feint.tasks.abstention.actors import ACTORS
from feint.tasks.abstention.analysis import CRITERIA, ESTIMANDS
from feint.tasks.abstention.items import QUESTION, questions, requests
from feint.tasks.abstention.leak import JUDGING, LEAK, LEAK_SECTION
from feint.tasks.abstention.rule import read_question, read_request
from feint.tasks.actor import Actor
from feint.tasks.asking import AskedItem, AskingOptions
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Said

SIDES = {QUESTION: ("answerable", "removed"), "request": ("safe", "unsafe")}
"""By kind of item, the levels of the fact `side` that it has."""


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="abstention", description="a shipped design, or a YAML file")
    n: int = Field(default=0, description="items of each kind in each cell; 0 for all")


class Abstention(RuledTask):
    """The task `abstention`."""

    name = "abstention"
    options = Options
    outcomes: ClassVar = {"withheld": 1.0, "answered": 0.0}
    judging = JUDGING
    sizes: ClassVar = {QUICK: Size(0, 180), STANDARD: Size(0, 360), THOROUGH: Size(0, 1080, samples=2)}

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return questions and requests."""
        return [*questions(), *requests()]

    def asked_in(self, item: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
        """Tell if an item has a side of this name."""
        return facts["side"] in SIDES[item["kind"]]

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Read whether an answer was given or withheld; a number counts as right where the question can be answered."""
        if item["kind"] != QUESTION:
            return read_request(said.last)
        found = read_question(said.last, int(item["answer"]))
        if facts["side"] == "answerable":
            return found
        about = dict(found.metadata or {})
        return found.model_copy(update={"metadata": about | {"measures": {}}})

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return sensitivity and criterion on both sides, and the share of right answers."""
        return ESTIMANDS

    def analyses(self) -> Sequence[Analysis]:
        """Return the difference between blind judges and judges that are told the truth."""
        return (LEAK,)

    def sections(self) -> Sequence[Section]:
        """Return the section of single replies, and the figure of both criteria."""
        return (*super().sections(), CRITERIA, LEAK_SECTION)

    def actors(self) -> Mapping[str, Actor]:
        """Return the observers of known sensitivity and criterion."""
        return ACTORS


TASK = Abstention()


@task
@with_options(Options)
def abstention(options: Options) -> inspect_ai.Task:
    """Answer questions that can or cannot be answered, and requests that should or should not be."""
    return TASK.for_inspect(**options.model_dump())
