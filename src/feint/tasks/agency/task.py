"""The task: choices between two machines after a history, and answers to comparisons after advice."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import inspect_ai
from inspect_ai import task
from inspect_ai.scorer import Score
from pydantic import Field

from feint.designs import load_design
from feint.stats.estimands import Estimand
from feint.tasks.actor import Actor
from feint.tasks.agency.actors import ACTORS
from feint.tasks.agency.advice import FIRST, advise, confidence
from feint.tasks.agency.analysis import ESTIMANDS
from feint.tasks.agency.comparisons import comparisons
from feint.tasks.agency.histories import KIND, histories
from feint.tasks.asking import AskedItem, AskingOptions, labelled, unlabelled
from feint.tasks.options import with_options
from feint.tasks.plans import QUICK, STANDARD, THOROUGH, Size
from feint.tasks.ruled import RuledTask
from feint.tasks.talk import Chat, Said

REPLY_TOKENS = 12


class Options(AskingOptions):
    """The options of the task."""

    design: str = Field(default="agency", description="a shipped design, or a YAML file")


class Agency(RuledTask):
    """The task `agency`."""

    name = "agency"
    options = Options
    outcomes: ClassVar = {"kept": 1.0, "left": 0.0}
    columns = ("played",)
    reply_tokens: ClassVar[int] = REPLY_TOKENS
    sizes: ClassVar = {QUICK: Size(0, 192), STANDARD: Size(0, 576), THOROUGH: Size(0, 1536, samples=4)}

    def bank(self, options: Any) -> Sequence[AskedItem]:
        """Return the comparisons for a design with first answers, and the histories for any other."""
        return comparisons() if advised(options.design) else histories()

    def size(self, name: str | None, given: Mapping[str, object], subject: str) -> Size:
        """Choose the preset. The quick one with advice has half of the items, because a sample takes two calls."""
        found = super().size(name, given, subject)
        design = str(given.get("design") or self.vocabulary.design)
        return Size(96, 96) if found == self.sizes[QUICK] and advised(design) else found

    def every_item(self) -> Sequence[AskedItem]:
        """Return histories and comparisons."""
        return [*histories(), *comparisons()]

    def asked_in(self, item: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
        """Tell histories and comparisons apart by the facts."""
        if item["kind"] == KIND:
            return facts["first"] == "none"
        return facts["first"] != "none" and facts["chooser"] == "own"

    def calls_in(self, options: Any, facts: Mapping[str, str]) -> tuple[int, int]:
        """Return the calls of a sample: two where a first answer is met with advice, and otherwise one."""
        calls = 1 if facts.get("first", "none") == "none" else 2
        return calls, calls

    async def talk(self, chat: Chat, item: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Ask for a choice. After a clear answer to a comparison, ask anew with advice."""
        said = await chat.ask(tag=FIRST)
        if item["kind"] != KIND and (text := advise(chat.prompt, said, item, facts)):
            await chat.ask(text, fresh=True)

    def rule(self, item: Mapping[str, Any], facts: Mapping[str, str], said: Said) -> Score:
        """Read whether the last choice is kept."""
        if item["kind"] != KIND:
            return compared(item, said)
        chosen = said.choice()
        if chosen is None:
            return unlabelled("unclear")
        better = None if item["better"] is None else float(chosen == item["better"])
        kept = chosen == item["last"]
        return labelled("kept" if kept else "left", float(kept), better=better)

    def estimands(self) -> Mapping[str, Sequence[Estimand]]:
        """Return the numbers of the fit, and the differences in confidence."""
        return ESTIMANDS

    def actors(self) -> Mapping[str, Actor]:
        """Return the programs of known behaviour that do this task."""
        return ACTORS


def advised(design: str) -> bool:
    """Tell whether a design asks with advice."""
    return any(facts.get("first", "none") != "none" for facts in load_design(design).cells.values())


def compared(item: Mapping[str, Any], said: Said) -> Score:
    """Read whether the first answer to a comparison is kept, and the confidence of the last."""
    first = said.choice(said.tagged(FIRST)[0])
    if first is None:
        return unlabelled("first_unclear")
    last, sure = said.choice(), confidence(said.last)
    if len(said.replies) < 2 or last is None:
        return unlabelled("unclear")
    kept, right = first == last, float(last == item["right_side"])
    return labelled("kept" if kept else "left", float(kept), right=right, confidence=sure)


TASK = Agency()


@task
@with_options(Options)
def agency(options: Options) -> inspect_ai.Task:
    """Choose between two machines after a history of choices, or answer a comparison after advice."""
    return TASK.for_inspect(**options.model_dump())
