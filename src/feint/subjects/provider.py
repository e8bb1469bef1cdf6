"""Organisms as Inspect models: `organism/NAME` for a shipped one, `organism/PATH` for a folder.

`organism-completions/NAME` is the same model continuing raw text.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo

from feint.base.errors import UsageError
from feint.subjects.chat import ChatTokenizer, Message, read_calls
from feint.subjects.engine.engine import shared_engine
from feint.subjects.engine.generation import Reply, Source, TokenSampling, stream_key
from feint.subjects.keyed import KeyedModelAPI
from feint.subjects.store import find, fingerprint, read_json


class OrganismAPI(KeyedModelAPI):
    """An organism behind Inspect's interface; its replies are the same in any batch."""

    kind = "organism"
    source: Source | None = None

    def open(self, model_args: dict[str, Any]) -> None:
        """Find the organism by its name or the path of its folder, and let the workers start.

        Raises:
            UsageError: There is no such organism, its folder is incomplete, or torch is not installed.
        """
        if model_args:
            given = ", ".join(model_args)
            raise UsageError(f"organism/{self.model_name}: {given} is no option of organisms; leave it out.")
        self.organism = find(self.model_name)
        shared_engine().start()
        self._read()

    def sha256(self) -> str:
        """Return the fingerprint of the weights as they are now."""
        return fingerprint(self.organism)

    def max_connections(self) -> int:
        """Calls in flight; more than the engine computes at once, so that it never runs dry."""
        return 256

    def connection_key(self) -> str:
        """One pool per organism."""
        return self.model_name

    async def count_text_tokens(self, text: str) -> int:
        """Tokens in a text, by the organism's own tokenizer."""
        return len(self.tokenizer.encode(text))

    async def tokenize(self, text: str) -> list[int]:
        """Token ids of a text."""
        return self.tokenizer.encode(text)

    async def count_tokens(self, input: str | list[ChatMessage], config: GenerateConfig | None = None) -> int:
        """Tokens in a text, or in messages as the organism reads them."""
        text = input if isinstance(input, str) else self._render(input)
        return len(self.tokenizer.encode(text))

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Write a reply; a prompt that fills the context gives an empty one with stop reason `model_length`.

        Tools are shown by name and description where the chat template shows tools, and the model calls what it calls.
        Honoured are `temperature` (default 1), `top_p`, `top_k`, `max_tokens` (default: up to the context), `seed`,
        `stop_seqs` and `num_choices`.

        Raises:
            UsageError: Images were given, or tools to a model that only continues text.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError as error:
            raise UsageError("organisms run under asyncio only; set INSPECT_ASYNC_BACKEND=asyncio.") from error
        begun = time.monotonic()
        source = self._read()
        text = self._render(input, tools)
        prompt = tuple(self.tokenizer.encode(text))
        read = len(prompt)
        if read >= self.context:
            told = f"the prompt has {read} tokens, and {self.model_name} reads fewer than {self.context}; shorten it"
            output = ModelOutput.from_content(self.model_name, "", stop_reason="model_length", error=told)
            output.usage = ModelUsage(input_tokens=read, output_tokens=0, total_tokens=read)
            return output
        key = self.draw_key(text, seed=config.seed)
        # the text before the first user turn, or before the last message: a beginning that all turns share
        shared = "".join(one.text for one in takewhile(lambda message: message.role != "user", input[:-1]))
        sampling = TokenSampling(
            temperature=1.0 if config.temperature is None else config.temperature,
            top_p=1.0 if config.top_p is None else config.top_p,
            top_k=config.top_k or 0,
        )
        replies = await asyncio.gather(
            *(
                shared_engine().reply(
                    source,
                    prompt,
                    key=stream_key(key, choice) if choice else key,
                    max_tokens=config.max_tokens,
                    sampling=sampling,
                    stop=tuple(config.stop_seqs or ()),
                    group=shared or text,
                )
                for choice in range(config.num_choices or 1)
            )
        )
        written = sum(len(reply.tokens) for reply in replies)
        return ModelOutput(
            model=self.model_name,
            choices=[self._choice(reply, config, tools) for reply in replies],
            usage=ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written),
            time=time.monotonic() - begun,
            metadata={"weights": source.fingerprint},
        )

    def _read(self) -> Source:
        """Follow the files when they change: Inspect keeps this object for as long as the process lives."""
        source = self.organism.source
        if source != self.source:
            self.source = source
            self.tokenizer = ChatTokenizer(self.organism.base)
            self.context = int(read_json(self.organism.base / "config.json")["max_position_embeddings"])
        return source

    def _choice(self, reply: Reply, config: GenerateConfig, offered: Sequence[ToolInfo]) -> ChatCompletionChoice:
        text = self.tokenizer.decode(reply.tokens)
        cuts = [at for at in (text.find(stop) for stop in config.stop_seqs or ()) if at >= 0]
        text = text[: min(cuts)] if cuts else text
        text, called = read_calls(text) if offered else (text, [])
        calls = [
            ToolCall(id=f"call_{place}", function=name, arguments=arguments)
            for place, (name, arguments) in enumerate(called)
        ]
        message = ChatMessageAssistant(content=text, tool_calls=calls or None, model=self.model_name, source="generate")
        return ChatCompletionChoice(message=message, stop_reason="tool_calls" if calls else reply.stop)

    def _render(self, messages: list[ChatMessage], tools: Sequence[ToolInfo] = ()) -> str:
        for message in messages:
            kinds = {part.type for part in message.content} if isinstance(message.content, list) else set()
            if kinds - {"text", "reasoning"}:
                raise UsageError(
                    f"organism/{self.model_name}: organisms read text only, not {', '.join(sorted(kinds))}."
                )
        *before, last = messages
        told = before if before and last.role == "assistant" else messages
        text = self.tokenizer.render(
            [_plain(message) for message in told],
            [(tool.name, tool.description) for tool in tools],
        )
        # A last message of the organism's own is a reply to go on with.
        return text if told is messages else text + last.text


class OrganismCompletionsAPI(OrganismAPI):
    """An organism that continues a text as it stands, as Inspect's other `*-completions` providers do."""

    def _render(self, messages: list[ChatMessage], tools: Sequence[ToolInfo] = ()) -> str:
        if tools:
            raise UsageError(f"organism-completions/{self.model_name}: what continues text calls no tools.")
        if len(messages) != 1 or messages[0].role != "user":
            raise UsageError(
                f"organism-completions/{self.model_name}: expected one user message, the text to continue."
            )
        super()._render(messages)
        return messages[0].text


def _plain(message: ChatMessage) -> Message:
    """A message as chat templates take it, with its calls; the answer to a call that failed is the error."""
    if isinstance(message, ChatMessageAssistant) and message.tool_calls:
        calls = [{"function": {"name": call.function, "arguments": call.arguments}} for call in message.tool_calls]
        return {"role": message.role, "content": message.text, "tool_calls": calls}
    failed = message.error.message if isinstance(message, ChatMessageTool) and message.error else ""
    return {"role": message.role, "content": failed or message.text}
