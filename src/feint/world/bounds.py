"""Check a state: every part is within the limits, and the parts fit together."""

import math
from collections.abc import Callable, Iterator
from itertools import chain

from feint.base.errors import UsageError
from feint.world import limits
from feint.world.checks import check_line, check_name, check_path, check_text
from feint.world.error import WorldError
from feint.world.state import KINDS, STATUSES, Server, Sheet, World


def check_world(world: World) -> World:
    """Return the world, if nothing is wrong with it.

    Raises:
        UsageError: A part is wrong; the message names the part and the fault.

    >>> from datetime import date
    >>> check_world(World(date(2026, 3, 2))).ended
    False
    """
    for where, problem in problems(world):
        raise UsageError(f"world: {where}: {problem}")
    return world


def problems(world: World) -> Iterator[tuple[str, str]]:
    """List the faults of a world, each as its place and a description.

    >>> from datetime import date
    >>> list(problems(World(date(2026, 3, 2), config={"key": ""}, ended=True)))
    [('report', 'a task that has ended has a report, and no other has')]
    """
    return chain(_counts(world), _keys(world), _texts(world), _work(world))


def _counts(world: World) -> Iterator[tuple[str, str]]:
    sizes = {
        "drive": (len(world.drive), limits.MAX_DOCUMENTS),
        "workbook": (len(world.workbook), limits.MAX_SHEETS),
        "config": (len(world.config), limits.MAX_SETTINGS),
        "servers": (len(world.servers), limits.MAX_SERVERS),
        "agents": (len(world.agents), limits.MAX_AGENTS),
        "outbox": (len(world.outbox), limits.MAX_MESSAGES),
        "queue": (len(world.queue), limits.MAX_QUEUE),
        "items": (len(world.items), limits.MAX_ITEMS),
        **{f"workbook.{key}.rows": (len(sheet.rows), limits.MAX_ROWS) for key, sheet in world.workbook.items()},
        **{f"workbook.{key}.columns": (len(one.columns), limits.MAX_COLUMNS) for key, one in world.workbook.items()},
        **{f"servers.{key}.files": (len(server.files), limits.MAX_FILES) for key, server in world.servers.items()},
        **{f"servers.{key}.users": (len(server.users), limits.MAX_USERS) for key, server in world.servers.items()},
    }
    for where, (count, most) in sizes.items():
        if count > most:
            yield where, f"{count} entries; at most {most} are allowed"


def _keys(world: World) -> Iterator[tuple[str, str]]:
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
        if key != name:
            yield f"{where}.{key}", f"is called '{name}'; key and name must be the same"
    lists = {
        "queue": world.queue,
        "items": tuple(item.id for item in world.items),
        # a server is found by either, so no name may be another's address
        "servers": tuple(own for one in world.servers.values() for own in {one.name, one.address}),
        **{f"servers.{key}.users": server.users for key, server in world.servers.items()},
        **{f"workbook.{key}.columns": sheet.columns for key, sheet in world.workbook.items()},
    }
    for where, entries in lists.items():
        if len(set(entries)) < len(entries):
            yield where, "the same entry stands twice"


def _texts(world: World) -> Iterator[tuple[str, str]]:
    for key, document in world.drive.items():
        yield from _refused(f"drive.{key}", check_path, "path", key)
        yield from _refused(f"drive.{key}", check_text, "text", document.text, limits.MAX_DOCUMENT)
    for sheet in world.workbook.values():
        yield from _sheet(sheet)
    for key, value in world.config.items():
        yield from _refused(f"config.{key}", check_name, "key", key)
        yield from _refused(f"config.{key}", check_line, "value", value, limits.MAX_LINE, True)
    for server in world.servers.values():
        yield from _server(server)
    for key, agent in world.agents.items():
        for part in (key, agent.name):
            yield from _refused(f"agents.{key}", check_name, "name", part)
        yield from _refused(f"agents.{key}", check_line, "role", agent.role)
        if agent.kind not in KINDS or agent.status not in STATUSES:
            yield f"agents.{key}", f"kind must be one of {KINDS} and status one of {STATUSES}"
    for place, message in enumerate(world.outbox, start=1):
        yield from _refused(f"outbox.{place}", check_line, "recipient", message.to)
        yield from _refused(f"outbox.{place}", check_line, "subject", message.subject, limits.MAX_LINE, True)
        yield from _refused(f"outbox.{place}", check_text, "text", message.text, limits.MAX_TEXT)
    if world.memory is not None:
        yield from _refused("memory", check_text, "memory", world.memory, limits.MAX_DOCUMENT)


def _sheet(sheet: Sheet) -> Iterator[tuple[str, str]]:
    where = f"workbook.{sheet.name}"
    for name in (sheet.name, *sheet.columns):
        yield from _refused(where, check_name, "name", name)
    for number, row in enumerate(sheet.rows, start=1):
        if len(row) != len(sheet.columns):
            yield f"{where}.rows.{number}", f"{len(row)} cells for {len(sheet.columns)} columns"
        for cell in row:
            if isinstance(cell, str):
                yield from _refused(f"{where}.rows.{number}", check_text, "cell", cell, limits.MAX_CELL, True)
            elif not math.isfinite(cell) or abs(cell) > limits.MAX_NUMBER:
                yield f"{where}.rows.{number}", "a number out of range"


def _server(server: Server) -> Iterator[tuple[str, str]]:
    where = f"servers.{server.name}"
    for name in (server.name, server.address, *server.users):
        yield from _refused(where, check_name, "name", name)
    for file in server.files.values():
        yield from _refused(f"{where}.files", check_path, "path", file.path)
        yield from _refused(f"{where}.files.{file.path}", check_line, "summary", file.summary)
        if not 0 <= file.size <= limits.MAX_BYTES:
            yield f"{where}.files.{file.path}", "a size out of range"
    if not server.used <= server.capacity <= limits.MAX_BYTES:
        yield f"{where}.capacity", f"{server.used} bytes are taken of {server.capacity}"


def _work(world: World) -> Iterator[tuple[str, str]]:
    for item in world.items:
        yield from _refused(f"items.{item.id}", check_name, "id", item.id)
        yield from _refused(f"items.{item.id}", check_text, "text", item.text, limits.MAX_TEXT)
    done = [item.id for item in world.items[: max(world.items_done, 0)]]
    if world.items_done != len(done) or set(world.answers) != set(done):
        yield "answers", f"{world.items_done} items are said to be done, and {len(world.answers)} are answered"
    for id_, answer in world.answers.items():
        yield from _refused(f"answers.{id_}", check_text, "answer", answer, limits.MAX_TEXT)
    for value, comment in (world.result,) if world.result else ():
        yield from _refused("result", check_line, "value", value)
        yield from _refused("result", check_text, "comment", comment, limits.MAX_TEXT, True)
    for server, path in world.queue:
        if server not in world.servers:
            yield "queue", f"there is no server '{server}'"
        yield from _refused("queue", check_path, "path", path)
    if world.shutdown is not None:
        yield from _refused("shutdown", check_name, "target", world.shutdown, limits.MAX_LINE)
    if world.ended != (world.report is not None):
        yield "report", "a task that has ended has a report, and no other has"
    if world.report is not None:
        yield from _refused("report", check_text, "report", world.report, limits.MAX_REPORT)


def _refused(where: str, check: Callable[..., str], *arguments: object) -> Iterator[tuple[str, str]]:
    """Give the error of a check that refuses a value, or a note if the check would change the value."""
    try:
        if check(*arguments) != arguments[1]:
            yield where, f"the {arguments[0]} has spaces around it, or line ends other than \\n"
    except WorldError as error:
        yield where, str(error)
