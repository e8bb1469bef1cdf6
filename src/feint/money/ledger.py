"""The ledger of a study: one line for each paid answer of a model, written when the answer comes.

Logs cannot tell the cost of a study. Calls that were repeated, interrupted or judged anew were paid for and are in no
log; replies from the cache are in a log and were not paid for twice.
"""

from collections.abc import Iterator
from pathlib import Path

from inspect_ai.model import ModelUsage
from pydantic import BaseModel, ConfigDict, ValidationError

from feint.base.writing import append_line, read_lines

NUMBERS = {"input_tokens", "output_tokens", "input_tokens_cache_write", "input_tokens_cache_read", "total_cost"}
LONGEST = 4096
"""Characters of a line at most."""


class Entry(BaseModel):
    """A line of the ledger: a model and the usage of one call."""

    model_config = ConfigDict(extra="allow")
    model: str


class Ledger:
    """A file of JSON lines: `model`, the numbers of tokens, and `total_cost` in USD where known."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, model: str, usage: ModelUsage) -> None:
        """Write one answer at once: a process that is killed later has paid all the same."""
        append_line(self.path, {"model": model, **usage.model_dump(include=NUMBERS, exclude_none=True)})

    def read(self) -> Iterator[tuple[str, ModelUsage]]:
        """Read all entries; a line that a dying process left unfinished is skipped."""
        for line in read_lines(self.path, LONGEST):
            try:
                entry = Entry.model_validate(line)
                yield entry.model, ModelUsage.model_validate(entry.model_extra)
            except ValidationError:
                continue
