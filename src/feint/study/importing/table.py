"""Reads the transcripts of any tool: a table with a row for each reply."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feint.base.errors import UsageError, unknown
from feint.base.rows import Row, cell_text, id_text, reach, read_rows, text_within
from feint.designs import Design, list_designs, load_design
from feint.findings.analysis import EPOCH
from feint.judges.rules.action import Actions
from feint.judges.rules.written import labels_in
from feint.study.importing.counting import JUDGE, NOT_GIVEN, Counting, label_text, labels_of
from feint.study.importing.transcript import Collection, RecordedReply, without_doubles

IDS = ("subject", "cell", "request")
REQUIRED = (*IDS, "reply")
OPTIONAL = ("sample", "reasoning", "label", "user", "system", "category", "comply", "decline", "stop")
STOPS = frozenset({"length", "max_tokens", "model_length"})


@dataclass(frozen=True)
class Reading:
    """The user's reading of the columns of a table.

    Attributes:
        names: The file's name of each column, by ours.
        cells: The cell by the file's value of it, in lower case; values that are not mapped are cells themselves.
        counting: The column whose labels count; None lets a rule label.
    """

    names: Mapping[str, str]
    cells: Mapping[str, str] = field(default_factory=dict)
    counting: Counting | None = None


def read_table(
    files: Sequence[Path],
    columns: Mapping[str, str] | None = None,
    design: str | None = None,
    complied: str | None = None,
) -> Collection:
    """Read tables of transcripts.

    Args:
        files: CSV, JSONL, JSON or Parquet files. Columns `subject`, `cell`, `request`, `reply`; also read, if present:
            `sample` (else replies are numbered in file order), `reasoning`, `label` and `judge:NAME` (each kept as one
            more judge), `user` and `system` (the prompt), `category`, `comply` and `decline` (texts of two actions to
            choose from), `stop` (the stop reason).
        columns: The file's name of a column by ours; and the name of a cell by the file's value of it.
        design: A design's name or file; None takes the shipped design that has exactly the table's cells.
        complied: The column whose labels count: COLUMN, COLUMN=VALUE or COLUMN>=NUMBER; None lets a rule label.

    Raises:
        UsageError: A column, a value or a design that does not fit, with file and line; two rows for one reply.
    """
    reading = settle_reading(columns or {}, design, complied)
    notes: list[str] = []
    transcripts = without_doubles(read_replies(files, reading, notes))
    if not transcripts:
        raise UsageError(f"{', '.join(map(str, files))}: no rows; expected one for each reply")
    choice = transcripts[0].actions is not None
    odd = next((one for one in transcripts if (one.actions is not None) != choice), None)
    if odd is not None:
        raise UsageError(f"{odd.source}: 'comply' and 'decline' must be filled in every row or in none")
    conflict = {"name": "imported", "type": "choice" if choice else "request", "objective": "", "value": ""}
    judge = reading.counting.judge if reading.counting else "action" if choice else "rules"
    return Collection(transcripts, design_for(transcripts, design), conflict, judge, warnings=tuple(notes))


def settle_reading(columns: Mapping[str, str], design: str | None, complied: str | None) -> Reading:
    """Tell columns from values of cells, and read which label counts.

    Raises:
        UsageError: A pair names neither a column of ours nor a cell; or `complied` cannot be read.
    """
    known = (*REQUIRED, *OPTIONAL)
    names, cells = {ours: ours for ours in known}, {}
    possible = {cell for name in ([design] if design else list_designs()) for cell in load_design(name).cells}
    for left, right in columns.items():
        if left in known or left.startswith(JUDGE):
            names[left] = right
        elif right in possible:
            cells[left.strip().lower()] = right
        elif left in possible:
            raise UsageError(f"--map {left}={right}: the file's value comes first: --map {right}={left}")
        else:
            turned = f"; write --map {right}={left}" if right.startswith(JUDGE) else f", and '{right}' is no cell"
            raise UsageError(f"--map {left}={right}: {unknown('column', left, [*known, JUDGE + 'NAME'])}{turned}")
    return Reading(names, cells, None if complied is None else Counting.named(complied))


def read_replies(files: Sequence[Path], reading: Reading, notes: list[str]) -> Iterator[RecordedReply]:
    """Turn rows into recorded replies; replies without a number are counted by subject, cell and request.

    At the end, faults of the column whose labels count are added to the notes.
    """
    counts: dict[tuple[str, str, str], int] = {}
    homes: dict[tuple[str, str, str], tuple[Path, str]] = {}
    seen: dict[str, str] = {}
    found: dict[str, None] = {}
    valued: Counter[str] = Counter()
    for path in files:
        for where, row in read_rows(path):
            if not any(value is not None and str(value).strip() for value in row.values()):
                continue  # spreadsheets end tables in rows of separators
            for column in reading.names.values():
                if "." in column and column not in row:
                    reach(row, column)
            said = texts_of(where, row, reading.names)
            found |= dict.fromkeys(row)
            if reading.counting:
                valued[label_text(row, reading.counting.column)] += 1
            subject, told, request = (said[ours] for ours in IDS)
            seen.setdefault(told.lower(), told)
            cell = reading.cells.get(told.lower(), told)
            counts[subject, cell, request] = counts.get((subject, cell, request), 0) + 1
            home, first = homes.setdefault((subject, cell, request), (path, where))
            if home != path and said.get("sample", "").strip().lower() in NOT_GIVEN:
                raise UsageError(
                    f"{where}: request '{request}' of subject '{subject}' in cell '{cell}' is in another file, too "
                    f"({first}); write ids that differ if these are two requests, or number the replies to one request "
                    "in a column 'sample'"
                )
            comply, decline = said.get("comply", ""), said.get("decline", "")
            if bool(comply) != bool(decline) or (comply and comply == decline):
                raise UsageError(f"{where}: columns 'comply' and 'decline' must hold two different actions, or nothing")
            yield RecordedReply(
                subject, cell, request, sample_of(where, said.get("sample", ""), counts[subject, cell, request]),
                said.get("reply", ""), reasoning=said.get("reasoning") or None, user=said.get("user", ""),
                system=said.get("system", ""), category=said.get("category", ""),
                actions=Actions(comply, decline, *labels_in(said.get("user", ""), comply, decline)) if comply else None,
                labels=labels_of(where, row, reading.names, reading.counting),
                truncated=said.get("stop", "").lower() in STOPS, source=where,
            )  # fmt: skip
    if found:
        check_used(reading, seen, found, valued)
    if reading.counting:
        notes += reading.counting.notes(valued)


def check_used(reading: Reading, seen: Mapping[str, str], found: Iterable[str], valued: Iterable[str]) -> None:
    """Refuse options that nothing in the files fits.

    Args:
        reading: The user's reading.
        seen: The values in the column of cells, by the value in lower case.
        found: The names of all columns.
        valued: The values in the column whose labels count.

    Raises:
        UsageError: A column that no row has, or a value that no row has in the column of cells or of labels.
    """
    named = {f"--map {ours}={column}": column for ours, column in reading.names.items() if column != ours}
    if reading.counting:
        named["--complied"] = reading.counting.column
    for option, column in named.items():
        if column not in found:
            raise UsageError(f"{option}: no row has a column '{column}'; found {', '.join(found)}")
    for told, cell in reading.cells.items():
        if told not in seen:
            raise UsageError(
                f"--map {told}={cell}: no row has '{told}' in column '{reading.names['cell']}', only "
                f"{', '.join(list(seen.values())[:8])}"
            )
    value = reading.counting.value if reading.counting else None
    if reading.counting and value and value.lower() not in {one.lower() for one in valued}:
        column, shown = reading.counting.column, ", ".join([one or "''" for one in valued][:8])
        raise UsageError(f"--complied {column}={value}: no row has '{value}' in column '{column}', only {shown}")


def texts_of(where: str, row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """Read the values of a row as text, by our names of the columns; absent values are left out."""
    for ours in REQUIRED:
        if names[ours] not in row:
            alike = next((column for column in row if column.casefold() == names[ours].casefold()), "COLUMN")
            raise UsageError(
                f"{where}: no column '{names[ours]}' for '{ours}'; found {', '.join(map(str, row))}; "
                f"name it with --map {ours}={alike}"
            )
    said = {}
    for ours, column in names.items():
        read = id_text if ours in IDS else cell_text
        try:
            value = read(row, column, where)
        except UsageError as error:
            inner = text_within(row[column])
            raise UsageError(f"{error}" + (f"; name it: --map {ours}={column}.{inner}" if inner else "")) from None
        if value is not None:
            said[ours] = value
    for ours in IDS:
        if not said.get(ours):
            raise UsageError(f"{where}: column '{names[ours]}' is empty")
    return said


def sample_of(where: str, value: str, running: int) -> int:
    """Read the number of the sample; samples count from 1 if the table does not number them.

    Raises:
        UsageError: The number is no whole number.
    """
    if value.strip().lower() in NOT_GIVEN:
        return running
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not (0 <= number < EPOCH and number.is_integer()):
        raise UsageError(f"{where}: column 'sample' is '{value[:40]}'; expected a whole number from 0 to {EPOCH - 1:,}")
    return int(number)


def design_for(transcripts: list[RecordedReply], name: str | None) -> Design:
    """Find the design with exactly the cells of the table.

    Raises:
        UsageError: No design or several designs fit, or the named design has other cells.
    """
    cells = {transcript.cell for transcript in transcripts}
    shown = ", ".join(sorted(cells))
    if name is not None:
        design = load_design(name)
        if cells != set(design.cells):
            raise UsageError(f"cells {shown}: design '{design.name}' has {', '.join(design.cells)}")
        return design
    fitting = [known for known in list_designs() if set(load_design(known).cells) == cells]
    if len(fitting) == 1:
        return load_design(fitting[0])
    if fitting:
        raise UsageError(f"cells {shown}: these are the cells of {' and '.join(fitting)}; choose one with --design")
    folded = {cell.casefold(): cell for cell in cells}
    alike = next((one for one in list_designs() if set(load_design(one).cells) == folded.keys()), None)
    pairs = [f"--map {shlex.quote(f'{folded[cell]}={cell}')}" for cell in load_design(alike).cells] if alike else []
    raise UsageError(
        f"cells {shown}: no design has exactly these (see `feint list designs`); say which cell a value means, as in "
        f"{' '.join(pairs) or '--map True=free'}, or give a design's file with --design"
    )
