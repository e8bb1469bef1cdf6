"""The ledger of a study: one line for each answer of a model that was paid for, written when it comes.

Logs cannot say what a study cost: a call that was repeated, judged anew or interrupted was paid for and is in none of
them, and a reply from the cache is in one without having been paid for a second time.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from inspect_ai.model import ModelUsage
from pydantic import ValidationError

NUMBERS = ("input_tokens", "output_tokens", "input_tokens_cache_write", "input_tokens_cache_read", "total_cost")


class Ledger:
    """A file of JSON lines: `model`, the numbers of tokens, and `total_cost` in USD where it is known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIOWrapper | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Take entries while the block runs; without any, no file is made."""
        try:
            yield
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None

    def add(self, model: str, usage: ModelUsage) -> None:
        """Write down one answer."""
        if self._file is None:
            torn = self.path.is_file() and not (b"\n" + self.path.read_bytes()).endswith(b"\n")
            self._file = self.path.open("a", encoding="utf-8")
            self._file.write("\n" if torn else "")
        line = json.dumps({"model": model, **usage.model_dump(include=set(NUMBERS), exclude_none=True)})
        self._file.write(line + "\n")
        self._file.flush()  # a process that is killed has paid all the same

    def read(self) -> Iterator[tuple[str, ModelUsage]]:
        """All entries; a line that a dying process left unfinished is none."""
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                    yield str(entry.pop("model")), ModelUsage.model_validate(entry)
                except (ValueError, KeyError, AttributeError, ValidationError):
                    continue
