"""A model behind Inspect's interface that says, sample by sample, what was drawn for it."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any

from inspect_ai.log._samples import sample_active
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)
from inspect_ai.model._call_tools import parse_tool_call
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from peer_preservation.hostile_words import Reply, Script


class HostileAPI(ModelAPI):
    """Says what the script of a sample holds, turn by turn, and then nothing."""

    def __init__(self, model_name: str, **_: Any) -> None:
        super().__init__(model_name)
        self.scripts: Mapping[str, Script] = {}
        self.turns: dict[str, int] = {}

    def max_connections(self) -> int:
        return 64

    async def count_text_tokens(self, text: str) -> int:
        return len(text) // 4

    def said(self, id_: str) -> Script:
        """The replies that a sample got."""
        return self.scripts[id_][: self.turns.get(id_, 0)]

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        await asyncio.sleep(0)
        active = sample_active()
        assert active is not None
        id_ = str(active.sample.id)
        turn = self.turns[id_] = self.turns.get(id_, 0) + 1
        script = self.scripts[id_]
        reply = script[turn - 1] if turn <= len(script) else Reply("", (), "stop")
        choice = ChatCompletionChoice(message=_message(reply, turn, tools), stop_reason=reply.stop)
        return ModelOutput(
            model="scripted",
            choices=[choice] * (1 + reply.others),
            usage=ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2),
            error=reply.error,
        )


modelapi(name="hostile")(HostileAPI)


def hostile_model(scripts: Mapping[str, Script]) -> tuple[Model, HostileAPI]:
    """A model that says what the script of each sample holds."""
    model = get_model("hostile/scripted", memoize=False)
    assert isinstance(model.api, HostileAPI)
    model.api.scripts = scripts
    return model, model.api


def _message(reply: Reply, turn: int, tools: list[ToolInfo]) -> ChatMessageAssistant:
    calls = []
    for place, one in enumerate(reply.asked):
        id_ = f"call-{turn}-{place}" if one.id is None else one.id
        if isinstance(one.arguments, str):
            calls.append(parse_tool_call(id_, one.tool, one.arguments, tools))
        else:
            given = dict(one.arguments)
            calls.append(ToolCall(id_, one.tool, given, one.problem, type="custom" if one.custom else "function"))
    content = reply.content if isinstance(reply.content, str) else list(reply.content)
    return ChatMessageAssistant(content=content, tool_calls=calls or None, source="generate")


def written(replies: Iterable[Reply]) -> int:
    """Characters of JSON that the model wrote."""
    found = 0
    for reply in replies:
        content = reply.content if isinstance(reply.content, str) else [part.model_dump() for part in reply.content]
        found += _length(content) + _length([[one.id, one.tool, one.arguments, one.problem] for one in reply.asked])
    return found


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(json.dumps(value))
    if isinstance(value, Mapping):
        return sum(_length(key) + _length(own) for key, own in value.items())
    if isinstance(value, (list, tuple)):
        return sum(map(_length, value))
    return value.bit_length() // 3 if isinstance(value, int) else 8
