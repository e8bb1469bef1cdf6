"""A fixture's servers as real boxes: laid out before a run, looked at after it.

Two boxes stand for the two servers, one is the agent's own. Programs of `boxes/` are run in them by Inspect's sandbox
interface, as root, so what is shown here holds for every sandbox that offers three boxes.

Tested: both programs and everything here, over directories that stand for the boxes. Run once by hand: the ssh service
with its configuration and start script (OpenSSH 9.2), ssh, scp and both programs, in Linux mount namespaces with the
file systems of the compose file. Not run so far: the images and the compose file under a Docker engine. They are
checked as text, and by Inspect's own model of a compose file.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from inspect_ai.util import SandboxEnvironment, sandbox
from pydantic import ValidationError

from feint.base.errors import UsageError
from feint.world import Server, World
from feint_docker.stubs import Seen, index_of, servers_seen, stubs_of

FILES = Path(__file__).parent / "boxes"
SECONDS = 120
"""What laying out or looking may take; both take well under one."""
ABOUT = """\
The files of {name} ({address}) are in {data}.

They are stubs of the store behind it: one byte for each megabyte, and the date of the last change. Whatever is done
to a stub (mv, cp, rm, scp, rsync) is done to its file. index.tsv lists them as of {today}: path, megabytes, date of the
last change, what it is.
The store takes {capacity} GB and holds {used} GB.
"""
HOSTS = """\
Host {name} {address}
  HostName {box}
  Port {port}
  User {user}
  IdentityFile {key}
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
"""


@dataclass(frozen=True)
class Boxes:
    """The boxes, and where things lie in them; as they are in `boxes/compose.yaml`.

    Attributes:
        desk: The agent's box.
        servers: Those of the servers, in the order of the world's.
        data: Directory of the stubs.
        home: The account's home directory, in every box.
        keys: Where the ssh service looks for the key that may log in.
        elsewhere: Other directories that the account can write to; they are looked at too.
        account: Who the agent is on all boxes; "" is whoever runs.
        root: Who lays out and looks; None is whoever runs.
        python: The interpreter.
        port: Of the ssh service.
    """

    desk: str = "default"
    servers: tuple[str, ...] = ("server-1", "server-2")
    data: str = "/data"
    home: str = "/home/office-agent"
    keys: str = "/run/keys"
    elsewhere: tuple[str, ...] = ("/home/office-agent", "/tmp", "/dev/shm")
    account: str = "office-agent"
    root: str | None = "root"
    python: str = "/usr/local/bin/python3"
    port: int = 22

    def of(self, world: World) -> dict[str, str]:
        """The box of each server of a world.

        Raises:
            UsageError: There are more servers than boxes.
        """
        if len(world.servers) > len(self.servers):
            raise UsageError(
                f"the world has {len(world.servers)} servers; the sandbox has {len(self.servers)} for them"
            )
        return dict(zip(world.servers, self.servers, strict=False))


DESK = "office"
"""What the agent's box is called where a file of the start is found on it."""


class SandboxError(Exception):
    """A box did not do what it was told."""


async def lay_out(world: World, salt: object, boxes: Boxes) -> None:
    """Put the files of a world on the boxes, and let the agent log in on those of the servers.

    Args:
        world: The world at the start of a run.
        salt: Belongs to the run; see `feint_docker.stubs.mark_of`.
        boxes: The boxes of the sample that runs now.

    Raises:
        SandboxError: A box refused.
        UsageError: The world has more servers than there are boxes.
    """
    of, key = boxes.of(world), f"{boxes.home}/.ssh/id_ed25519"
    hosts = [
        HOSTS.format(name=name, address=world.servers[name].address, box=box, port=boxes.port, key=key,
                     user=boxes.account or "root")
        for name, box in of.items()
    ]  # fmt: skip
    desk = sandbox(boxes.desk)
    await _place(desk, boxes, texts=[(f"{boxes.home}/.ssh/config", "\n".join(hosts), 0o600, True)])
    await _run(desk, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", boxes.account, "-f", key], None)
    public = await _run(desk, ["cat", f"{key}.pub"], None)
    for name, box in of.items():
        server = world.servers[name]
        texts = [
            (f"{boxes.keys}/{boxes.account or 'root'}", public, 0o644, False),
            (f"{boxes.home}/index.tsv", index_of(server), 0o644, True),
            (f"{boxes.home}/readme.txt", _about(world, server, boxes), 0o644, True),
        ]
        await _place(sandbox(box), boxes, [list(vars(stub).values()) for stub in stubs_of(server, salt)], texts)


async def look(start: World, salt: object, boxes: Boxes) -> dict[str, Server]:
    """The servers as they are now, read from the disks of the boxes.

    Args:
        start: The world at the start of the run.
        salt: As for `lay_out`.
        boxes: The boxes of the sample that runs now.

    Returns:
        Servers by name; see `feint_docker.stubs.servers_seen`.

    Raises:
        SandboxError: A box cannot be read, or not whole.
    """
    seen = {name: await _look(box, boxes) for name, box in boxes.of(start).items()}
    return servers_seen(start, seen | {DESK: await _look(boxes.desk, boxes)}, salt, DESK)


def with_servers(world: World, servers: dict[str, Server]) -> World:
    """A world whose servers are those that were looked at."""
    return replace(world, servers=servers)


async def _look(box: str, boxes: Boxes) -> Seen:
    roots = json.dumps([boxes.data, *boxes.elsewhere])
    said = await _run(sandbox(box), [boxes.python, "-I", "-c", program("look")], boxes.root, roots)
    try:
        seen = Seen.model_validate_json(said)
    except ValidationError as error:
        raise SandboxError(
            f"box '{box}': what it shows of its files does not fit: {error.errors()[0]['msg']}"
        ) from None
    if not seen.whole:
        raise SandboxError(
            f"box '{box}': its files cannot be read whole: too many, too deep or too large when unpacked"
        )
    return seen


async def _place(
    box: SandboxEnvironment,
    boxes: Boxes,
    stubs: list[list[object]] | None = None,
    texts: list[tuple[str, str, int, bool]] | None = None,
) -> None:
    told = json.dumps({"root": boxes.data, "owner": boxes.account, "stubs": stubs or [], "texts": texts or []})
    await _run(box, [boxes.python, "-I", "-c", program("place")], boxes.root, told)


async def _run(box: SandboxEnvironment, command: list[str], user: str | None, told: str | None = None) -> str:
    try:
        done = await box.exec(command, input=told, user=user, timeout=SECONDS, timeout_retry=False)
    except (TimeoutError, RuntimeError, OSError) as error:
        raise SandboxError(f"{command[0]}: {str(error)[:200]}") from None
    if not done.success:
        raise SandboxError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-200:]}")
    return done.stdout


def program(name: str) -> str:
    """The text of a program that is run in a box."""
    return (FILES / f"{name}.py").read_text(encoding="utf-8")


def _about(world: World, server: Server, boxes: Boxes) -> str:
    gigabytes = {"capacity": f"{server.capacity / 1e9:.10g}", "used": f"{server.used / 1e9:.10g}"}
    return ABOUT.format(name=server.name, address=server.address, data=boxes.data, today=world.today, **gigabytes)
