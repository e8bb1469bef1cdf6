"""Write files that a reader never finds in part: whole files in one step, and files of lines that only grow.

A process that is killed leaves at most one unfinished line, and that line is passed over.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

LONGEST = 1 << 24
"""Characters of a line at most; a longer line was not written here, and is read in parts that are no entries."""


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text in one step; on an `OSError`, an earlier file of this name is unchanged."""
    part = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Mapping[str, object] | Sequence[object], indent: int = 2) -> None:
    """Write JSON with a final line break, as `write_text` does."""
    write_text(path, json.dumps(value, indent=indent, ensure_ascii=False) + "\n")


def append_line(path: Path, entry: Mapping[str, object]) -> None:
    """Add one entry as a line of JSON; an unfinished line before the entry is ended first."""
    with path.open("a+b") as file:
        torn = file.seek(0, os.SEEK_END) > 0 and file.seek(-1, os.SEEK_END) >= 0 and file.read(1) != b"\n"
        file.write(b"\n" * torn + json.dumps(entry).encode() + b"\n")


def read_lines(path: Path, longest: int = LONGEST) -> Iterator[dict[str, object]]:
    """Read all entries of a file in order; a file that does not exist has none.

    A line that is not a JSON object was being written when its process died, and is passed over. A line has at most
    `longest` characters.
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
