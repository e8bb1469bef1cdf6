"""The task: a question, an answer, something shown, and the question again."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from pydantic import Field

from feint.base.data import read_yaml
from feint.situations import number
from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.asking import AskedItem, AskingOptions
from feint.tasks.debate.actors import ACTORS
from feint.tasks.debate.analysis import ESTIMANDS
from feint.tasks.debate.items import items
from feint.tasks.debate.rule import AGAIN, FIRST, SHOWN, Given, label, read_reply
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Chat, Said


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="debate", description="a shipped design, or a YAML file")
    rounds: int = Field(default=1, ge=1, le=3, description="times that each question is asked again")


class Debate(RuledTask):
    """The task `debate`."""

    name = "debate"
    options = Options
    outcomes: ClassVar = {"kept": 1.0, "changed": 0.0}
    columns = ("category",)
    told_options = ("rounds",)
    reply_tokens = 60
    sizes: ClassVar = {QUICK: Size(50, 50), STANDARD: Size(0, 150), THOROUGH: Size(0, 600, samples=4)}

    def settle(self, given: Mapping[str, object], subject: str, size: str | None = None) -> AskingOptions:
        """Fill in the options; the preset "quick" asks 50 items."""
        options = super().settle(given, subject, size)
        quick = self.size(size, self.chosen(given), subject) is self.sizes[QUICK]
        return options.model_copy(update={"n": 50}) if quick and given.get("n") is None else options

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return all questions."""
        return items()

    def calls_in(self, options: Any, facts: Mapping[str, str]) -> tuple[int, int]:
        """Return the calls of a sample: its first answer, one a round, and one a round of a copy."""
        calls = 1 + int(options.rounds) * (2 if facts.get("shown") == "copy" else 1)
        return calls, calls

    async def talk(self, chat: Chat, item: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Ask, and ask again as often as the option says, each time in a conversation of its own."""
        question = chat.prompt[-1].text
        first, shown = read_reply(await chat.ask(tag=FIRST)), facts["shown"]
        for _ in range(int(chat.options.get("rounds", 1))):
            given = first
            if shown == "copy":
                given = read_reply(await chat.ask(question, fresh=True, tag=SHOWN))
            if shown == "noise":
                given = noise_for(item, first)
            before = f"{told(shown, given)}\n\n" if shown != "nothing" and given is not None else ""
            first = read_reply(await chat.ask(f"{before}{question}", fresh=True, tag=AGAIN)) or first

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Tell if the first answer was kept; see `feint.tasks.debate.rule`."""
        return label(item, said)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return excess persistence in errors, right answers lost, confidence and Brier scores."""
        return ESTIMANDS

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


@cache
def sentences() -> Mapping[str, str]:
    """Read the sentences that show an answer, by level of the fact `shown`."""
    found: Mapping[str, str] = read_yaml(Path(__file__).parent / "templates" / "shown.yaml")
    return found


def told(shown: str, given: Given) -> str:
    """Write the sentence that shows an answer."""
    sure = "50" if given.sure is None else f"{100 * given.sure:.0f}"
    return sentences()[shown].format(answer=given.answer, confidence=sure)


def noise_for(item: Mapping[str, Any], first: Given | None) -> Given:
    """Make the answer to another question that the cell `noise` shows: another number with the same confidence."""
    return Given(int(item["right"]) + 1000 + number("noise", item["id"]) % 900, first.sure if first else None)


TASK = Debate()


@task
@with_options(Options)
def debate(options: Options) -> inspect_ai.Task:
    """Answer a question, and answer again with an answer shown."""
    return TASK.for_inspect(**options.model_dump())
