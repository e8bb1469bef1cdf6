"""Rows of CSV, JSONL, JSON and Parquet files, each with its place in the file.

A place reads "replies.csv, line 3", so that an error about a row can name the line to mend.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from feint.base.data import parse_json, read_text
from feint.base.errors import UsageError

Row = dict[str, Any]
KINDS = (".csv", ".jsonl", ".ndjson", ".parquet")
csv.field_size_limit(1 << 30)


def read_rows(path: Path, kinds: Sequence[str] = KINDS, *, blank: bool = False) -> Iterator[tuple[str, Row]]:
    """Yield the place of each row of a file, and its values by column; the ending of the file's name tells its kind.

    Args:
        path: The file. Text files may be gzipped (.gz).
        kinds: Endings that are accepted, among `KINDS` and ".json".
        blank: Whether to give a blank line as an empty row; a blank line is passed over otherwise.

    Raises:
        UsageError: No such file, an unknown kind of file, or a line that cannot be read.
    """
    kind = next((ending.lower() for ending in reversed(path.suffixes) if ending.lower() != ".gz"), "")
    if kind not in kinds:
        raise UsageError(f"{path}: unknown kind of file; expected a {', '.join(kinds)} file; convert it")
    if kind == ".parquet":
        yield from parquet_rows(path)
    elif kind == ".csv":
        yield from csv_rows(path, blank=blank)
    elif kind == ".json":
        yield from json_rows(path)
    else:
        for number, line in enumerate(read_text(path).removesuffix("\n").split("\n"), start=1):
            where = f"{path}, line {number}"
            if line.strip():
                yield where, as_row(parse_json(line, where), where)
            elif blank:
                yield where, {}


def csv_rows(
    path: Path, check: Callable[[Sequence[str]], None] | None = None, *, blank: bool = False, short: bool = False
) -> Iterator[tuple[str, Row]]:
    """Read a CSV file whose first row names the columns.

    Args:
        path: The file.
        check: Raises an error if the names of the columns do not fit.
        blank: As for `read_rows`.
        short: Whether a row may lack its last fields, which are "" then.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if check:
            check(header)
        for values in reader:
            where = f"{path}, line {reader.line_num}"
            lacking = len(header) - len(values)
            if not values:
                yield from [(where, {})] if blank else []
            elif lacking == 0 or (short and lacking > 0):
                yield where, dict(zip(header, [*values, *[""] * lacking], strict=True))
            else:
                raise UsageError(
                    f"{where}: {len(values)} columns, the header has {len(header)}; put texts with commas in quotation "
                    "marks"
                )
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: not valid CSV ({error}); save it as CSV again") from None


def json_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Read a JSON list of objects."""
    found = parse_json(read_text(path), str(path))
    if not isinstance(found, list):
        raise UsageError(f"{path}: expected a list of objects at the top level; use .jsonl for one object a line")
    for number, value in enumerate(found, start=1):
        where = f"{path}, entry {number}"
        yield where, as_row(value, where)


def parquet_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Read a Parquet file."""
    import pyarrow
    import pyarrow.parquet

    try:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise UsageError(f"{path}: not a Parquet file ({str(error).splitlines()[0]})") from None
    yield from ((f"{path}, row {number}", row) for number, row in enumerate(rows, start=1))


def as_row(value: object, where: str) -> Row:
    """Check that a parsed value is an object with columns."""
    if not isinstance(value, dict):
        raise UsageError(f"{where}: expected an object with columns, found {type(value).__name__}")
    return value
