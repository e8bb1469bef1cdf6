"""Read whole files: text, JSON, YAML and front matter, checked by pydantic, and rows of CSV, JSONL, JSON and Parquet.

A `UsageError` names the file and the key. A row has its place in the file, such as "replies.csv, line 3", so that an
error about the row can name the line to mend.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from feint.base.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, several times as fast where PyYAML comes with libyaml."""
Row = dict[str, Any]
KINDS = (".csv", ".jsonl", ".ndjson", ".parquet")
csv.field_size_limit(1 << 30)


def read_text(path: Traversable | Path) -> str:
    """Read a UTF-8 file, without a byte order mark; a file named .gz is unpacked.

    Raises:
        UsageError: The file is missing, cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.name.endswith(".gz") else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8") from None


def parse_json(text: str, where: str) -> Any:
    """Parse one JSON value; the error of a text that is no JSON names the place `where`.

    >>> parse_json("[1, true]", "a.json")
    [1, True]

    Raises:
        UsageError: The text is no JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise UsageError(f"{where}: not valid JSON ({error.msg} at {line}column {error.colno})") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not valid JSON ({error})") from None


def parse_yaml(text: str, where: str) -> Any:
    """Parse YAML, in which no Python object can be named; `where` begins the error, as "a.yaml:" does.

    >>> parse_yaml("cells: {rated: yes}", "a.yaml:")
    {'cells': {'rated': True}}

    Raises:
        UsageError: The text is no YAML.
    """
    try:
        return yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise UsageError(f"{where} not valid YAML: {' '.join(str(error).split())}") from None


def read_yaml(path: Traversable | Path) -> Any:
    """Parse one YAML file."""
    return parse_yaml(read_text(path), f"{path}:")


def read_front_matter(path: Traversable | Path) -> tuple[dict[str, object], str]:
    """Read a template file: the keys between two lines of three dashes, and the template after them.

    Raises:
        UsageError: The file cannot be read, or has no front matter.
    """
    parts = read_text(path).replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise UsageError(f"{path}: expected front matter between two lines of '---' before the template")
    front = parse_yaml(parts[1], f"{path}: front matter is")
    if not isinstance(front, dict):
        raise UsageError(f"{path}: front matter: expected a mapping of keys, such as 'name: compliance'")
    return front, parts[2]


def checked(model: type[Model], content: object, source: object) -> Model:
    """Validate parsed data of a file `source`; the error names the first wrong key and the expected value.

    >>> class Size(BaseModel):
    ...     width: int
    >>> checked(Size, {"width": "wide"}, "size.yaml")
    Traceback (most recent call last):
    feint.base.errors.UsageError: size.yaml: key 'width': Input should be a valid integer, unable to parse ...
    """
    if not isinstance(content, dict):
        raise UsageError(f"{source}: expected a mapping of keys at the top level, found {type(content).__name__}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first, count = error.errors()[0], error.error_count()
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        more = f" (and {count - 1} more)" if count > 1 else ""
        raise UsageError(f"{source}: key '{key}': {first['msg']}{more}") from None


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
    """Check that a parsed value is an object with columns.

    Raises:
        UsageError: The value is something else.
    """
    if not isinstance(value, dict):
        raise UsageError(f"{where}: expected an object with columns, found {type(value).__name__}")
    return value
