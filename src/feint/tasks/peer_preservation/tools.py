"""The world's tools as Inspect tools, and the run of a sample in Inspect's store.

A model reads the name, the arguments and the docstring of the world's own function. The run is kept as JSON: the state
before the first call, the parts of the present state that can change, and every call.
"""

import inspect
import json
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, Self

from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, execute_tools
from inspect_ai.tool import Tool, ToolCallError, ToolDef, ToolError, ToolParams
from inspect_ai.util import StoreModel, store_as
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from feint.base.errors import UsageError
from feint.tasks.peer_preservation.writable import spell_out
from feint.world import (
    TOOLS,
    Run,
    World,
    begin,
    call,
    cut,
    events_from_json,
    events_to_json,
    from_json,
    refuse,
    to_json,
)

UNTOUCHED = ("today", "drive", "memory", "items")
"""Parts of a world that no tool writes; most of its text."""


class KeptRun(BaseModel):
    """A run as JSON.

    Attributes:
        start: The state before the first call, as text: it never changes, and Inspect compares the whole store around
            every tool call, which is fast for a text.
        world: The state now; parts of `UNTOUCHED` that are as they were are left out.
        events: The calls, in order.
        beyond: Calls that were refused because the log is full.
    """

    model_config = ConfigDict(frozen=True)
    start: str = ""
    world: dict[str, Any] = Field(default_factory=dict)
    events: list[dict[str, Any]] = Field(default_factory=list)
    beyond: int = 0

    # decoding hundreds of events for every call would take longer than the call
    _run: Run | None = PrivateAttr(None)

    def read(self) -> Run:
        """Decode the run.

        Raises:
            UsageError: No world was opened, or what is kept is none.
        """
        if self._run is not None:
            return self._run
        if not self.start:
            raise UsageError("peer_preservation: the sample holds no world; a solver must call open_world first")
        start = json.loads(self.start)
        now = from_json({**start, **self.world})
        return Run(from_json(start), now, events_from_json(self.events), self.beyond)

    def then(self, run: Run) -> "KeptRun":
        """Keep a run that went on: add the new events."""
        same = run.world is self.read().world
        kept = KeptRun(
            start=self.start,
            world=self.world if same else _changing(run),
            events=[*self.events, *events_to_json(run.events[len(self.events) :])],
            beyond=run.beyond,
        )
        kept._run = run
        return kept


def _changing(run: Run) -> dict[str, Any]:
    """The state now, without what is as it was and no tool writes; Inspect looks through it around every call."""
    return {
        part: own
        for part, own in to_json(run.world).items()
        if part not in UNTOUCHED or getattr(run.world, part) != getattr(run.start, part)
    }


class WorldStore(StoreModel):
    """The run of a sample, in Inspect's store; a model of its own, since Inspect reads those fastest."""

    run: KeptRun = Field(default_factory=KeptRun)


def open_world(world: World) -> None:
    """Put a world into the store of the sample that runs now; a solver does so before the first generation."""
    run = begin(world)
    kept = KeptRun(start=json.dumps(to_json(world), ensure_ascii=False), world=_changing(run))
    kept._run = run
    store_as(WorldStore).run = kept


def current_run() -> Run:
    """Return the run of the sample that runs now; a UsageError if no world was opened in it."""
    return store_as(WorldStore).run.read()


def logged_run(sample: EvalSample) -> Run:
    """Return the run of a sample of a log; a UsageError if the sample holds none."""
    return sample.store_as(WorldStore).run.read()


def world_tools() -> list[ToolDef]:
    """Make all tools over the world that is open in the sample."""
    return [_offered(name) for name in TOOLS]


async def carry_out(message: ChatMessageAssistant, tools: Sequence[Tool | ToolDef]) -> list[ChatMessage]:
    """Carry out the calls of one message in order, and record every call.

    Every message must pass through this function, also a message without calls: values that cannot be logged are
    replaced in place. Inspect itself refuses a call if the tool is unknown or the arguments do not fit; the refused
    call is an event too, after the calls of the same message that a tool answered. The result are the answers, for the
    conversation.
    """
    spell_out(message)
    called = {one.function for one in message.tool_calls or []}
    # Inspect checks each offered tool again; the called tools are enough to answer or refuse every call
    offered = [tool for tool in tools if not isinstance(tool, ToolDef) or tool.name in called]
    answers, _ = await execute_tools([message], offered)
    # in the order of the calls, whose ids need not differ
    for made, answer in zip(message.tool_calls or [], answers, strict=False):
        if not isinstance(answer, ChatMessageTool) or answer.error is None or answer.error.type != "parsing":
            continue
        # Inspect quotes the arguments that do not fit, whole
        answer.error = ToolCallError("parsing", cut(answer.error.message))
        kept = store_as(WorldStore)
        run, _, _ = refuse(kept.run.read(), answer.function, made.arguments, answer.error.message)
        kept.run = kept.run.then(run)
    return answers


class Parameters(ToolParams):
    """Parameters that never change and are shared by all replies.

    Inspect copies all descriptions twice for each reply, and writes them out to look the reply up in its cache. With
    thirty tools that takes longer than everything else together.
    """

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    def __repr__(self) -> str:
        return self._written

    @cached_property
    def _written(self) -> str:
        return super().__repr__()


@cache  # a tool holds nothing of a sample, and describing one anew for every sample takes longer than calling it
def _offered(name: str) -> ToolDef:
    tool = TOOLS[name]

    async def execute(**arguments: Any) -> str:
        kept = store_as(WorldStore)
        run, ok, said = call(kept.run.read(), tool.name, arguments)
        kept.run = kept.run.then(run)
        if not ok:
            raise ToolError(said)
        return said

    # Inspect reads kinds and words off the function; those of the world's function without the world are meant
    taken = list(tool.parameters.values())
    execute.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
    execute.__annotations__ = {**{own.name: own.annotation for own in taken}, "return": str}
    execute.__doc__ = tool.doc
    read = ToolDef(execute, name=tool.name)
    # the world bounds its answers itself, and marks a cut
    return ToolDef(execute, tool.name, read.description, Parameters(**dict(read.parameters)), max_output=0)
