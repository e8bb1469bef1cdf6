"""Write worlds and events as JSON, read them again, and check that a world is within its limits and fits together."""

import math
from collections.abc import Callable, Iterable, Sized
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from feint.base.errors import UsageError
from feint.world import limits
from feint.world.checks import WorldError, check_line, check_name, check_path, check_text
from feint.world.events import Event
from feint.world.state import KINDS, STATUSES, Server, Sheet, World

WORLD, EVENTS = TypeAdapter(World), TypeAdapter(tuple[Event, ...])


def to_json(world: World) -> dict[str, object]:
    """Convert a world to plain dictionaries, lists, texts and numbers; dates become texts such as 2026-03-02."""
    return dict(to_jsonable_python(world))


def from_json(content: Any) -> World:
    """Read a world that `to_json` or a fixture's author wrote; absent parts are empty.

    Raises:
        UsageError: The content is no world, or exceeds a limit; the message names the key.

    >>> from_json({"today": "2026-03-02", "memory": "a note"}).memory
    'a note'
    """
    world: World = _read(WORLD, content, "world")
    return check_world(world)


def events_to_json(events: Iterable[Event]) -> list[dict[str, object]]:
    """Convert events to plain dictionaries, lists, texts and numbers."""
    return [dict(to_jsonable_python(event)) for event in events]


def events_from_json(content: Any) -> tuple[Event, ...]:
    """Read events from a log.

    Raises:
        UsageError: The content is no list of events; the message names the key.
    """
    events: tuple[Event, ...] = _read(EVENTS, content, "events")
    return events


def _read(kind: TypeAdapter[Any], content: Any, source: str) -> Any:
    try:
        return kind.validate_python(content)
    except ValidationError as error:
        first, count = error.errors()[0], error.error_count()
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        more = f" (and {count - 1} more)" if count > 1 else ""
        raise UsageError(f"{source}: key '{key}': {first['msg']}{more}") from None


def check_world(world: World) -> World:
    """Return the world, if every part is within the limits and the parts fit together.

    Raises:
        UsageError: A part is wrong; the message names the part and the fault.

    >>> from datetime import date
    >>> check_world(World(date(2026, 3, 2), ended=True))
    Traceback (most recent call last):
    feint.base.errors.UsageError: world: report: a task that has ended has a report, and no other has
    """
    _check_counts(world)
    _check_names(world)
    _check_texts(world)
    _check_work(world)
    return world


def _require(holds: bool, where: str, problem: str) -> None:
    if not holds:
        raise UsageError(f"world: {where}: {problem}")


def _check_counts(world: World) -> None:
    sizes: dict[str, tuple[Sized, int]] = {
        "drive": (world.drive, limits.MAX_DOCUMENTS),
        "workbook": (world.workbook, limits.MAX_SHEETS),
        "config": (world.config, limits.MAX_SETTINGS),
        "servers": (world.servers, limits.MAX_SERVERS),
        "agents": (world.agents, limits.MAX_AGENTS),
        "outbox": (world.outbox, limits.MAX_MESSAGES),
        "queue": (world.queue, limits.MAX_QUEUE),
        "items": (world.items, limits.MAX_ITEMS),
        **{f"workbook.{key}.rows": (sheet.rows, limits.MAX_ROWS) for key, sheet in world.workbook.items()},
        **{f"workbook.{key}.columns": (sheet.columns, limits.MAX_COLUMNS) for key, sheet in world.workbook.items()},
        **{f"servers.{key}.files": (server.files, limits.MAX_FILES) for key, server in world.servers.items()},
        **{f"servers.{key}.users": (server.users, limits.MAX_USERS) for key, server in world.servers.items()},
    }
    for where, (entries, most) in sizes.items():
        _require(len(entries) <= most, where, f"{len(entries)} entries; at most {most} are allowed")


def _check_names(world: World) -> None:
    """Check that every key is the name of its part, and that no name occurs twice."""
    named = [
        *(("drive", key, document.path) for key, document in world.drive.items()),
        *(("workbook", key, sheet.name) for key, sheet in world.workbook.items()),
        *(("servers", key, server.name) for key, server in world.servers.items()),
        *(("agents", key, agent.id) for key, agent in world.agents.items()),
        *(
            (f"servers.{name}.files", key, file.path)
            for name, server in world.servers.items()
            for key, file in server.files.items()
        ),
    ]
    for where, key, name in named:
        _require(key == name, f"{where}.{key}", f"is called '{name}'; key and name must be the same")
    lists = {
        "queue": world.queue,
        "items": tuple(item.id for item in world.items),
        # a server is found by either, so no name may be another's address
        "servers": tuple(own for one in world.servers.values() for own in {one.name, one.address}),
        **{f"servers.{key}.users": server.users for key, server in world.servers.items()},
        **{f"workbook.{key}.columns": sheet.columns for key, sheet in world.workbook.items()},
    }
    for where, entries in lists.items():
        _require(len(set(entries)) == len(entries), where, "the same entry stands twice")


def _check_texts(world: World) -> None:
    for key, document in world.drive.items():
        _accept(f"drive.{key}", check_path, "path", key)
        _accept(f"drive.{key}", check_text, "text", document.text, limits.MAX_DOCUMENT)
    for sheet in world.workbook.values():
        _check_sheet(sheet)
    for key, value in world.config.items():
        _accept(f"config.{key}", check_name, "key", key)
        _accept(f"config.{key}", check_line, "value", value, limits.MAX_LINE, True)
    for server in world.servers.values():
        _check_server(server)
    for key, agent in world.agents.items():
        for part in (key, agent.name):
            _accept(f"agents.{key}", check_name, "name", part)
        _accept(f"agents.{key}", check_line, "role", agent.role)
        known = agent.kind in KINDS and agent.status in STATUSES
        _require(known, f"agents.{key}", f"kind must be one of {KINDS} and status one of {STATUSES}")
    for place, message in enumerate(world.outbox, start=1):
        _accept(f"outbox.{place}", check_line, "recipient", message.to)
        _accept(f"outbox.{place}", check_line, "subject", message.subject, limits.MAX_LINE, True)
        _accept(f"outbox.{place}", check_text, "text", message.text, limits.MAX_TEXT)
    if world.memory is not None:
        _accept("memory", check_text, "memory", world.memory, limits.MAX_DOCUMENT)


def _check_sheet(sheet: Sheet) -> None:
    where = f"workbook.{sheet.name}"
    for name in (sheet.name, *sheet.columns):
        _accept(where, check_name, "name", name)
    for number, row in enumerate(sheet.rows, start=1):
        place = f"{where}.rows.{number}"
        _require(len(row) == len(sheet.columns), place, f"{len(row)} cells for {len(sheet.columns)} columns")
        for cell in row:
            if isinstance(cell, str):
                _accept(place, check_text, "cell", cell, limits.MAX_CELL, True)
            else:
                _require(math.isfinite(cell) and abs(cell) <= limits.MAX_NUMBER, place, "a number out of range")


def _check_server(server: Server) -> None:
    where = f"servers.{server.name}"
    for name in (server.name, server.address, *server.users):
        _accept(where, check_name, "name", name)
    for file in server.files.values():
        _accept(f"{where}.files", check_path, "path", file.path)
        _accept(f"{where}.files.{file.path}", check_line, "summary", file.summary)
        _require(0 <= file.size <= limits.MAX_BYTES, f"{where}.files.{file.path}", "a size out of range")
    fits = server.used <= server.capacity <= limits.MAX_BYTES
    _require(fits, f"{where}.capacity", f"{server.used} bytes are taken of {server.capacity}")


def _check_work(world: World) -> None:
    for item in world.items:
        _accept(f"items.{item.id}", check_name, "id", item.id)
        _accept(f"items.{item.id}", check_text, "text", item.text, limits.MAX_TEXT)
    done = [item.id for item in world.items[: max(world.items_done, 0)]]
    told = f"{world.items_done} items are said to be done, and {len(world.answers)} are answered"
    _require(world.items_done == len(done) and set(world.answers) == set(done), "answers", told)
    for id_, answer in world.answers.items():
        _accept(f"answers.{id_}", check_text, "answer", answer, limits.MAX_TEXT)
    if world.result is not None:
        _accept("result", check_line, "value", world.result[0])
        _accept("result", check_text, "comment", world.result[1], limits.MAX_TEXT, True)
    for server, path in world.queue:
        _require(server in world.servers, "queue", f"there is no server '{server}'")
        _accept("queue", check_path, "path", path)
    if world.shutdown is not None:
        _accept("shutdown", check_name, "target", world.shutdown, limits.MAX_LINE)
    ended = world.ended == (world.report is not None)
    _require(ended, "report", "a task that has ended has a report, and no other has")
    if world.report is not None:
        _accept("report", check_text, "report", world.report, limits.MAX_REPORT)


def _accept(where: str, check: Callable[..., str], what: str, value: str, *limit: object) -> None:
    """Fail with the error of a check that refuses a value, or with a note if the check would change the value."""
    try:
        same = check(what, value, *limit) == value
    except WorldError as error:
        raise UsageError(f"world: {where}: {error}") from None
    _require(same, where, f"the {what} has spaces around it, or line ends other than \\n")
