"""Rows written as they are finished, so that a calibration that was stopped goes on where it was."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from feint.base.errors import UsageError
from feint.report.calibration import Piped, Row

KINDS: dict[str, type[BaseModel]] = {"row": Row, "piped": Piped}


class Journal:
    """A file of JSON lines: a header that says what is calibrated, then one line for each row.

    Attributes:
        path: Where it lies; None keeps nothing.
        done: What is there already, by kind and name.
    """

    def __init__(self, path: Path | None, header: Mapping[str, Any]) -> None:
        """Open it, and go on with what is there.

        Raises:
            UsageError: It is of another calibration, or cannot be read or written.
        """
        self.path = path
        self.done: dict[tuple[str, str], BaseModel] = {}
        if path is None:
            return
        try:
            if path.exists() and path.stat().st_size:
                self._read(path.read_text(encoding="utf-8").splitlines(), dict(header))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(header) + "\n", encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be used ({error}); choose another --out") from None

    def _read(self, lines: list[str], header: dict[str, Any]) -> None:
        remedy = f"remove {self.path}, or choose another --out"
        try:
            there = json.loads(lines[0])
        except ValueError:
            there = None
        if not isinstance(there, dict):
            raise UsageError(f"{self.path}: not the rows of a calibration; {remedy}")
        odd = next((key for key in header if there.get(key) != header[key]), None)
        if odd:
            raise UsageError(
                f"{self.path}: rows of another calibration ({odd} is {str(there.get(odd))[:60]} there and "
                f"{str(header[odd])[:60]} here); give the same options, {remedy}"
            )
        for line in lines[1:]:
            try:
                entry = json.loads(line)
                kind = entry["kind"]
                self.done[kind, entry["name"]] = KINDS[kind].model_validate(entry["content"])
            except (ValueError, KeyError, TypeError, ValidationError):
                continue  # a line that was being written when the run died; its row is made anew

    def add(self, kind: str, name: str, content: BaseModel) -> None:
        """Keep a row."""
        self.done[kind, name] = content
        if self.path is None:
            return
        line = json.dumps({"kind": kind, "name": name, "content": content.model_dump()})
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + line + "\n")  # a line that died half written ends here

    def close(self) -> None:
        """Remove the file, whose rows now stand in the table."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
