"""Keep files that only grow: one JSON object a line, written at once.

A process that is killed leaves at most one unfinished line, and that line is passed over.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path


def append_line(path: Path, entry: Mapping[str, object]) -> None:
    """Add one entry; an unfinished line before it is ended first.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("a+b") as file:
        end = file.seek(0, 2)
        if end:
            file.seek(end - 1)
        torn = bool(end) and file.read(1) != b"\n"
        file.write(b"\n" * torn + json.dumps(entry).encode() + b"\n")


def read_lines(path: Path) -> Iterator[dict[str, object]]:
    """Read all entries of a file in order; a file that does not exist has none.

    A line that is not a JSON object was being written when its process died, and is passed over.

    Raises:
        OSError: The file cannot be read.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry
