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
    """An actor that reads a fact at a known rate and guesses otherwise; of one fact it may notice nothing.

    Of a fact that it misses it says what holds by default: that there is none of it, or that nothing is said about it.
    """

    rate: float = Field(default=1, ge=0, le=1)
    missed: str = ""

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Answer with a letter. A fact that is missed is taken to be at a usual level, where one is on offer.

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
                said = (letters.get(fact.levels[level].meaning) for level in usual_levels(self.missed))
                answer = next((letter for letter in said if letter), answer)
        return say(f"<reply>\n{answer}\n</reply>")

    def planted(self, design: Design) -> Planted:
        """Return the share of right answers of every cell."""
        facts = asked_facts(list(design.cells.values()))
        chances = {fact: self.rate + (1 - self.rate) / len(levels) for fact, levels in facts.items()}
        levels = facts.get(self.missed, [])
        usual = next((level for level in usual_levels(self.missed) if level in levels), None) if levels else None
        missed = [self.missed] if usual else []
        rates = {}
        for name, cell in design.cells.items():
            wrong = {fact: float(cell[fact] == usual) for fact in missed}
            rates[name] = sum((chances | wrong).values()) / len(facts)
        return Planted(("training_missed",) if missed == ["trained"] else (), rates)


def usual_levels(fact: str) -> list[str]:
    """List the levels at which a fact is taken to be by who read nothing about it; of a question, the first counts."""
    about = load_facts()[fact]
    return [about.default, *([about.unstated] if about.unstated else [])]


ACTORS = {
    "reader": Reader(about="reads every fact"),
    "dice": Reader(about="guesses every answer", rate=0),
    "misreader": Reader(about="reads every fact except that it is trained", missed="trained"),
}
