"""A person's file of labels, which only grows: a label is on the disk before the next reply is shown."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from feint.base.errors import UsageError
from feint.people.label.events import Line, parse, written
from feint.people.label.record import Record

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def labels_folder(study: Path) -> Path:
    """Return the folder of a study's labels."""
    return study / "labels"


def person_file(study: Path, person: str) -> Path:
    """Return the path of a person's file.

    Raises:
        UsageError: The person's name cannot name a file.
    """
    if not _NAME.fullmatch(person):
        raise UsageError(
            f"person '{person}': expected at most 64 letters, digits, dots, dashes or underscores, beginning with a "
            "letter or digit; name one with --person"
        )
    return labels_folder(study) / f"{person}.jsonl"


class LabelFile:
    """The open file of a person. No other process can open it meanwhile; a process that dies releases it."""

    def __init__(self, study: Path, person: str) -> None:
        """Open the file, or begin it, and remove the rest of a line that was cut off in writing.

        Raises:
            UsageError: The name is not one, the file cannot be written or is not ours, or another process has it open.
        """
        self.path = person_file(study, person)
        self.person = person
        try:
            self.path.parent.mkdir(exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written ({error.strerror}); check its folder") from None
        try:
            self._lock()
            self.record = self._read()
        except BaseException:
            os.close(self._fd)
            raise
        sync_folder(self.path.parent)

    def __enter__(self) -> "LabelFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._fd)

    def append(self, events: Sequence[Line]) -> None:
        """Write events and wait until the disk has them.

        Raises:
            OSError: They could not be written; the file is as it was.
        """
        before = os.fstat(self._fd).st_size
        rest = b"".join(map(written, events))
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
            os.fsync(self._fd)
        except OSError:
            os.ftruncate(self._fd, before)
            raise
        for event in events:
            self.record.add(event)

    def _lock(self) -> None:
        if fcntl is None:  # no such locks on this system
            return
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"{self.path}: another process is adding labels of '{self.person}'; end it, or name another --person"
            ) from None

    def _read(self) -> Record:
        raw = self.path.read_bytes()
        events, done = parse(raw, self.path, self.person)
        record = Record(events, str(self.path))
        if done < len(raw):
            os.ftruncate(self._fd, done)
        elif raw and not raw.endswith(b"\n"):
            os.write(self._fd, b"\n")
        return record


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names of a folder's files."""
    if os.name != "posix":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
