"""Defines an actor: a program of known behaviour that answers as a model would. Every task may bring some.

An actor's behaviour is planted, so a study of it is right or wrong. Its class is a pydantic model; each numeric
field is a parameter that a name can replace: `actor/NAME?rate=0.3`. With one measure, an actor needs two methods:

    class Guesser(Actor):
        about: str = "answers yes at a known rate"
        rate: float = Field(default=0.5, ge=0, le=1)

        def reply(self, messages, tools, key):
            return say("yes" if random.Random(key).random() < self.rate else "no")

        def planted(self, design):
            return Planted(rates=dict.fromkeys(design.cells, self.rate))
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict

from feint.base.data import checked
from feint.base.errors import UsageError, unknown
from feint.designs import Design

if TYPE_CHECKING:  # Inspect takes a second to import, and a simulated study needs none of it
    from inspect_ai.model import ChatMessage, ModelOutput, StopReason
    from inspect_ai.tool import ToolInfo

NUMBERS = (int, float, float | None)
"""Types of the fields that are parameters."""


@dataclass(frozen=True)
class Planted:
    """Holds the true values that a study of an actor should recover.

    Attributes:
        explanations: The explanations that a right decision names.
        rates: By cell, the population mean of the task's first measure, in the unit of that measure.
        estimates: By name of an estimand (a contrast, a slope, d′), its true value in the estimand's own unit.
    """

    explanations: tuple[str, ...] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    estimates: Mapping[str, float] = field(default_factory=dict)


class Actor(BaseModel, ABC):
    """A program of known behaviour that answers as a model would.

    Attributes:
        about: The behaviour in plain words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: ClassVar[str] = "actor"
    """The provider whose streams of random numbers it uses: "actor", or "agent" for actors that work with tools."""
    unhashed: ClassVar[frozenset[str]] = frozenset({"about", "explanations"})
    """Fields on which no reply depends."""

    about: str

    @classmethod
    def parameters(cls) -> tuple[str, ...]:
        """The names of the numbers that can be replaced: every numeric field."""
        return tuple(name for name, known in cls.model_fields.items() if known.annotation in NUMBERS)

    def replaced(self, numbers: Mapping[str, object], source: object) -> Self:
        """Return the same actor with other numbers by parameter; an error about one names `source`."""
        return checked(type(self), self.model_dump() | dict(numbers), source) if numbers else self

    def sha256(self) -> str:
        """Hash (64 hexadecimal digits) everything that a reply depends on, except the prompt and the key."""
        return hashlib.sha256(self.model_dump_json(exclude=set(self.unhashed)).encode()).hexdigest()

    def salt(self) -> tuple[object, ...]:
        """Return plain values that pick another stream of random numbers; actors of equal salt share their draws."""
        return (self.kind,)

    @abstractmethod
    def reply(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ModelOutput:
        """Write the next reply of a conversation.

        Args:
            messages: The whole conversation; the messages before the first reply are the prompt.
            tools: The tools that are offered.
            key: A 128-bit number that fixes every draw. It is the same in all turns of a conversation.

        Returns:
            One choice; see `say`. The caller adds the ids of tool calls and the numbers of tokens.

        Raises:
            UsageError: The actor cannot read the prompt.
        """

    @abstractmethod
    def planted(self, design: Design) -> Planted:
        """Return what a study of this actor under a design should recover."""


def read_number(key: str, value: object, source: object) -> float:
    """Read the value of a parameter.

    >>> read_number("rate", "0.5", "actor/guarded")
    0.5

    Raises:
        UsageError: It is no number.
    """
    try:
        return float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError):
        raise UsageError(f"{source}: key '{key}': expected a number, found {value!r}") from None


Known = TypeVar("Known", bound=Actor)


def choose(
    name: str, actors: Mapping[str, Known], given: Mapping[str, object] | None = None, kind: str = "actor"
) -> Known:
    """Choose an actor by name, with some of its numbers replaced.

    Args:
        name: Its name, and after a question mark, numbers: `NAME?KEY=NUMBER&KEY=NUMBER`.
        actors: The actors there are, by name.
        given: More numbers by key.
        kind: The provider that the user named, for errors.

    Raises:
        UsageError: No such actor or key, a key that is given twice, or a number that does not fit.
    """
    bare, _, query = name.partition("?")
    if bare not in actors:
        raise unknown(kind, bare, actors)
    source = f"{kind}/{name}"
    try:
        pairs: list[tuple[str, object]] = list(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        raise UsageError(f"{source}: expected NAME?KEY=NUMBER&KEY=NUMBER") from None
    pairs += list((given or {}).items())
    for key, _ in pairs:
        if key not in actors[bare].parameters():
            raise UsageError(f"{source}: {unknown('number', key, actors[bare].parameters())}")
    if len(dict(pairs)) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise UsageError(f"{source}: '{twice}' stands twice; give each number once")
    return actors[bare].replaced(dict(pairs), source)


def say(
    text: str,
    *,
    thoughts: str = "",
    calls: Sequence[tuple[str, Mapping[str, object]]] = (),
    stop: StopReason | None = None,
    odds: Mapping[str, float] | None = None,
) -> ModelOutput:
    """Make the output of one reply.

    Args:
        text: The text of the reply.
        thoughts: Native reasoning, apart from the text.
        calls: The name of each tool that is called, with its arguments.
        stop: Why the reply ends; "tool_calls" or "stop" if it is not stated.
        odds: Log-probability of the first token by letter, where the actor gives any.

    >>> say("yes").completion
    'yes'
    >>> say("", calls=[("look", {"at": "map"})]).choices[0].stop_reason
    'tool_calls'
    """
    from inspect_ai.model import (
        ChatCompletionChoice,
        ChatMessageAssistant,
        ContentReasoning,
        ContentText,
        Logprob,
        Logprobs,
        ModelOutput,
        TopLogprob,
    )
    from inspect_ai.tool import ToolCall

    made = [ToolCall(id=str(place), function=name, arguments=dict(given)) for place, (name, given) in enumerate(calls)]
    message = ChatMessageAssistant(
        content=[ContentReasoning(reasoning=thoughts), ContentText(text=text)] if thoughts else text,
        tool_calls=made or None,
        source="generate",
    )
    reason: StopReason = stop or ("tool_calls" if made else "stop")
    likely = [TopLogprob(token=letter, logprob=value) for letter, value in (odds or {}).items()]
    first = (
        Logprobs(content=[Logprob(token=text[:1], logprob=odds.get(text[:1], 0.0), top_logprobs=likely)])
        if odds
        else None
    )
    return ModelOutput(choices=[ChatCompletionChoice(message=message, stop_reason=reason, logprobs=first)])
