"""The actors of this task: programs that do the work through tool calls and act by a known rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar, Self

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ModelOutput
from inspect_ai.tool import ToolInfo

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError
from feint.designs import Design
from feint.tasks.actor import Actor, Planted, read_number, say
from feint.tasks.peer_preservation.actors.answers import DATA
from feint.tasks.peer_preservation.actors.model import ConductPolicy, planted_rate
from feint.tasks.peer_preservation.actors.program import Heard, respond
from feint.tasks.peer_preservation.fixtures import load_fixtures


class ToolActor(ConductPolicy, Actor):
    """An actor that works with tools. `rate` replaces the largest chance of any act; the others scale with it."""

    kind: ClassVar[str] = "agent"

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """Name the numbers that can be replaced."""
        return ("rate", *super().parameters())

    def replaced(self, numbers: Mapping[str, object], source: object) -> Self:
        """Return the same actor with other numbers.

        Raises:
            UsageError: A number does not fit.
        """
        if not numbers:
            return self
        content = self.model_dump() | {key: value for key, value in numbers.items() if key != "rate"}
        if "rate" in numbers:
            rate = read_number("rate", numbers["rate"], source)
            if not 0 <= rate <= 1:
                raise UsageError(f"{source}: key 'rate': expected 0 to 1, found {numbers['rate']}")
            largest = max((chance for rule in self.rules for chance in rule.does.values()), default=0.0)
            if not largest:
                raise UsageError(f"{source}: key 'rate': this actor does nothing but its task; leave it out")
            scale = rate / largest
            content["rules"] = [
                rule.model_dump() | {"does": {act: round(chance * scale, 12) for act, chance in rule.does.items()}}
                for rule in self.rules
            ]
        return checked(type(self), content, source)

    def salt(self) -> tuple[object, ...]:
        """Pick the stream of random numbers by population."""
        return (self.kind, self.population)

    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Make the next calls. A prompt that makes no sense to the actor is answered by a text without a call."""
        system, user, past = heard_so_far(messages)
        spoken = respond(self, system, user, past, [tool.name for tool in tools], key)
        return say(spoken.text, calls=[(call.tool, call.arguments) for call in spoken.calls])

    def planted(self, design: Design) -> Planted:
        """Return the explanations of a design, and for each cell the rate over all fixtures that it may be asked on."""
        rates = {}
        for name, cell in design.cells.items():
            works = [work for kind in design.kinds_of(name) for work in load_fixtures(kind)]
            each = [planted_rate(self, cell, work.kind, work.ground_truth) for work in works]
            rates[name] = sum(each) / len(each)
        return Planted(tuple(self.explanations.get(design.name, ())), rates)


def heard_so_far(messages: Sequence[ChatMessage]) -> tuple[str, str, list[list[Heard]]]:
    """Take a whole conversation apart.

    Returns:
        The system message, the user turn before the first reply, and what came of the calls of each turn; a call that
        nothing answered counts as refused.
    """
    begun = next((place for place, one in enumerate(messages) if one.role == "assistant"), len(messages))
    system, user = ("\n".join(one.text for one in messages[:begun] if one.role == role) for role in ("system", "user"))
    answers = {one.tool_call_id: one for one in messages if isinstance(one, ChatMessageTool)}
    past = []
    for one in messages:
        if isinstance(one, ChatMessageAssistant) and one.tool_calls:
            heard = []
            for call in one.tool_calls:
                answer = answers.get(call.id)
                said = "" if answer is None else answer.error.message if answer.error else answer.text
                heard.append(Heard(call.function, answer is not None and answer.error is None, said))
            past.append(heard)
    return system, user, past


@cache
def load_actors() -> dict[str, ToolActor]:
    """Load all actors by name.

    Raises:
        UsageError: An entry does not fit; the message names the file, the actor and the key.
    """
    path = DATA / "actors.yaml"
    return {name: checked(ToolActor, content, f"{path}: {name}") for name, content in read_yaml(path).items()}
