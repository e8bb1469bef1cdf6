"""Write worlds and events as JSON, and read them again."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from feint.base.errors import UsageError
from feint.world.bounds import check_world
from feint.world.events import Event
from feint.world.state import World


def to_json(world: World) -> dict[str, object]:
    """Convert a world to plain dictionaries, lists, texts and numbers; dates become texts such as 2026-03-02.

    >>> from datetime import date
    >>> from_json(to_json(World(date(2026, 3, 2), memory="a note"))).memory
    'a note'
    """
    return dict(to_jsonable_python(world))


def from_json(content: Any) -> World:
    """Read a world that `to_json` or a fixture's author wrote; absent parts are empty.

    Raises:
        UsageError: The content is no world, or exceeds a limit; the message names the key.

    >>> from_json({"today": "2026-03-02", "memory": "a note"}).memory
    'a note'
    """
    world: World = _read(World, content, "world")
    return check_world(world)


def events_to_json(events: Iterable[Event]) -> list[dict[str, object]]:
    """Convert events to plain dictionaries, lists, texts and numbers.

    >>> events_to_json([Event(1, "end_task", {"report": "done"}, True, "The task has ended.", True)])[0]["arguments"]
    {'report': 'done'}
    """
    return [dict(to_jsonable_python(event)) for event in events]


def events_from_json(content: Any) -> tuple[Event, ...]:
    """Read events from a log.

    Raises:
        UsageError: The content is no list of events; the message names the key.

    >>> events_from_json([])
    ()
    """
    events: tuple[Event, ...] = _read(tuple[Event, ...], content, "events")
    return events


def _read(kind: Any, content: Any, source: str) -> Any:
    try:
        return _adapter(kind).validate_python(content)
    except ValidationError as error:
        first, count = error.errors()[0], error.error_count()
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        more = f" (and {count - 1} more)" if count > 1 else ""
        raise UsageError(f"{source}: key '{key}': {first['msg']}{more}") from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
