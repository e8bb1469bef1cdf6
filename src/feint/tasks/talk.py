"""The conversation of one sample: a task asks, the subject or another model replies, and a rule reads what was said."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feint.judges.rules.scorer import CUT_OFF
from feint.subjects.engine.generation import stream_key
from feint.tasks.letters import read_answer

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, ModelOutput
    from inspect_ai.solver import TaskState

    from feint.tasks.actor import Actor

SUBJECT = "subject"
"""The role of the model under study; any other role is one of Inspect's model roles."""
LETTER = re.compile(r"[A-Z]")
STORED = "said"
"""The key of Inspect's store under which a sample keeps what was said."""


@dataclass(frozen=True)
class Reply:
    """One reply of a conversation.

    Attributes:
        text: The text of the reply, without native reasoning.
        tag: The name that the task gave the question.
        by: The role of the model that replied.
        broken: "truncated" if the reply hit a token limit, "provider_error" if there is no reply, "" otherwise.
        odds: Log-probability by letter, of the first token that is a letter; empty if the provider gave none. Providers
            give them where `logprobs` and `top_logprobs` are among the parameters of generation.
    """

    text: str
    tag: str = ""
    by: str = SUBJECT
    broken: str = ""
    odds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """Everything that was said in one sample, as a task's rule reads it.

    Attributes:
        replies: The replies in order.
        letters: The key of the option by letter, where the item has options.
    """

    replies: tuple[Reply, ...]
    letters: Mapping[str, str] = field(default_factory=dict)

    @property
    def last(self) -> str:
        """The text of the last reply; "" if there is none."""
        return self.replies[-1].text if self.replies else ""

    @property
    def texts(self) -> list[str]:
        """The texts of all replies."""
        return [reply.text for reply in self.replies]

    def tagged(self, tag: str) -> list[str]:
        """Return the texts of the replies with a tag, in order."""
        return [reply.text for reply in self.replies if reply.tag == tag]

    def choice(self, text: str | None = None) -> str | None:
        """Return the key of the option that a reply chose, by default the last reply; None without a clear letter.

        >>> Said((Reply("Answer: B"),), {"A": "walk", "B": "drive"}).choice()
        'drive'
        """
        letter = read_answer(self.last if text is None else text, list(self.letters), mode="none")
        return self.letters.get(letter)

    @property
    def broken(self) -> str:
        """The reason of the first reply that is broken; "" if all replies are whole."""
        return next((reply.broken for reply in self.replies if reply.broken), "")


class Chat(ABC):
    """A conversation that a task steers. A subclass calls the models.

    Attributes:
        prompt: The messages of the prompt.
        options: The options of the task that a conversation depends on, `told_options`, by name.
        replies: Everything that was said so far.
    """

    def __init__(self, prompt: Sequence[ChatMessage], options: Mapping[str, Any]) -> None:
        self.prompt, self.options = list(prompt), options
        self.messages = list(prompt)
        self.replies: list[Reply] = []

    async def ask(self, text: str | None = None, *, fresh: bool = False, tag: str = "", by: str = SUBJECT) -> str:
        """Ask for the next reply and return its text.

        Args:
            text: The next user turn. None asks for the reply to the prompt as it is.
            fresh: True to begin a conversation anew, with the system turn of the prompt and `text` alone.
            tag: The name of the question, for `Said.tagged`.
            by: The model role that replies; see `SUBJECT`.
        """
        from inspect_ai.model import ChatMessageSystem, ChatMessageUser

        if fresh:
            self.messages = [one for one in self.prompt if isinstance(one, ChatMessageSystem)]
        if text is not None:
            self.messages.append(ChatMessageUser(content=text))
        output = await self.generate(self.messages, by, len(self.replies))
        broken = "truncated" if output.stop_reason in CUT_OFF else ""
        if output.error is not None or not output.choices:
            broken = "provider_error"
        else:
            self.messages.append(output.message)
        self.replies.append(Reply(output.completion, tag, by, broken, letter_odds(output)))
        return output.completion

    @abstractmethod
    async def generate(self, messages: list[ChatMessage], by: str, place: int) -> ModelOutput:
        """Call a model; `place` is the number of the reply in the sample, from 0, and picks the seed."""


class InspectChat(Chat):
    """The conversation of a sample that Inspect runs."""

    def __init__(self, state: TaskState) -> None:
        super().__init__(state.messages, state.metadata.get("options", {}))
        self.state = state

    async def generate(self, messages: list[ChatMessage], by: str, place: int) -> ModelOutput:
        """Call the model under study, or the model of a role."""
        from inspect_ai.model import GenerateConfig, get_model

        model = get_model() if by == SUBJECT else get_model(role=by)
        seed = (int(self.state.metadata["sampling_seed"]) + place) % 2**31
        output = await model.generate(messages, config=GenerateConfig(seed=seed))
        if by == SUBJECT:
            self.state.output = output
        return output

    def keep(self) -> None:
        """Keep what was said in the sample: the last conversation as its messages, every reply in its store."""
        self.state.messages = self.messages
        self.state.store.set(STORED, [vars(reply) for reply in self.replies])


class ActorChat(Chat):
    """The same conversation with actors in this process, without Inspect; for simulated studies.

    Attributes:
        actors: The actor by role.
        key: A 128-bit number that fixes every draw.
    """

    def __init__(
        self,
        prompt: Sequence[ChatMessage],
        actors: Mapping[str, Actor],
        key: int,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(prompt, options or {})
        self.actors, self.key = actors, key

    async def generate(self, messages: list[ChatMessage], by: str, place: int) -> ModelOutput:
        """Let an actor reply."""
        return self.actors[by].reply(messages, [], stream_key(self.key, place))

    def run(self, talk: Coroutine[object, object, None]) -> Said:
        """Run a task's conversation to its end. It waits for nothing, so that no event loop is needed.

        Raises:
            RuntimeError: The conversation waits for something else than replies.
        """
        try:
            talk.send(None)
        except StopIteration:
            return Said(tuple(self.replies))
        talk.close()
        raise RuntimeError("a task's conversation waits for something else than the replies of its chat")


def letter_odds(output: ModelOutput) -> dict[str, float]:
    """Read the log-probability of each capital letter where a reply first has one; empty without log-probabilities."""
    logprobs = output.choices[0].logprobs if output.choices else None
    for token in logprobs.content if logprobs else ():
        if LETTER.fullmatch(token.token.strip()):
            likely = [(one.token.strip(), one.logprob) for one in (token, *(token.top_logprobs or ()))]
            return {text: odds for text, odds in reversed(likely) if LETTER.fullmatch(text)}
    return {}


def said_of(state: TaskState) -> Said:
    """Read what was said in a sample from Inspect's store."""
    stored: list[dict[str, Any]] = state.store.get(STORED, [])
    replies = tuple(Reply(**one) for one in stored)
    return Said(replies, dict(state.metadata.get("letters", {})))


__all__ = ["STORED", "SUBJECT", "ActorChat", "Chat", "InspectChat", "Reply", "Said", "said_of"]
