"""The files of labels, one for each person, which only grow: a label is on the disk before the next reply is shown."""

import json
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pandas as pd

from feint.base.errors import UsageError
from feint.people.label.events import Line, Record, replay

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]  # Windows

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
COLUMNS = (
    "person", "id", "label", "note", "cell", "request", "wording", "voice", "sample", "probability", "weight",
    "opened", "time",
)  # fmt: skip


def person_file(study: Path, person: str) -> Path:
    """Return the path of a person's file; raises `UsageError` if the person's name cannot name a file."""
    if not _NAME.fullmatch(person):
        raise UsageError(
            f"person '{person}': expected at most 64 letters, digits, dots, dashes or underscores, beginning with a "
            "letter or digit; name one with --person"
        )
    return study / "labels" / f"{person}.jsonl"


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
        if os.name == "posix":  # wait until the disk has the name of the file
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def append(self, events: Sequence[Line]) -> None:
        """Write events and wait until the disk has them.

        Raises:
            OSError: They could not be written; the file is as it was.
        """
        before = os.fstat(self._fd).st_size
        rest = b"".join(
            json.dumps(event.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n" for event in events
        )
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
        record, done = replay(raw, self.path, self.person)
        if done < len(raw):
            os.ftruncate(self._fd, done)
        elif raw and not raw.endswith(b"\n"):
            os.write(self._fd, b"\n")
        return record


def read_labels_of_people(folder: Path) -> pd.DataFrame:
    """Read the labels that people gave to the replies of a study; another process may be adding labels meanwhile.

    The replies of a draw are a random sample, stratified by cell and by the judge's label; each reply counts with its
    `weight`. If a person drew more replies later, the probabilities are those of the larger draw.

    Args:
        folder: The study's folder.

    Returns:
        One row for each person and reply, with the last label that was not taken back: person, id (as in the log, with
        `#2` and so on for later epochs), label ("complied", "refused" or "unclear"), note, cell, request, wording,
        voice, sample, probability (with which it was drawn; NaN for an imported label that belongs to no draw),
        weight (its inverse), opened (whether the reasoning was looked at) and time (UTC). Sorted by person and id.

    Raises:
        UsageError: A line of a file is broken; an unfinished last line, from a crash, is passed over.
    """
    rows = []
    for path in sorted((folder / "labels").glob("*.jsonl")):
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
        record, _ = replay(raw, path, path.stem)
        drawn = record.drawn
        for id, label in record.labels().items():
            chance = drawn[id].probability if id in drawn else label.probability
            said = label.model_dump(exclude={"event"}) | {"probability": math.nan if chance is None else chance}
            rows.append(said | {"weight": 1 / said["probability"]})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["person", "id"], ignore_index=True)
