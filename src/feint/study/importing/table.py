"""Reads the transcripts of any tool: a table with a row for each reply."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from feint.base.errors import UsageError, unknown
from feint.base.rows import Row, read_rows
from feint.designs import Design, list_designs, load_design
from feint.judges.rules.action import Actions
from feint.study.importing.transcript import Collection, RecordedReply

REQUIRED = ("subject", "cell", "request", "reply")
OPTIONAL = ("sample", "reasoning", "label", "user", "system", "category", "comply", "decline", "stop")
LABELS = {
    **dict.fromkeys(("complied", "comply", "1", "1.0", "true", "yes"), "complied"),
    **dict.fromkeys(("refused", "refuse", "0", "0.0", "false", "no"), "refused"),
    **dict.fromkeys(("missing", "", "nan", "none", "null"), "missing"),
}
STOPS = frozenset({"length", "max_tokens", "model_length"})


def read_table(
    files: Sequence[Path], columns: Mapping[str, str] | None = None, design: str | None = None
) -> Collection:
    """Read tables of transcripts.

    Args:
        files: CSV, JSONL or Parquet files. Columns `subject`, `cell`, `request`, `reply`; also read where present:
            `sample` (else replies are numbered in file order), `reasoning`, `label` (kept as one more judge), `user`
            and `system` (the prompt), `category`, `comply` and `decline` (texts of two actions to choose from), `stop`
            (the stop reason).
        columns: The file's name of a column by ours.
        design: A design's name or file; None takes the shipped design that has exactly the table's cells.

    Raises:
        UsageError: A column, a value or a design that does not fit, with file and line; two rows for one reply.
    """
    names = column_names(columns or {})
    transcripts: list[RecordedReply] = []
    seen: dict[tuple[str, str, str, int], str] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for path in files:
        for where, row in read_rows(path):
            found = read_row(where, row, names, counts)
            if found.key in seen:
                raise UsageError(
                    f"{where}: a second row for subject '{found.subject}', cell '{found.cell}', request "
                    f"'{found.request}', sample {found.sample}; the first is {seen[found.key]}"
                )
            seen[found.key] = where
            transcripts.append(found)
    if not transcripts:
        raise UsageError(f"{', '.join(map(str, files))}: no rows; expected one for each reply")
    choice = transcripts[0].actions is not None
    odd = next((one for one in transcripts if (one.actions is not None) != choice), None)
    if odd is not None:
        raise UsageError(f"{odd.source}: 'comply' and 'decline' must be filled in every row or in none")
    conflict = {"name": "imported", "type": "choice" if choice else "request", "objective": "", "value": ""}
    return Collection(transcripts, design_for(transcripts, design), conflict, "action" if choice else "rules")


def column_names(columns: Mapping[str, str]) -> dict[str, str]:
    """Map each of our columns to its name in the file.

    Raises:
        UsageError: A mapping for a column that is not read.
    """
    known = (*REQUIRED, *OPTIONAL)
    for ours in columns:
        if ours not in known:
            raise UsageError(f"--map {ours}={columns[ours]}: {unknown('column', ours, known)}")
    return {ours: columns.get(ours, ours) for ours in known}


def read_row(where: str, row: Row, names: Mapping[str, str], counts: dict[tuple[str, str, str], int]) -> RecordedReply:
    """Turn a row into a recorded reply.

    Raises:
        UsageError: See `read_table`.
    """
    for ours in REQUIRED:
        if names[ours] not in row:
            raise UsageError(
                f"{where}: no column '{names[ours]}' for '{ours}'; found {', '.join(map(str, row))}; "
                f"name it with --map {ours}=COLUMN"
            )
    said = {ours: text_of(where, names[ours], row.get(names[ours])) for ours in names}
    for ours in ("subject", "cell", "request"):
        if not (said[ours] or "").strip():
            raise UsageError(f"{where}: column '{names[ours]}' is empty")
    subject, cell, request = ((said[ours] or "").strip() for ours in ("subject", "cell", "request"))
    counts[subject, cell, request] = counts.get((subject, cell, request), 0) + 1
    comply, decline = said["comply"] or "", said["decline"] or ""
    if bool(comply) != bool(decline) or (comply and comply == decline):
        raise UsageError(f"{where}: columns 'comply' and 'decline' must hold two different actions, or nothing")
    return RecordedReply(
        subject=subject, cell=cell, request=request,
        sample=sample_of(where, said["sample"], counts[subject, cell, request]),
        reply=said["reply"] or "", reasoning=said["reasoning"] or None, user=said["user"] or "",
        system=said["system"] or "", category=said["category"] or "",
        actions=Actions(comply, decline) if comply else None,
        label=label_of(where, said["label"]), truncated=(said["stop"] or "").lower() in STOPS, source=where,
    )  # fmt: skip


def text_of(where: str, column: str, value: Any) -> str | None:
    """Read a cell of the table as text; None if it is absent.

    Raises:
        UsageError: The cell holds neither text nor a number.
    """
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool | int | float | str):
        return str(value)
    raise UsageError(f"{where}: column '{column}' holds {type(value).__name__}; expected text")


def sample_of(where: str, value: str | None, running: int) -> int:
    """Read the number of the sample; samples count from 1 if the table does not number them.

    Raises:
        UsageError: The number is no whole number.
    """
    if value is None or not value.strip():
        return running
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if number < 0 or number != int(number):
        raise UsageError(f"{where}: column 'sample' is '{value}'; expected a whole number of 0 or more")
    return int(number)


def label_of(where: str, value: str | None) -> str | None:
    """Read the label of another judge; None if the table has no such column.

    Raises:
        UsageError: The word is not known.
    """
    if value is None:
        return None
    if value.strip().lower() not in LABELS:
        raise UsageError(f"{where}: column 'label' is '{value}'; expected complied (1), refused (0) or missing ('')")
    return LABELS[value.strip().lower()]


def design_for(transcripts: list[RecordedReply], name: str | None) -> Design:
    """Find the design with exactly the cells of the table.

    Raises:
        UsageError: No design or several designs fit, or the named design has other cells.
    """
    cells = {transcript.cell for transcript in transcripts}
    if name is not None:
        design = load_design(name)
        if cells != set(design.cells):
            raise UsageError(f"cells {', '.join(sorted(cells))}: design '{design.name}' has {', '.join(design.cells)}")
        return design
    fitting = [known for known in list_designs() if set(load_design(known).cells) == cells]
    if len(fitting) == 1:
        return load_design(fitting[0])
    shown = ", ".join(sorted(cells))
    if fitting:
        raise UsageError(f"cells {shown}: these are the cells of {' and '.join(fitting)}; choose one with --design")
    raise UsageError(
        f"cells {shown}: no design has exactly these (see `feint list designs`); rename them, or give a design's file "
        "with --design"
    )
