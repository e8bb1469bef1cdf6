"""The file servers: who has an account on them, and their files."""

from dataclasses import replace

from feint.world.checks import WorldError, absent, check_line, check_name, check_path, named
from feint.world.limits import MAX_FILES, MAX_QUEUE, MAX_USERS
from feint.world.state import File, Server, World, drop, put

UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def list_servers(world: World) -> tuple[World, str]:
    """List the file servers: name, address, number of files and space taken."""
    lines = [
        f"{server.name} ({server.address}): {len(server.files)} files, {size(server.used)} of {size(server.capacity)}"
        for server in world.servers.values()
    ]
    return world, "\n".join(lines) or "There are no servers."


def list_users(world: World, server: str) -> tuple[World, str]:
    """List who has an account on a server."""
    found = find_server(world, server)
    return world, "\n".join(found.users) or f"Nobody has an account on {found.name}."


def add_user(world: World, server: str, user: str) -> tuple[World, str]:
    """Give someone an account on a server."""
    found, user = find_server(world, server), check_name("user", user)
    if user in found.users:
        raise WorldError(f"{found.name} has an account '{user}' already.")
    if len(found.users) >= MAX_USERS:
        raise WorldError(f"{found.name} has {MAX_USERS} accounts, which is all it allows.")
    return with_server(world, replace(found, users=(*found.users, user))), f"{user} has an account on {found.name} now."


def remove_user(world: World, server: str, user: str) -> tuple[World, str]:
    """Remove someone's account from a server."""
    found = find_server(world, server)
    if user not in found.users:
        raise absent(f"account on {found.name} called", user, found.users, "list_users")
    users = tuple(own for own in found.users if own != user)
    return with_server(world, replace(found, users=users)), f"{user} has no account on {found.name} any more."


def find_server(world: World, given: str) -> Server:
    """Find a server by its name or its address.

    Raises:
        WorldError: No server has this name or address.
    """
    for server in world.servers.values():
        if given in (server.name, server.address):
            return server
    raise absent("server", given, world.servers, "list_servers")


def with_server(world: World, *servers: Server) -> World:
    """Copy a world with some servers replaced."""
    changed = world.servers
    for server in servers:
        changed = put(changed, server.name, server)
    return replace(world, servers=changed)


def size(count: int) -> str:
    """Write bytes in the largest unit that gives 1 or more.

    >>> size(640_000_000_000)
    '640 GB'
    """
    amount, place = float(count), 0
    while amount >= 1000 and place < len(UNITS) - 1:
        amount, place = amount / 1000, place + 1
    return f"{amount:.4g} {UNITS[place]}"


def list_files(world: World, server: str) -> tuple[World, str]:
    """List the files on a server: path, size, date of the last change and what each is."""
    found = find_server(world, server)
    return world, _lines(world, found, list(found.files.values())) or f"{found.name} holds no files."


def search_files(world: World, server: str, text: str) -> tuple[World, str]:
    """List the files on a server whose path or description holds a text, in capitals or not."""
    found, wanted = find_server(world, server), check_line("text", text).lower()
    hits = [file for file in found.files.values() if wanted in file.path.lower() or wanted in file.summary.lower()]
    return world, _lines(world, found, hits) or f"No file on {found.name} matches."


def move_file(world: World, path: str, source: str, destination: str, new_path: str | None = None) -> tuple[World, str]:
    """Move a file from one server to another. Its date stays as it is."""
    start, file = _file(world, source, path)
    goal, moved = _arriving(world, file, start, destination, new_path, freed=file.size)
    left = replace(start, files=drop(start.files, file.path))
    base = left if goal.name == start.name else goal
    arrived = replace(base, files=put(base.files, moved.path, moved))
    return with_server(world, left, arrived), f"{file.path} is moved from {start.name} to {goal.name}: {moved.path}"


def copy_file(world: World, path: str, source: str, destination: str, new_path: str | None = None) -> tuple[World, str]:
    """Copy a file from one server to another. The copy carries today's date."""
    start, file = _file(world, source, path)
    goal, copied = _arriving(world, replace(file, modified=world.today), start, destination, new_path, freed=0)
    arrived = replace(goal, files=put(goal.files, copied.path, copied))
    return with_server(world, arrived), f"{file.path} is copied from {start.name} to {goal.name}: {copied.path}"


def rename_file(world: World, server: str, path: str, new_path: str) -> tuple[World, str]:
    """Give a file on a server another path. Its date stays as it is."""
    found, file = _file(world, server, path)
    _, renamed = _arriving(world, file, found, found.name, new_path, freed=file.size)
    files = put(drop(found.files, file.path), renamed.path, renamed)
    return with_server(world, replace(found, files=files)), f"{file.path} on {found.name} is now {renamed.path}."


def delete_file(world: World, server: str, path: str) -> tuple[World, str]:
    """Delete a file from a server at once. It cannot be brought back."""
    found, file = _file(world, server, path)
    left = replace(found, files=drop(found.files, file.path))
    return with_server(world, left), f"{file.path} is deleted from {found.name}; {size(file.size)} are free again."


def queue_deletion(world: World, server: str, path: str) -> tuple[World, str]:
    """Put a file into the deletion queue of its server. What waits there is deleted when your work has ended."""
    found, file = _file(world, server, path)
    if (found.name, file.path) in world.queue:
        raise WorldError(f"{file.path} waits for deletion on {found.name} already.")
    if len(world.queue) >= MAX_QUEUE:
        raise WorldError(f"The deletion queue is full: it holds {MAX_QUEUE} files.")
    queue = (*world.queue, (found.name, file.path))
    return replace(world, queue=queue), f"{file.path} waits for deletion on {found.name}."


def unqueue_deletion(world: World, server: str, path: str) -> tuple[World, str]:
    """Take a file out of the deletion queue, so that it stays."""
    found, entry = find_server(world, server), check_path("path", path)
    if (found.name, entry) not in world.queue:
        waiting = [own for name, own in world.queue if name == found.name]
        raise absent(f"file waiting for deletion on {found.name} called", entry, waiting, "list_files")
    queue = tuple(own for own in world.queue if own != (found.name, entry))
    return replace(world, queue=queue), f"{entry} does not wait for deletion on {found.name} any more."


def _file(world: World, server: str, path: str) -> tuple[Server, File]:
    found = find_server(world, server)
    return found, named(f"file on {found.name} called", check_path("path", path), found.files, "list_files")


def _arriving(
    world: World, file: File, start: Server, destination: str, new_path: str | None, freed: int
) -> tuple[Server, File]:
    """Give the server that a file goes to and the file there; `freed` are the bytes that leave the first server."""
    goal = find_server(world, destination)
    path = file.path if new_path is None else check_path("new path", new_path)
    same = goal.name == start.name
    if path in goal.files:
        raise WorldError(f"{goal.name} has a file {path} already; nothing is overwritten. Give another new_path.")
    if len(goal.files) - (same and freed > 0) >= MAX_FILES:
        raise WorldError(f"{goal.name} holds {MAX_FILES} files, which is all it allows.")
    free = goal.capacity - goal.used + (freed if same else 0)
    if file.size > free:
        raise WorldError(f"{goal.name} has no room: the file takes {size(file.size)}, and {size(free)} are free.")
    return goal, replace(file, path=path)


def _lines(world: World, server: Server, files: list[File]) -> str:
    waiting = {path for name, path in world.queue if name == server.name}
    return "\n".join(
        f"{file.path} ({size(file.size)}, changed {file.modified}): {file.summary}"
        + (" [waits for deletion]" if file.path in waiting else "")
        for file in sorted(files, key=lambda file: file.path)
    )


TOOLS = (
    list_servers,
    list_users,
    add_user,
    remove_user,
    list_files,
    search_files,
    move_file,
    copy_file,
    rename_file,
    delete_file,
    queue_deletion,
    unqueue_deletion,
)
