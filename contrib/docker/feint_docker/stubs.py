"""The files of a world's servers as stubs on disk, and the servers that a look at the disks shows.

A file of a world has a size of up to hundreds of gigabytes and no content. On disk it is a stub: a line with a mark
that belongs to this file alone, and a hole after it, a byte for each megabyte. (At its full size even a hole would be
written out as zeros by whatever copies it over a network.) A file is known by its mark, wherever it lies and whatever
it is called; so renaming, copying, and packing into a tar, gzip, bzip2 or xz archive are all seen. A file that is
encrypted, encoded as text or split is seen only as far as the line with its mark is left whole.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from feint.world import File, Server, World, WorldError
from feint.world.checks import check_path
from feint.world.limits import MAX_BYTES, MAX_FILES, MAX_NAME

SCALE = 10**6
"""Bytes of a file for one byte of its stub."""
NEW = "a file that was not there before"
OUTSIDE = "outside"
"""First part of the path of a file that lies beside the stubs, such as in a directory for temporary files."""
NOON = 12 * 3600


@dataclass(frozen=True)
class Stub:
    """A file on disk.

    Attributes:
        path: Where it lies below the directory of the stubs.
        head: Its first line, with the mark.
        size: Bytes on disk, mostly a hole.
        changed: Time of the last change, in seconds since 1970.
    """

    path: str
    head: str
    size: int
    changed: int


class Seen(BaseModel):
    """What a look at a box shows; see `docker/look.py`. It is about what an agent left, and checked like any input.

    Attributes:
        files: Number of the directory, path in hexadecimal, bytes, time of the last change, marks found in it.
        whole: Whether everything was seen.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    files: list[tuple[int, str, int, int, list[str]]]
    whole: bool


def mark_of(salt: object, server: str, path: str) -> str:
    """The mark of a file: 32 hexadecimal digits that depend on the run, the server and the path."""
    return hashlib.sha256(f"{salt}\0{server}\0{path}".encode()).hexdigest()[:32]


def stubs_of(server: Server, salt: object) -> list[Stub]:
    """The files of a server as they are put on disk."""
    return [
        Stub(file.path, f"stub {mark_of(salt, server.name, file.path)}\n", file.size // SCALE, _noon(file.modified))
        for file in server.files.values()
    ]


def index_of(server: Server) -> str:
    """The list of a server's files that lies on it: path, megabytes, last change and what each is, parted by tabs."""
    lines = [
        f"{file.path}\t{file.size / SCALE:.10g}\t{file.modified}\t{file.summary}"
        for file in sorted(server.files.values(), key=lambda file: file.path)
    ]
    return "\n".join(["path\tmegabytes\tlast changed\twhat it is", *lines]) + "\n"


def servers_seen(start: World, seen: Mapping[str, Seen], salt: object, desk: str) -> dict[str, Server]:
    """The servers as a look at their disks shows them.

    A known file keeps its size and summary and has the path and date it has now; an archive of several is a folder
    that holds each of them. Others are listed as what they are. Names that no server of a world could bear are spelt
    out. Room is not bounded here, so a server's capacity grows with what is on it. Of more files than a server of a
    world may hold, those of the start come first, the largest leading.

    Args:
        start: The world before the run.
        seen: By server, what was seen there. The first directory of each look is that of the stubs, others lie outside.
        salt: As for `stubs_of`.
        desk: Name of the agent's own box. It becomes a server where a file of the start lies on it.

    Returns:
        Servers by name.
    """
    marks = {mark_of(salt, own.name, file.path): file for own in start.servers.values() for file in own.files.values()}
    laid = {file.path for file in marks.values()}
    found = {name: _files(seen[name], marks, laid) for name in seen}
    servers = {}
    for name, own in start.servers.items():
        used = sum(file.size for file in found[name].values())
        servers[name] = replace(own, files=found[name], capacity=min(max(own.capacity, used), MAX_BYTES))
    kept = {path: file for path, file in found.get(desk, {}).items() if file.summary != NEW}
    if kept:
        servers[desk] = Server(desk, desk, kept, (), max(sum(file.size for file in kept.values()), 1))
    return servers


def _files(seen: Seen, marks: Mapping[str, File], laid: set[str]) -> dict[str, File]:
    listed = sorted(_listed(seen, marks), key=lambda file: (file.summary == NEW, -file.size, file.path))
    files: dict[str, File] = {}
    for file in listed[:MAX_FILES]:
        # a new file in the place of an old one is not that file
        path = _fit(f"new/{file.path}") if file.summary == NEW and file.path in laid else file.path
        path = _free(path, files)
        files[path] = replace(file, path=path)
    return dict(sorted(files.items()))


def _listed(seen: Seen, marks: Mapping[str, File]) -> Iterator[File]:
    for root, name, size, changed, held in seen.files:
        path, when = path_of(bytes.fromhex(name), root > 0), _day(changed)
        known = [marks[mark] for mark in held if mark in marks]
        if root > 0 and not known:
            continue  # a shell leaves all sorts of files in a home directory
        if not known:
            yield File(path, min(max(size, 0) * SCALE, MAX_BYTES // MAX_FILES), when, NEW)
        elif len(known) == 1:
            yield replace(known[0], path=path, modified=when)
        else:
            yield from (replace(own, path=_fit(f"{path}/{own.path}"), modified=when) for own in known)


def path_of(raw: bytes, outside: bool) -> str:
    """Return a path as a world takes it: characters that a path cannot hold are spelt out, and a long path is cut."""
    text = raw.decode("utf-8", "backslashreplace")
    parts = [_part(part) for part in text.split("/") if part]
    return _fit("/".join([OUTSIDE, *parts] if outside else parts))


def _part(name: str) -> str:
    shown = "".join(
        mark if mark.isprintable() and mark != "\\" else f"<{mark.encode('unicode_escape').decode().lstrip(chr(92))}>"
        for mark in name
    )
    return (shown.strip() or "<blank>")[:MAX_NAME].strip()


def _fit(path: str) -> str:
    """The path, or one that a world takes; a digest of the whole keeps cut ones apart."""
    try:
        if check_path("path", path) == path:
            return path
    except WorldError:
        pass
    digest = hashlib.sha256(path.encode("utf-8", "backslashreplace")).hexdigest()[:16]
    last = path.rsplit("/", 1)[-1][: MAX_NAME // 2].strip(" .~:\\") or "file"
    return f"odd-name-{digest}/{last}"


def _free(path: str, taken: Mapping[str, File]) -> str:
    if path not in taken:
        return path
    digest = hashlib.sha256(path.encode()).hexdigest()[:12]
    return next(name for count in range(len(taken) + 1) if (name := f"again-{digest}/{count}") not in taken)


def _noon(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + NOON


def _day(seconds: int) -> date:
    """The day of a time; one beyond the calendar is the first or the last day of it."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()
    except OverflowError:
        return date.max if seconds > 0 else date.min
