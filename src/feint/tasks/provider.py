"""Serves the actors of all tasks as Inspect models: `actor/NAME`, or `agent/NAME` as an older name of the same.

A number of an actor is replaced in the name, as in `actor/NAME?rate=0.3`, or by a model argument.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from feint.base.errors import UsageError
from feint.subjects.engine.generation import stream_key
from feint.subjects.keyed import KeyedModelAPI
from feint.tasks.registry import find_actor

CHARACTERS = 4
"""Characters that count as a token, so that budgets and plans have something to count."""
CALL_ID = re.compile(r"call-([0-9a-f]{32})-\d+-\d+", re.ASCII)


class ActorAPI(KeyedModelAPI):
    """An actor behind Inspect's interface. All turns of a conversation are one draw, by the seed of the first turn."""

    kind = "actor"

    def open(self, model_args: dict[str, Any]) -> None:
        """Find the actor by its name; numbers are given after a question mark or by arguments."""
        self.actor = find_actor(f"{self.kind}/{self.model_name}", model_args).actor
        self._hash = self.actor.sha256()  # Inspect asks for it at every reply

    def sha256(self) -> str:
        """Return the hash of the actor's numbers."""
        return self._hash

    def max_connections(self) -> int:
        """Return the number of calls in flight; each takes no time."""
        return 64

    async def count_text_tokens(self, text: str) -> int:
        """Count the tokens of a text."""
        return -(-len(text) // CHARACTERS)

    async def count_tokens(self, input: str | list[ChatMessage], config: GenerateConfig | None = None) -> int:
        """Count the tokens of a text or of messages."""
        text = input if isinstance(input, str) else "".join(message.text for message in input)
        return await self.count_text_tokens(text)

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Write a reply to a conversation. Of `config`, `seed` and `num_choices` are honoured."""
        await asyncio.sleep(0)  # lets Inspect interrupt, and show, what would otherwise never wait
        try:
            choices = [self._choice(input, tools, key) for key in self._keys(input, config)]
        except UsageError as error:
            known = "Actors read only what the tasks of feint ask; see docs/actors.md"
            raise UsageError(f"{self.kind}/{self.model_name}: {error}. {known}") from None
        read = await self.count_tokens(input)
        written = sum([await self.count_text_tokens(_written(choice.message)) for choice in choices])
        usage = ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written)
        return ModelOutput(model=self.model_name, choices=choices, usage=usage)

    def _choice(self, messages: Sequence[ChatMessage], tools: Sequence[ToolInfo], key: int) -> ChatCompletionChoice:
        """Write a reply; the ids of its calls hold the key for later turns of the conversation."""
        choice = self.actor.reply(messages, tools, key).choices[0]
        turn = 1 + sum(bool(one.tool_calls) for one in messages if isinstance(one, ChatMessageAssistant))
        for place, call in enumerate(choice.message.tool_calls or [], start=1):
            call.id = f"call-{key:032x}-{turn}-{place}"
        choice.message.model = self.model_name
        return choice

    def _keys(self, messages: Sequence[ChatMessage], config: GenerateConfig) -> list[int]:
        """Return the key of each choice: drawn in the first turn, and found in its calls in later turns."""
        choices = config.num_choices or 1
        begun = key_so_far(messages)
        if begun is not None:
            return [begun] * choices
        prompt = list(takewhile(lambda message: message.role != "assistant", messages))
        text = "".join(message.text for message in prompt)
        key = self.draw_key(*self.actor.salt(), text, seed=config.seed, begins=len(prompt) == len(messages))
        return [stream_key(key, choice) if choice else key for choice in range(choices)]


class AgentAPI(ActorAPI):
    """The same under an older name, `agent/NAME`."""

    kind = "agent"


def key_so_far(messages: Sequence[ChatMessage]) -> int | None:
    """Find the key of a conversation in the id of its first tool call; None before there is a call.

    A task may state another seed for every turn; a conversation is one draw all the same.
    """
    for one in messages:
        if isinstance(one, ChatMessageAssistant) and one.tool_calls:
            found = CALL_ID.fullmatch(one.tool_calls[0].id)
            return int(found[1], 16) if found else None
    return None


def _written(message: ChatMessageAssistant) -> str:
    """Everything that a reply writes: thoughts, text, and calls with their arguments."""
    thoughts = "".join(part.reasoning for part in message.content if part.type == "reasoning") if isinstance(
        message.content, list
    ) else ""  # fmt: skip
    return thoughts + message.text + "".join(f"{call.function}{call.arguments}" for call in message.tool_calls or [])
