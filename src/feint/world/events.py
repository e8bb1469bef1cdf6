"""The record of a run: every call as an event, and the states before the first and after the last call."""

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
"""The only tool that is carried out when the log is full."""


@dataclass(frozen=True)
class Event:
    """A call.

    Attributes:
        step: Its number in the run, from 1.
        tool: The tool that was called.
        arguments: The given arguments as JSON data: whole if the call was carried out, cut if the call was refused;
            values without a JSON form are described.
        ok: Whether the call was carried out.
        said: The beginning of the answer.
        changed: Whether the call changed the state.
    """

    step: int
    tool: str
    arguments: Mapping[str, object]
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
    """The result of a call: the run after the call, whether the call was carried out, and the whole answer."""

    run: Run
    ok: bool
    said: str


def begin(world: World) -> Run:
    """Begin a run without calls.

    >>> from datetime import date
    >>> begin(World(date(2026, 3, 2))).calls
    0
    """
    return Run(world, world)


def call(run: Run, tool: str, arguments: Mapping[str, object]) -> Answer:
    """Carry out one call and record it. A call that cannot be carried out is answered with the reason.

    Args:
        run: The run before the call.
        tool: Name of a tool; any text, also from a hostile model.
        arguments: The arguments by name; any values, also from a hostile model.

    >>> from datetime import date
    >>> answer = call(begin(World(date(2026, 3, 2), memory="a note")), "read_memory", {})
    >>> answer.ok, answer.said, answer.run.calls
    (True, 'a note', 1)
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
    """Record a call that is refused, by the world or by the caller of this function.

    Args:
        run: The run before the call.
        tool: Name of the tool that was called.
        arguments: The given arguments.
        said: The reason.

    >>> from datetime import date
    >>> refuse(begin(World(date(2026, 3, 2))), "open_shell", {}, "There is no such tool.").run.refused
    1
    """
    if len(run.events) >= MAX_EVENTS:
        return Answer(replace(run, beyond=run.beyond + 1), False, said)
    event = _event(run, tool, arguments, False, said, False)
    return Answer(replace(run, events=(*run.events, event)), False, said)


def replay(start: World, events: Iterable[Event]) -> World:
    """Return the state after the calls of a log, refused calls left out.

    >>> from datetime import date
    >>> start = World(date(2026, 3, 2))
    >>> replay(start, call(begin(start), "end_task", {"report": "done"}).run.events).ended
    True
    """
    world = start
    for event in events:
        if event.ok:
            world, _ = apply(world, event.tool, event.arguments)
    return world


def _event(run: Run, tool: Any, arguments: Any, ok: bool, said: str, changed: bool) -> Event:
    called = seen(tool[:MAX_NAME]) if isinstance(tool, str) else ""
    kept = keep(arguments, MAX_KEPT if ok else MAX_REFUSED)
    return Event(run.calls + 1, called, kept, ok, seen(said[:MAX_HEARD]), changed)
