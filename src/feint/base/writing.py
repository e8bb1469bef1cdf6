"""Write a file in one step: a reader finds the old file or the new one, never a part."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text to a hidden file beside the path, and move that file into place.

    Raises:
        OSError: The file cannot be written; an earlier file of this name is unchanged.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Mapping[str, object] | Sequence[object], indent: int = 2) -> None:
    """Write JSON with a final line break, as `write_text` does.

    Raises:
        OSError: The file cannot be written.
        TypeError: The value holds what JSON has no form for.
    """
    write_text(path, json.dumps(value, indent=indent, ensure_ascii=False) + "\n")
