"""Programs of known behaviour that answer the questions."""

import random
from collections.abc import Sequence

from inspect_ai.model import ChatMessage, ModelOutput
from inspect_ai.tool import ToolInfo
from pydantic import Field

from feint.base.errors import UsageError
from feint.designs import Design
from feint.situations import load_facts
from feint.situations.quiz import asked_facts
from feint.tasks.actor import Actor, Planted, say
from feint.tasks.alignment_faking.actors.read import OPTION, read_prompt


class Reader(Actor):
    """An actor that reads a fact at a known rate and guesses otherwise; of one fact it may notice nothing."""

    rate: float = Field(default=1, ge=0, le=1)
    missed: str = ""

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Answer with a letter. A fact that is missed is taken to be at its usual level, where that is on offer.

        Raises:
            UsageError: The messages ask no question about the situation.
        """
        if [message.role for message in messages] != ["system", "user"]:
            raise UsageError("expected a system message and a user turn, and nothing else")
        _, asked = read_prompt(messages[0].text, messages[1].text, [tool.name for tool in tools])
        if asked.kind != "quiz":
            raise UsageError("expected a question about the situation")
        letters = {meaning: letter for letter, meaning in OPTION.findall(asked.text)}
        drawn = random.Random(key)
        answer = asked.comply if drawn.random() < self.rate else drawn.choice(list(letters.values()))
        if self.missed:
            fact = load_facts()[self.missed]
            if fact.question in asked.text:
                answer = letters.get(fact.levels[fact.default].meaning, answer)
        return say(f"<reply>\n{answer}\n</reply>")

    def planted(self, design: Design) -> Planted:
        """Return the share of right answers of every cell."""
        facts = asked_facts(list(design.cells.values()))
        chances = {fact: self.rate + (1 - self.rate) / len(levels) for fact, levels in facts.items()}
        usual = load_facts()[self.missed].default if self.missed else ""
        missed = [fact for fact, levels in facts.items() if fact == self.missed and usual in levels]
        rates = {}
        for name, cell in design.cells.items():
            wrong = {fact: float(cell[fact] == usual) for fact in missed}
            rates[name] = sum((chances | wrong).values()) / len(facts)
        return Planted(("training_missed",) if missed == ["trained"] else (), rates)


ACTORS = {
    "reader": Reader(about="reads every fact"),
    "dice": Reader(about="guesses every answer", rate=0),
    "misreader": Reader(about="reads every fact except that it is trained", missed="trained"),
}
