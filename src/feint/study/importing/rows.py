"""Rows of CSV, JSONL and Parquet files, each with the line it stands on."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feint.base.errors import UsageError

Row = dict[str, Any]
csv.field_size_limit(1 << 30)


def read_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Read a file row by row.

    Args:
        path: A file whose name ends in .csv, .jsonl, .ndjson or .parquet; all but the last may be gzipped (.gz).

    Yields:
        Where the row stands ("replies.csv, line 3") and its values by column.

    Raises:
        UsageError: No such file, an unknown kind of file, or a line that cannot be read.
    """
    kind = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "")
    if kind == ".parquet":
        yield from parquet_rows(path)
    elif kind == ".csv":
        yield from csv_rows(path)
    elif kind in (".jsonl", ".ndjson"):
        yield from jsonl_rows(path)
    else:
        raise UsageError(f"{path}: unknown kind of file; expected .csv, .jsonl or .parquet (the first two also .gz)")


def read_text(path: Path) -> str:
    """A text file, unpacked if it is gzipped.

    Raises:
        UsageError: It cannot be read as UTF-8.
    """
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from None


def csv_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Rows of a CSV file with a header."""
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            if None in row or None in row.values():
                raise UsageError(f"{where}: {len(reader.fieldnames or [])} columns expected, as in the header")
            yield where, row
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: not CSV ({error})") from None


def jsonl_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Rows of a file with one JSON object a line; blank lines are skipped."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise UsageError(f"{where}: not JSON ({error.msg} at column {error.colno})") from None
        if not isinstance(row, dict):
            raise UsageError(f"{where}: expected an object with columns, found {type(row).__name__}")
        yield where, row


def parquet_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Rows of a Parquet file."""
    import pyarrow
    import pyarrow.parquet

    try:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise UsageError(f"{path}: not a Parquet file ({str(error).splitlines()[0]})") from None
    yield from ((f"{path}, row {number}", row) for number, row in enumerate(rows, start=1))


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
