"""Rows written as they are finished, so that a calibration that was stopped goes on where it was."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from feint.base.errors import UsageError
from feint.base.lines import append_line, read_lines
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
                self._read(read_lines(path), dict(header))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                append_line(path, header)
        except OSError as error:
            raise UsageError(f"{path}: cannot be used ({error}); choose another --out") from None

    def _read(self, entries: Iterator[dict[str, object]], header: dict[str, Any]) -> None:
        remedy = f"remove {self.path}, or choose another --out"
        there = next(entries, None)
        if there is None:
            raise UsageError(f"{self.path}: not the rows of a calibration; {remedy}")
        odd = next((key for key in header if there.get(key) != header[key]), None)
        if odd:
            raise UsageError(
                f"{self.path}: rows of another calibration ({odd} is {str(there.get(odd))[:60]} there and "
                f"{str(header[odd])[:60]} here); give the same options, {remedy}"
            )
        for entry in entries:
            try:
                kind, name = str(entry["kind"]), str(entry["name"])
                self.done[kind, name] = KINDS[kind].model_validate(entry["content"])
            except (KeyError, ValidationError):
                continue  # not a row of this version: the row is made anew

    def add(self, kind: str, name: str, content: BaseModel) -> None:
        """Keep a row."""
        self.done[kind, name] = content
        if self.path is not None:
            append_line(self.path, {"kind": kind, "name": name, "content": content.model_dump()})

    def close(self) -> None:
        """Remove the file, whose rows now stand in the table."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
