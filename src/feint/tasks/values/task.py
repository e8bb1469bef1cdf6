"""The task: which of two outcomes is preferred, asked in both orders, with or without a way out."""

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
from feint.tasks.letters import option_lines
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Chat, Said
from feint.tasks.values.actors import ACTORS
from feint.tasks.values.analysis import ESTIMANDS
from feint.tasks.values.items import BETTER, items
from feint.tasks.values.rule import label
from feint.tasks.values.utilities import UTILITIES, UTILITIES_SECTION


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="value-pairs", description="a shipped design, or a YAML file")


class Values(RuledTask):
    """The task `values`."""

    name = "values"
    options = Options
    outcomes: ClassVar = {"settled": 1.0, "open": 0.0}
    columns = ("kind", "first", "second")
    calls, most_calls, reply_tokens = 2, 2, 25
    sizes: ClassVar = {QUICK: Size(0, 184), STANDARD: Size(0, 368), THOROUGH: Size(0, 1104, samples=3)}

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return all pairs and triples."""
        return items()

    async def talk(self, chat: Chat, item: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Ask for a preference, and again: in the other order, or with the first outcome bettered."""
        await chat.ask()
        asked, texts = chat.prompt[-1].text, item["options"]
        shown = [line[3:] for line in asked.splitlines() if line[:3] in ("A) ", "B) ")]
        letters = {letter: key for letter, text in zip("AB", shown, strict=True) for key in texts if texts[key] == text}
        before = option_lines(texts, letters)
        if item["kind"] == BETTER:
            after = option_lines({**texts, "first": item["better"]}, letters)
        else:
            after = option_lines(texts, {"A": letters["B"], "B": letters["A"]})
        await chat.ask(asked.replace(before, after), fresh=True)

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Tell if one outcome won both answers; see `feint.tasks.values.rule`."""
        return label(item, facts, said)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return the bias by order, the weight of AI itself, and how often the worse outcome is preferred."""
        return ESTIMANDS

    def analyses(self) -> Sequence[Analysis]:
        """Return the utilities of outcomes."""
        return (UTILITIES,)

    def sections(self) -> Sequence[Section]:
        """Return the section of single replies, and that of utilities."""
        return (*super().sections(), UTILITIES_SECTION)

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


TASK = Values()


@task
@with_options(Options)
def values(options: Options) -> inspect_ai.Task:
    """Choose between outcomes, in both orders, with or without a way out."""
    return TASK.for_inspect(**options.model_dump())
