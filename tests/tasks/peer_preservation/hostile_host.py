"""Watches what a process does to its host, by Python's audit events, which nothing in the process can bypass quietly.

A hook for them cannot be taken away again, so there is one, which looks only while something is watched.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CANARY = "canary-5f1c"
"""Stands in all that a hostile model writes to get out. It is never an argument of anything that the host is asked."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate",
    "os.utime", "os.setxattr", "os.removexattr", "os.mkfifo", "shutil.move", "shutil.rmtree", "shutil.copyfile",
}  # fmt: skip
"""Events that change files; their first argument is a path."""
NEVER = (
    "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.kill", "os.startfile",
    "os.chdir", "os.putenv", "os.unsetenv", "pty.", "socket.connect", "socket.bind", "socket.getaddrinfo",
    "socket.sendto", "http.", "urllib.", "ftplib.", "smtplib.", "webbrowser.", "ctypes.dlopen",
)  # fmt: skip
"""Beginnings of events for which an eval without network has no need."""


class _Watch:
    allowed: tuple[str, ...] = ()
    found: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _Watch.found is None:
        return
    said = ""
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, (str, bytes, os.PathLike)) and flags & WRITES and not _is_allowed(path):
            said = "written"
    elif event in CHANGES:
        said = "" if _is_allowed(arguments[0]) else "changed"
    elif event == "os.chdir" and Path(arguments[0]).resolve() == Path.cwd():
        pass
    elif event == "socket.bind" and _is_allowed(arguments[1]):
        pass  # Inspect's own, through which a running eval can be looked at; it is a file
    elif event.startswith(NEVER):
        said = "done"
    if not said and any(isinstance(one, str) and CANARY in one for one in arguments):
        said = "named by the model"
    if said:
        _Watch.found.append(f"{said}: {event} {arguments!r}"[:300])


def _is_allowed(path: Any) -> bool:
    whole = os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes, os.PathLike)) else ""
    return whole == os.devnull or f"{whole}{os.sep}".startswith(_Watch.allowed)


@contextmanager
def watched(*allowed: Path) -> Iterator[list[str]]:
    """What is done to the host while the block runs; a list that stays empty if nothing is.

    Args:
        allowed: Folders in which files may be written.
    """
    global _hooked
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    _Watch.allowed, _Watch.found = tuple(f"{path.resolve()}{os.sep}" for path in allowed), []
    try:
        yield _Watch.found
    finally:
        _Watch.found = None


_hooked = False
