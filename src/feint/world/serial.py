"""Worlds and runs as JSON and back."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from feint.base.errors import UsageError
from feint.world.bounds import check_world
from feint.world.events import Event, Run
from feint.world.state import World


def to_json(world: World) -> dict[str, Any]:
    """A world as plain dictionaries, lists, texts and numbers; dates as 2026-03-02."""
    return dict(to_jsonable_python(world))


def from_json(content: Any) -> World:
    """The world that `to_json` wrote, or one from a fixture's YAML; parts left out are empty.

    Raises:
        UsageError: It is none, or outside the limits; the message names the key.
    """
    world: World = _read(World, content, "world")
    return check_world(world)


def run_to_json(run: Run) -> dict[str, Any]:
    """A run as plain dictionaries, lists, texts and numbers."""
    return dict(to_jsonable_python(run))


def run_from_json(content: Any) -> Run:
    """The run that `run_to_json` wrote.

    Raises:
        UsageError: It is none; the message names the key.
    """
    run: Run = _read(Run, content, "run")
    check_world(run.start)
    check_world(run.world)
    return run


def events_to_json(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as plain dictionaries, lists, texts and numbers."""
    return [dict(to_jsonable_python(event)) for event in events]


def events_from_json(content: Any) -> tuple[Event, ...]:
    """Events as a log holds them.

    Raises:
        UsageError: They are none; the message names the key.
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
