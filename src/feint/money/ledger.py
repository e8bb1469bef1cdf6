"""The ledger of a study: one line for each paid answer of a model, written when the answer comes.

Logs cannot tell the cost of a study. Calls that were repeated, interrupted or judged anew were paid for and are in no
log; replies from the cache are in a log and were not paid for twice.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from inspect_ai.model import ModelUsage
from pydantic import BaseModel, ConfigDict, ValidationError

NUMBERS = ("input_tokens", "output_tokens", "input_tokens_cache_write", "input_tokens_cache_read", "total_cost")
LONGEST = 4096
"""Characters of a line at most; a longer line was not written here, and is read in parts that are no entries."""


class Entry(BaseModel):
    """A line of the ledger: a model and the usage of one call."""

    model_config = ConfigDict(extra="allow")
    model: str


class Ledger:
    """A file of JSON lines: `model`, the numbers of tokens, and `total_cost` in USD where known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIOWrapper | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Accept entries while the block runs; without entries, no file is made."""
        try:
            yield
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None

    def add(self, model: str, usage: ModelUsage) -> None:
        """Write one answer."""
        if self._file is None:
            torn = is_torn(self.path)
            self._file = self.path.open("a", encoding="utf-8")
            self._file.write("\n" if torn else "")
        line = json.dumps({"model": model, **usage.model_dump(include=set(NUMBERS), exclude_none=True)})
        self._file.write(line + "\n")
        self._file.flush()  # a process that is killed later has paid all the same

    def read(self) -> Iterator[tuple[str, ModelUsage]]:
        """Read all entries; a line that a dying process left unfinished is skipped."""
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8", errors="replace") as lines:
            while line := lines.readline(LONGEST):
                try:
                    entry = Entry.model_validate_json(line)
                    yield entry.model, ModelUsage.model_validate(entry.model_extra)
                except ValidationError:
                    continue


def is_torn(path: Path) -> bool:
    """Tell if the last line of a file lacks its end, because a process died while writing the line."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
