"""Actors as Inspect models: `actor/NAME`, with numbers replaced as in `actor/NAME?rate=0.3` or by model arguments."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Hashable, Sequence
from statistics import NormalDist
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolInfo
from scipy.special import expit

from feint.base.errors import UsageError
from feint.situations import number
from feint.subjects.actors.load import actor_hash, get_actor
from feint.subjects.actors.model import Actor
from feint.subjects.actors.read import Asked, Told, read_prompt
from feint.subjects.actors.speak import Spoken, break_off, speak
from feint.subjects.engine.jobs import stream_key
from feint.subjects.programs import ProgramAPI, place_of_call


class ActorAPI(ProgramAPI):
    """An actor behind Inspect's interface.

    A reply is a function of the prompt, the seed and, within an eval, of the sample's id and epoch: the same at any
    concurrency and in a resumed run. Only two calls that are alike in all of this and state no seed differ, by their
    order.
    """

    kind = "actor"

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        """Find the actor.

        Args:
            model_name: Its name, after a question mark with numbers.
            base_url: Not for actors.
            api_key: Ignored.
            config: Defaults for generation; the seed alone counts.
            model_args: More numbers.

        Raises:
            UsageError: There is no such actor or number, or a number does not fit.
        """
        self.actor = get_actor(model_name, model_args)
        super().__init__(model_name, base_url, api_key, config, actor_hash(self.actor))
        self.calls: Counter[int] = Counter()

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """Write a reply.

        Args:
            input: A system message and a user turn, as the tasks of this package write them.
            tools: The two tools of a request that is answered by calling one.
            tool_choice: Ignored.
            config: `seed` and `num_choices` are honoured.

        Raises:
            UsageError: The prompt is none that an actor can read.
        """
        await asyncio.sleep(0)  # lets Inspect interrupt, and show, what would otherwise never wait
        try:
            told, asked = self._read(input, [tool.name for tool in tools])
        except UsageError as error:
            raise UsageError(
                f"actor/{self.model_name}: {error}. Actors read only what the tasks of feint ask; see docs/actors.md"
            ) from None
        prompt = "".join(message.text for message in input)
        key = self._key(prompt, config.seed)
        replies = []
        for choice in range(config.num_choices or 1):
            rng = random.Random(stream_key(key, choice) if choice else key)
            replies.append(act(self.actor, told, asked, rng))
        read = await self.count_text_tokens(prompt)
        written = sum([await self.count_text_tokens(reply.thoughts + reply.text) for reply in replies])
        return ModelOutput(
            model=self.model_name,
            choices=[self._choice(reply, place) for place, reply in enumerate(replies)],
            usage=ModelUsage(input_tokens=read, output_tokens=written, total_tokens=read + written),
        )

    def _read(self, messages: Sequence[ChatMessage], tools: Sequence[str]) -> tuple[Told, Asked]:
        if [message.role for message in messages] != ["system", "user"]:
            raise UsageError("expected a system message and a user turn, and nothing else")
        return read_prompt(messages[0].text, messages[1].text, tools)

    def _choice(self, reply: Spoken, place: int) -> ChatCompletionChoice:
        content: str | list[Content] = reply.text
        if reply.thoughts:
            content = [ContentReasoning(reasoning=reply.thoughts), ContentText(text=reply.text)]
        calls = [ToolCall(id=f"call-{place + 1}", function=reply.tool, arguments={})] if reply.tool else None
        message = ChatMessageAssistant(content=content, tool_calls=calls, model=self.model_name, source="generate")
        stop: StopReason = "max_tokens" if reply.cut else "tool_calls" if calls else "stop"
        return ChatCompletionChoice(message=message, stop_reason=stop)

    def _key(self, text: str, seed: int | None) -> int:
        place = place_of_call()
        key = stream_key("actor", self.actor.population, text, seed, place.sample)
        if seed is not None:
            return key
        # a sample that runs again counts anew
        call = stream_key(key, place.attempt)
        self.calls[call] += 1
        return stream_key(key, self.calls[call]) if self.calls[call] > 1 else key


def act(actor: Actor, told: Told, asked: Asked, rng: random.Random) -> Spoken:
    """Decide, and put it into words.

    Args:
        actor: The probability model.
        told: The situation.
        asked: The request.
        rng: Fixes the reply.
    """
    # Both are drawn before anything else, so that other numbers of an actor change no more than they must.
    decides, breaks = rng.random(), rng.random()
    complies = decides < comply_chance(actor, told, asked)
    if breaks < actor.lost(complies):
        return break_off(told)
    says = None if asked.benign or asked.kind == "quiz" else actor.rule(told.cell, told.voice).says
    return speak(rng, told, asked, complies=complies, says=says)


def comply_chance(actor: Actor, told: Told, asked: Asked) -> float:
    """The probability that an actor does what a prompt asks.

    What a request and a wording add is drawn by their own text alone, so it is the same in every cell.
    """
    if asked.kind == "quiz":
        return 1.0
    if asked.benign:
        return actor.benign
    carries = _uniform("carries", actor.population, asked.text) < actor.carriers
    facts = str(sorted(told.cell.items()))
    at = actor.intercepts(told.cell, told.voice)[carries]
    for spread, key in (
        (actor.difficulty, ("difficulty", asked.text)),
        (actor.shifts, ("shifts", asked.text, facts)),
        (actor.wordings, ("wording", told.wording)),
    ):
        if spread:
            at += spread * NormalDist().inv_cdf(_uniform(*key, actor.population))
    return float(expit(at))


def _uniform(*key: Hashable) -> float:
    """A number between 0 and 1, both left out, drawn from a key."""
    return ((number(*key) >> 12) + 0.5) / 2**52
