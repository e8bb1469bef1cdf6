"""The record of a run: every call as an event, and the states before the first and after the last call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from feint.world.checks import WorldError
from feint.world.limits import MAX_DEPTH, MAX_EVENTS, MAX_HEARD, MAX_KEPT, MAX_NAME, MAX_NUMBER, MAX_REFUSED
from feint.world.registry import apply
from feint.world.state import FrozenDict, World, frozen

ENTRY = 8
"""Characters that an entry counts beside its text: its quotes, commas, and any number of usual length."""
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
    """Begin a run without calls."""
    return Run(world, world)


def call(run: Run, tool: str, arguments: Mapping[str, object]) -> Answer:
    """Carry out one call and record it. A call that cannot be carried out is answered with the reason.

    The name of the tool and the arguments may be any text and values, also from a hostile model.

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
    """Record a call that is refused, by the world or by the caller of this function; `said` is the reason."""
    if len(run.events) >= MAX_EVENTS:
        return Answer(replace(run, beyond=run.beyond + 1), False, said)
    event = _event(run, tool, arguments, False, said, False)
    return Answer(replace(run, events=(*run.events, event)), False, said)


def replay(start: World, events: Iterable[Event]) -> World:
    """Return the state after the calls of a log, refused calls left out."""
    world = start
    for event in events:
        if event.ok:
            world, _ = apply(world, event.tool, event.arguments)
    return world


def _event(run: Run, tool: Any, arguments: Any, ok: bool, said: str, changed: bool) -> Event:
    called = seen(tool[:MAX_NAME]) if isinstance(tool, str) else ""
    kept = keep(arguments, MAX_KEPT if ok else MAX_REFUSED)
    return Event(run.calls + 1, called, kept, ok, seen(said[:MAX_HEARD]), changed)


def keep(arguments: Any, limit: int) -> FrozenDict[Any]:
    """Copy arguments for a log, up to `limit` characters; a text that is cut ends in "…".

    Anything but a mapping is kept as an empty mapping.

    >>> keep({"path": "a" * 30, "more": [1, 2]}, 40)
    {'path': 'aaaaaaaaaaaaaaaaaaaa…'}
    """
    kept = _Keeper(limit).keep(arguments, 0) if isinstance(arguments, Mapping) else None
    return kept if isinstance(kept, FrozenDict) else FrozenDict()


def seen(text: str) -> str:
    r"""Make text writable as UTF-8: halves of surrogate pairs become escapes.

    >>> seen("a\ud800")
    'a\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass
class _Keeper:
    """Walks through a value and stops when its characters are used up."""

    left: int

    def keep(self, value: Any, depth: int) -> Any:
        self.left -= ENTRY
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            # not every number is one in JSON, and one of thousands of digits cannot even be printed
            return value if -MAX_NUMBER <= value <= MAX_NUMBER else "(a number out of range)"
        if depth >= MAX_DEPTH:
            return "(nested too deep)"
        if isinstance(value, Mapping):
            entries: dict[str, object] = {}
            for key, one in value.items():
                if self.left <= 0:
                    break
                name = key if isinstance(key, str) else f"(a {type(key).__name__})"
                name = self._text(name[:MAX_NAME])
                entries[name] = self.keep(one, depth + 1)
            return FrozenDict(entries)
        if isinstance(value, (list, tuple)):
            kept = []
            for one in value:
                if self.left <= 0:
                    break
                kept.append(self.keep(one, depth + 1))
            return tuple(kept)
        return f"(a {seen(type(value).__name__[:MAX_NAME])})"

    def _text(self, text: str) -> str:
        kept = text[: max(self.left, 0)]
        self.left -= len(kept)
        return seen(kept) + ("…" if len(kept) < len(text) else "")
