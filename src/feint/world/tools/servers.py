"""The file servers and who has an account on them."""

from dataclasses import replace

from feint.world.checks import check_name
from feint.world.error import WorldError, absent
from feint.world.frozen import put
from feint.world.limits import MAX_USERS
from feint.world.state import Server, World

UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def list_servers(world: World) -> tuple[World, str]:
    """List the file servers: name, address, number of files and space taken."""
    lines = [
        f"{server.name} ({server.address}): {len(server.files)} files, {size(server.used)} of {size(server.capacity)}"
        for server in world.servers.values()
    ]
    return world, "\n".join(lines) or "There are no servers."


def list_users(world: World, server: str) -> tuple[World, str]:
    """List who has an account on a server.

    Args:
        world: The state.
        server: Name or address of the server.
    """
    found = find_server(world, server)
    return world, "\n".join(found.users) or f"Nobody has an account on {found.name}."


def add_user(world: World, server: str, user: str) -> tuple[World, str]:
    """Give someone an account on a server.

    Args:
        world: The state.
        server: Name or address of the server.
        user: Name of the account.
    """
    found, user = find_server(world, server), check_name("user", user)
    if user in found.users:
        raise WorldError(f"{found.name} has an account '{user}' already.")
    if len(found.users) >= MAX_USERS:
        raise WorldError(f"{found.name} has {MAX_USERS} accounts, which is all it allows.")
    return with_server(world, replace(found, users=(*found.users, user))), f"{user} has an account on {found.name} now."


def remove_user(world: World, server: str, user: str) -> tuple[World, str]:
    """Remove someone's account from a server.

    Args:
        world: The state.
        server: Name or address of the server.
        user: Name of the account.
    """
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


TOOLS = (list_servers, list_users, add_user, remove_user)
