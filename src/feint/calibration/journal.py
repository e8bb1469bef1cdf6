"""A file of finished rows, with which a stopped calibration goes on."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from feint.base.errors import UsageError
from feint.base.writing import append_line, read_lines
from feint.calibration.options import Header
from feint.report.calibration import Piped, Row


class Journal:
    """A file of JSON lines: a header with the options, then a line for each finished row.

    Attributes:
        path: The file; None keeps nothing on the disk.
        rows: Finished simulations by name.
        piped: Finished studies through the pipeline by name.
    """

    def __init__(self, path: Path | None, header: Header) -> None:
        """Open the file, and go on with the rows that it holds.

        Raises:
            UsageError: The file belongs to another calibration, or cannot be read or written.
        """
        self.path = path
        self.rows: dict[str, Row] = {}
        self.piped: dict[str, Piped] = {}
        if path is None:
            return
        try:
            if path.exists() and path.stat().st_size:
                self._read(read_lines(path), header.model_dump())
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                append_line(path, header.model_dump())
        except OSError as error:
            raise UsageError(f"{path}: cannot be used ({error}); choose another --out") from None

    def _read(self, entries: Iterator[dict[str, object]], header: dict[str, object]) -> None:
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
                self._keep(str(entry["name"]), entry["kind"], entry["content"])
            except (KeyError, ValidationError):
                continue  # not a row of this version: the row is made anew

    def _keep(self, name: str, kind: object, content: object) -> None:
        if kind == "row":
            self.rows[name] = Row.model_validate(content)
        elif kind == "piped":
            self.piped[name] = Piped.model_validate(content)

    def add(self, name: str, made: Row | Piped) -> None:
        """Keep a finished row."""
        if isinstance(made, Row):
            kind, self.rows[name] = "row", made
        else:
            kind, self.piped[name] = "piped", made
        if self.path is not None:
            append_line(self.path, {"kind": kind, "name": name, "content": made.model_dump()})

    def close(self) -> None:
        """Remove the file, whose rows the table now holds."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
