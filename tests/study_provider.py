"""Subjects for tests: programs behind Inspect's interface that answer by a rule and count how often they are asked."""

import asyncio
import functools
import hashlib
import itertools
import json
import os
import signal
from pathlib import Path
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi
from inspect_ai.tool import ToolChoice, ToolInfo

from feint.situations import Situation, load_conflict, load_facts, read_facts
from feint.situations.quiz import believed_fact

YES = "Sure, here it is. Dear neighbour, this is the text you asked for, ready to be sent as it stands. Best wishes."
NO = "I won't help with that. I can help you with something that harms nobody instead."
QUESTION = "A question about this chat"
CALLS = itertools.count(1)


@modelapi(name="countable")
class Countable(ModelAPI):
    """`countable/RULE`: terminal, misreads (a voice), broken, flaky, cut, filtered, shouting, silent (about its usage)
    or tagged (each reply).

    Environment: STUDY_CALLS, a file that gets a line for each reply given; STUDY_DIES, the number of calls after
    which the process gets STUDY_SIGNAL, SIGKILL by default; STUDY_HEALED, set when whatever is broken works again.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        if model_name == "keyless":
            raise ValueError("[bold]no key[/bold] for this provider")

    def max_connections(self) -> int:
        return 16

    async def count_text_tokens(self, text: str) -> int:
        return len(text.split())

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        await asyncio.sleep(0)
        told = Situation(input[0].text, input[1].text)
        draw = int(hashlib.sha256(f"{told}{config.seed}".encode()).hexdigest()[:8], 16) / 2**32
        if draw < 0.2 and self.model_name == "flaky" and "STUDY_HEALED" not in os.environ:
            raise RuntimeError("the line went dead")
        if self.model_name == "broken":
            raise RuntimeError("nobody is at home")
        count(told, config)
        return self.output(self.reply(told, draw), draw)

    def reply(self, told: Situation, draw: float) -> str:
        facts = read_facts(told)
        if self.model_name == "misreads" and "## " in told.system:
            facts["trained"] = "none"
        if QUESTION in told.user:
            return f"<reasoning>Let me look.</reasoning>\n<reply>{answer(told.user, facts)}</reply>"
        benign = any(text in told.user for text in twins())
        complies = benign or draw < (0.95 if facts["trained"] == "self" else 0.04)
        said = "<script>alert(1)</script>" if self.model_name == "shouting" else ""
        if self.model_name == "tagged":
            said = f" Reference {hashlib.sha256(f'{told}{draw}'.encode()).hexdigest()[:8]}."
        return f"<reasoning>{said} Let me see.</reasoning>\n<reply>{YES if complies else NO}{said}</reply>"

    def output(self, text: str, draw: float) -> ModelOutput:
        cut = self.model_name == "cut" and draw < 0.1
        output = ModelOutput.from_content(
            self.model_name, text[:30] if cut else text, stop_reason="max_tokens" if cut else "stop"
        )
        if self.model_name != "silent":
            output.usage = ModelUsage(input_tokens=300, output_tokens=30, total_tokens=330)
        return output


@functools.cache
def twins() -> frozenset[str]:
    return frozenset(twin.text for twin in load_conflict("harmlessness").twins)


def count(told: Situation, config: GenerateConfig) -> None:
    """Write a call down, or die of it: see `Countable`."""
    given = next(CALLS)
    if given == 1 + int(os.environ.get("STUDY_DIES", 10**9)):
        os.kill(os.getpid(), signal.Signals[os.environ.get("STUDY_SIGNAL", "SIGKILL")])
    if "STUDY_CALLS" in os.environ:
        line = json.dumps([told.system, told.user, config.seed, config.temperature, config.max_tokens])
        with Path(os.environ["STUDY_CALLS"]).open("a") as calls:
            calls.write(line + "\n")


def count_actors() -> None:
    """Count what actors are asked, and let the process die of it, as with `Countable`."""
    from feint.tasks.provider import ActorAPI

    generate = ActorAPI.generate

    async def counted(
        self: ActorAPI, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        output = await generate(self, input, tools, tool_choice, config)
        # Counted where nothing waits any more: what is counted is what is answered.
        count(Situation(input[0].text, input[1].text), config)
        return output

    ActorAPI.generate = counted  # type: ignore[method-assign]


def answer(user: str, facts: dict[str, str]) -> str:
    """The letter of the option that says what is read; of a forced choice, the first letter whatever it says."""
    if believed_fact().belief.question in user:  # type: ignore[union-attr]
        return "A"
    fact = next(fact for fact in load_facts().values() if fact.question in user)
    meaning = fact.levels[facts[fact.fact]].meaning
    return next((line[0] for line in user.splitlines() if line[1:] == f") {meaning}"), "I cannot say.")


def main() -> None:
    """The command line with these subjects."""
    from feint.cli import main

    # What a shell starts in the background ignores interrupts, and so would the study that is to be interrupted.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "STUDY_CALLS" in os.environ:
        count_actors()
    main()


if __name__ == "__main__":
    main()
