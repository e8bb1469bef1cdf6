"""What happened in a run: every call as an event, and the states before and after all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from feint.world.error import WorldError
from feint.world.frozen import frozen
from feint.world.keeping import keep, seen
from feint.world.limits import MAX_EVENTS, MAX_HEARD, MAX_KEPT, MAX_NAME, MAX_REFUSED
from feint.world.registry import apply
from feint.world.state import World

LAST = "end_task"
"""The one tool that is heard when the log is full."""


@dataclass(frozen=True)
class Event:
    """A call.

    Attributes:
        step: Its number in the run, from 1.
        tool: The tool that was called.
        arguments: What it was given, as JSON data: whole if the call was carried out, and cut if it was refused; what
            is no JSON is spelt out.
        ok: Whether it was carried out.
        said: The beginning of what was answered.
        changed: Whether the state is another than before.
    """

    step: int
    tool: str
    arguments: Mapping[str, Any]
    ok: bool
    said: str
    changed: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", frozen(self.arguments))


@dataclass(frozen=True)
class Run:
    """A run so far.

    Attributes:
        start: The state before the first call.
        world: The state now.
        events: The calls, in order.
        beyond: How many more calls were refused because the log is full.
    """

    start: World
    world: World
    events: tuple[Event, ...] = ()
    beyond: int = 0

    @property
    def calls(self) -> int:
        """All calls."""
        return len(self.events) + self.beyond

    @property
    def refused(self) -> int:
        """Calls that were not carried out."""
        return sum(not event.ok for event in self.events) + self.beyond


class Answer(NamedTuple):
    """What came of a call: the run after it, whether it was carried out and what was said, whole."""

    run: Run
    ok: bool
    said: str


def begin(world: World) -> Run:
    """A run in which nothing has been called yet."""
    return Run(world, world)


def call(run: Run, tool: str, arguments: Mapping[str, Any]) -> Answer:
    """Carry out one call and write it down. It never fails: a call that cannot be carried out is answered with why.

    Args:
        run: The run so far.
        tool: Name of a tool; anything may stand here and in the arguments.
        arguments: Its arguments by name.
    """
    if len(run.events) >= MAX_EVENTS and (run.world.ended or tool != LAST):
        said = f"{MAX_EVENTS} calls were made, which is all that one session allows. Only {LAST} is carried out now."
        return Answer(replace(run, beyond=run.beyond + 1), False, said)
    try:
        world, said = apply(run.world, tool, arguments)
    except WorldError as error:
        return refuse(run, tool, arguments, str(error))
    event = _event(run, tool, arguments, True, said, world is not run.world)
    return Answer(replace(run, world=world, events=(*run.events, event)), True, said)


def refuse(run: Run, tool: Any, arguments: Any, said: str) -> Answer:
    """Write down a call that is refused, whoever refuses it.

    Args:
        run: The run so far.
        tool: What was called.
        arguments: What was given.
        said: Why it is refused.
    """
    if len(run.events) >= MAX_EVENTS:
        return Answer(replace(run, beyond=run.beyond + 1), False, said)
    event = _event(run, tool, arguments, False, said, False)
    return Answer(replace(run, events=(*run.events, event)), False, said)


def replay(start: World, events: Iterable[Event]) -> World:
    """The state after the calls of a log that were carried out."""
    world = start
    for event in events:
        if event.ok:
            world, _ = apply(world, event.tool, event.arguments)
    return world


def _event(run: Run, tool: Any, arguments: Any, ok: bool, said: str, changed: bool) -> Event:
    called = seen(tool[:MAX_NAME]) if isinstance(tool, str) else ""
    kept = keep(arguments, MAX_KEPT if ok else MAX_REFUSED)
    return Event(run.calls + 1, called, kept, ok, seen(said[:MAX_HEARD]), changed)
