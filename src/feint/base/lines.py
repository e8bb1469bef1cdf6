"""Keep files that only grow: one JSON object a line, written at once.

A process that is killed leaves at most one unfinished line, and that line is passed over.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

LONGEST = 1 << 24
"""Characters of a line at most; a longer line was not written here, and is read in parts that are no entries."""


def append_line(path: Path, entry: Mapping[str, object]) -> None:
    """Add one entry; an unfinished line before the entry is ended first.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("a+b") as file:
        torn = file.seek(0, os.SEEK_END) > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
        file.write(b"\n" * torn + json.dumps(entry).encode() + b"\n")


def read_lines(path: Path, longest: int = LONGEST) -> Iterator[dict[str, object]]:
    """Read all entries of a file in order; a file that does not exist has none.

    A line that is not a JSON object was being written when its process died, and is passed over.

    Args:
        path: The file.
        longest: Characters of a line at most.

    Raises:
        OSError: The file cannot be read.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        while line := lines.readline(longest):
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict):
                yield entry
