"""Agents as Inspect models: `agent/NAME`, with numbers replaced as in `agent/NAME?rate=0.3` or by model arguments."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from feint.subjects.engine.jobs import stream_key
from feint.subjects.programs import ProgramAPI, place_of_call
from feint.tasks.peer_preservation.actors.load import agent_hash, get_agent
from feint.tasks.peer_preservation.actors.program import Heard, Spoken, respond

CALL_ID = re.compile(r"call-([0-9a-f]{32})-\d+-\d+", re.ASCII)


class AgentAPI(ProgramAPI):
    """An agent behind Inspect's interface.

    All turns of a conversation are a function of its prompt, of what the tools answered, of the first turn's seed and,
    within an eval, of the sample's id and epoch: the same at any concurrency and in a resumed run. Outside an eval, two
    conversations that begin alike differ only if their seeds do.
    """

    kind = "agent"

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        """Find the agent.

        Args:
            model_name: Its name, after a question mark with numbers.
            base_url: Not for agents.
            api_key: Ignored.
            config: Defaults for generation; the seed alone counts.
            model_args: More numbers.

        Raises:
            UsageError: There is no such agent or number, or a number does not fit.
        """
        self.agent = get_agent(model_name, model_args)
        super().__init__(model_name, base_url, api_key, config, agent_hash(self.agent))

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Make the next calls. What the agent cannot make sense of is answered by a text without a call.

        Args:
            input: The conversation: what comes before the first reply is the prompt.
            tools: What can be called.
            tool_choice: Ignored.
            config: `seed` and `num_choices` are honoured.
        """
        await asyncio.sleep(0)  # lets Inspect interrupt, and show, what would otherwise never wait
        system, user, past = heard_so_far(input)
        keys = self._keys(input, system + user, config)
        names = [tool.name for tool in tools]
        replies = [respond(self.agent, system, user, past, names, key) for key in keys]
        read = await self.count_tokens(input)
        written = sum([await self.count_text_tokens(_written(reply)) for reply in replies])
        return ModelOutput(
            model=self.model_name,
            choices=[self._choice(reply, key, len(past)) for reply, key in zip(replies, keys, strict=True)],
            usage=ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written),
        )

    def _keys(self, messages: Sequence[ChatMessage], prompt: str, config: GenerateConfig) -> list[int]:
        """What fixes every draw, for each choice: drawn in the first turn, and found in its calls in later ones."""
        choices = config.num_choices or 1
        begun = key_so_far(messages)
        if begun is not None:
            return [begun] * choices
        key = stream_key("agent", self.agent.population, prompt, config.seed, place_of_call().sample)
        return [stream_key(key, choice) if choice else key for choice in range(choices)]

    def _choice(self, reply: Spoken, key: int, turn: int) -> ChatCompletionChoice:
        made = [
            ToolCall(id=f"call-{key:032x}-{turn + 1}-{place}", function=call.tool, arguments=dict(call.arguments))
            for place, call in enumerate(reply.calls, start=1)
        ]
        message = ChatMessageAssistant(
            content=reply.text, tool_calls=made or None, model=self.model_name, source="generate"
        )
        stop: StopReason = "tool_calls" if made else "stop"
        return ChatCompletionChoice(message=message, stop_reason=stop)


def heard_so_far(messages: Sequence[ChatMessage]) -> tuple[str, str, list[list[Heard]]]:
    """Take a conversation apart.

    Args:
        messages: All of it.

    Returns:
        The system message, the user turn before the first reply, and what came of the calls of each turn; a call that
        nothing answered counts as refused.
    """
    begun = next((place for place, one in enumerate(messages) if one.role == "assistant"), len(messages))
    system, user = ("\n".join(one.text for one in messages[:begun] if one.role == role) for role in ("system", "user"))
    answers = {one.tool_call_id: one for one in messages if isinstance(one, ChatMessageTool)}
    past = [
        [_heard(call, answers.get(call.id)) for call in one.tool_calls]
        for one in messages
        if isinstance(one, ChatMessageAssistant) and one.tool_calls
    ]
    return system, user, past


def key_so_far(messages: Sequence[ChatMessage]) -> int | None:
    """The key of a conversation, which the id of its first call holds; None before there is one.

    A task may state another seed for every turn; a conversation is one draw all the same.
    """
    for one in messages:
        if isinstance(one, ChatMessageAssistant) and one.tool_calls:
            found = CALL_ID.fullmatch(one.tool_calls[0].id)
            return int(found[1], 16) if found else None
    return None


def _heard(call: ToolCall, answer: ChatMessageTool | None) -> Heard:
    if answer is None:
        return Heard(call.function, False, "")
    return Heard(call.function, answer.error is None, answer.error.message if answer.error else answer.text)


def _written(reply: Spoken) -> str:
    return reply.text + "".join(f"{call.tool}{dict(call.arguments)}" for call in reply.calls)
