"""Read rows of CSV, JSONL, JSON and Parquet files by one set of rules.

A row has its place in the file, such as "replies.csv, line 3", so that an error about the row names the line to mend.
Rows end at CR, LF or both, and at no other character. Names of columns lose the blanks around them; a name that stands
twice is an error, because one of the two columns would be lost. A blank line is passed over.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from feint.base.data import LARGEST, check_file, read_text, size_error
from feint.base.errors import UsageError
from feint.base.parsing import parse_json

Row = dict[str, Any]
TEXTUAL = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
KINDS = (*TEXTUAL, ".parquet")
SEPARATORS = (",", ";", "\t", "|")
TEXTS = ("content", "text", "completion", "output", "response", "value")
"""Keys under which tools keep what a model wrote."""
csv.field_size_limit(1 << 30)


def kind_of(path: Path) -> str:
    """Return the kind of a file with rows by the ending of its name, one of `KINDS`; "" for another kind.

    >>> kind_of(Path("replies.CSV.gz"))
    '.csv'
    """
    kind = next((ending.lower() for ending in reversed(path.suffixes) if ending.lower() != ".gz"), "")
    packed = path.suffix.lower() == ".gz"
    return kind if kind in (TEXTUAL if packed else KINDS) else ""


def read_rows(path: Path, *, short: bool = False) -> Iterator[tuple[str, Row]]:
    """Yield the place of each row of a file, and its values by column; the ending of the file's name tells its kind.

    Args:
        path: The file. Text files may be gzipped (.gz).
        short: True if a row of a CSV file may lack its last fields, which are "" then.

    Raises:
        UsageError: No such file, an unknown kind of file, a line that cannot be read, or a column that stands twice.
    """
    kind = kind_of(path)
    if kind == ".parquet":
        rows = parquet_rows(path)
    elif kind in (".csv", ".tsv"):
        rows = csv_rows(path, short=short)
    elif kind == ".json":
        rows = json_rows(path)
    elif kind:
        # Iteration splits at CR, LF and CRLF alone; str.splitlines would split at seven more characters.
        lines = enumerate(io.StringIO(read_text(path), newline=""), start=1)
        places = ((f"{path}, line {number}", line) for number, line in lines if line.strip())
        rows = ((where, as_row(parse_json(line.strip(), where), where)) for where, line in places)
    else:
        raise UsageError(f"{path}: unknown kind of file; expected a {', '.join(KINDS)} file; convert it")
    yield from rows


def csv_rows(path: Path, *, short: bool = False) -> Iterator[tuple[str, Row]]:
    """Read a CSV file whose first row names the columns; commas, semicolons, tabs or bars separate its fields.

    A first line such as `sep=;`, which spreadsheets write, names the separator.
    """
    lines = io.StringIO(read_text(path), newline="")
    skipped, first = 0, lines.readline()
    while first and not first.strip():
        skipped, first = skipped + 1, lines.readline()
    named = first.strip()[4:] if first.lower().startswith("sep=") else ""
    if named:
        skipped, first = skipped + 1, lines.readline()
    separator = named or ("\t" if kind_of(path) == ".tsv" else max(SEPARATORS, key=lambda one: fields_of(first, one)))
    lines.seek(lines.tell() - len(first))
    # Where the header has blanks after its separators, so have the rows, and a quotation mark follows the blank.
    loose = f"{separator} " in first
    begun = 1 + skipped
    try:
        reader = csv.reader(lines, strict=True, delimiter=separator, skipinitialspace=loose)
        header: list[str] | None = None
        for values in reader:
            where, begun = f"{path}, line {skipped + reader.line_num}", skipped + reader.line_num + 1
            if header is None:
                header = checked_header([name.strip() for name in values], where)
                continue
            if len(values) < 2 and not "".join(values).strip():
                continue  # a blank line
            lacking = len(header) - len(values)
            if lacking and not (short and lacking > 0):
                raise UsageError(
                    f"{where}: {len(values)} columns, the header has {len(header)}; put texts with separators or line "
                    "breaks in quotation marks"
                )
            row = dict(zip(header, [*values, *[""] * lacking], strict=True))
            row.pop("", None)
            yield where, row
    except (csv.Error, TypeError) as error:  # a separator of more than one character is a TypeError
        raise UsageError(f"{path}, line {begun}: not valid CSV ({error}); save it as CSV again") from None


def fields_of(line: str, separator: str) -> int:
    """Count the fields of a CSV header if this separator separates them.

    >>> fields_of('"id";"text, or words"', ";")
    2
    """
    try:
        return len(next(csv.reader([line], strict=True, delimiter=separator, skipinitialspace=True), []))
    except csv.Error:
        return 0


def checked_header(names: Sequence[str], where: str) -> list[str]:
    """Check that no column's name stands twice; columns without a name are passed over later.

    >>> checked_header(["id", "text", "text"], "a.csv, line 1")
    Traceback (most recent call last):
    feint.base.errors.UsageError: a.csv, line 1: column 'text' stands twice; rename or remove one of the two
    """
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise UsageError(f"{where}: column '{twice[0]}' stands twice; rename or remove one of the two")
    return list(names)


def json_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Read a JSON list of objects."""
    found = parse_json(read_text(path), str(path))
    if not isinstance(found, list):
        inner = (
            next((key for key, one in found.items() if isinstance(one, list)), "") if isinstance(found, dict) else ""
        )
        there = f" (its key '{inner}' holds one: save that list as a file of its own)" if inner else ""
        raise UsageError(
            f"{path}: expected a list of objects at the top level{there}; use .jsonl for one object a line"
        )
    for number, value in enumerate(found, start=1):
        where = f"{path}, entry {number}"
        yield where, as_row(value, where)


def parquet_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Read a Parquet file."""
    import pyarrow
    import pyarrow.parquet

    check_file(path)
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            groups = (file.metadata.row_group(group) for group in range(file.metadata.num_row_groups))
            if sum(group.total_byte_size for group in groups) > LARGEST:
                raise size_error(path)
            header = checked_header([name.strip() for name in file.schema_arrow.names], str(path))
            rows = file.read().rename_columns(header).to_pylist()
    except (OSError, pyarrow.ArrowException, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise UsageError(f"{path}: not a Parquet file ({(str(error).splitlines() or ['empty'])[0]})") from None
    yield from ((f"{path}, row {number}", row) for number, row in enumerate(rows, start=1))


def as_row(value: object, where: str) -> Row:
    """Check that a parsed value is an object with columns, and strip the columns' names.

    Raises:
        UsageError: The value is something else, or a column stands twice.
    """
    if not isinstance(value, dict):
        found = "null; remove it" if value is None else type(value).__name__
        raise UsageError(f"{where}: expected an object with columns, found {found}")
    return dict(zip(checked_header([name.strip() for name in value], where), value.values(), strict=True))


def cell_text(row: Mapping[str, object], column: str, where: str) -> str | None:
    """Read a cell as text; None if the row has no such cell, or it holds no value (null, NaN).

    >>> cell_text({"text": 5}, "text", "a.jsonl, line 1"), cell_text({"text": float("nan")}, "text", "line 1")
    ('5', None)

    Raises:
        UsageError: The cell holds a list, an object or another value that is no text.
    """
    value = row.get(column)
    if not isinstance(value, bool | int | float | str | None):
        raise UsageError(f"{where}: column '{column}' holds {type(value).__name__}; expected text")
    return None if value is None or value != value else str(value)


def id_text(row: Mapping[str, object], column: str, where: str) -> str | None:
    """Read an id as text; a number that is whole has no fraction, and blanks around an id are no part of the id.

    Parquet and JSON may hold whole numbers as floats; in a text, 7 and 7.0 are two ids.

    >>> [id_text({"id": value}, "id", "line 2") for value in (7, 7.0, " 7 ", "7.0")]
    ['7', '7', '7', '7.0']
    """
    value = row.get(column)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = cell_text(row, column, where)
    return None if text is None else text.strip()


def reach(row: Row, path: str) -> None:
    """Add what a path of keys and places leads to in the values of a row, under the path; nothing if it leads nowhere.

    >>> row = {"answer": {"choices": [{"text": "Yes."}]}}
    >>> reach(row, "answer.choices.0.text"); row["answer.choices.0.text"]
    'Yes.'
    """
    value: Any = row
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return
    row[path] = value


def text_within(value: object) -> str:
    """Find the path from a value to a text in it that looks like what somebody wrote; "" if there is none.

    >>> text_within({"id": "x", "choices": [{"message": {"role": "assistant", "content": "Yes."}}]})
    'choices.0.message.content'
    """
    inner = dict(enumerate(value)) if isinstance(value, list) else value if isinstance(value, dict) else {}
    first = [key for key in inner if key in TEXTS] + [key for key, one in inner.items() if isinstance(one, dict | list)]
    for key in first:
        one = inner[key]
        if isinstance(one, str):
            return str(key)
        if deeper := text_within(one):
            return f"{key}.{deeper}"
    return ""
