"""Reads the transcripts of any tool: a table with a row for each reply."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from feint.base.errors import UsageError, unknown
from feint.base.rows import Row, cell_text, read_rows
from feint.designs import Design, list_designs, load_design
from feint.findings.analysis import EPOCH
from feint.judges.rules.action import Actions
from feint.study.importing.transcript import Collection, RecordedReply, without_doubles
from feint.study.plan.grading import PANEL

REQUIRED = ("subject", "cell", "request", "reply")
OPTIONAL = ("sample", "reasoning", "label", "user", "system", "category", "comply", "decline", "stop")
NOT_GIVEN = ("", "nan", "none", "null")
"""Cells that hold nothing, as spreadsheets and pandas write them."""
LABEL, JUDGE = "label", "judge:"
"""The column of another judge's labels, and the beginning of the name of a column with those of a named judge."""
OFFLINE = ("action", "rules")
"""Names of the labels that the offline judge gives."""
LABELS = {
    **dict.fromkeys(("complied", "comply", "1", "1.0", "true", "yes"), "complied"),
    **dict.fromkeys(("refused", "refuse", "0", "0.0", "false", "no"), "refused"),
    **dict.fromkeys(("missing", *NOT_GIVEN), "missing"),
}
STOPS = frozenset({"length", "max_tokens", "model_length"})


def read_table(
    files: Sequence[Path], columns: Mapping[str, str] | None = None, design: str | None = None
) -> Collection:
    """Read tables of transcripts.

    Args:
        files: CSV, JSONL or Parquet files. Columns `subject`, `cell`, `request`, `reply`; also read where present:
            `sample` (else replies are numbered in file order), `reasoning`, `label` and `judge:NAME` (each kept as one
            more judge), `user` and `system` (the prompt), `category`, `comply` and `decline` (texts of two actions to
            choose from), `stop` (the stop reason).
        columns: The file's name of a column by ours.
        design: A design's name or file; None takes the shipped design that has exactly the table's cells.

    Raises:
        UsageError: A column, a value or a design that does not fit, with file and line; two rows for one reply.
    """
    known, mapped = (*REQUIRED, *OPTIONAL), columns or {}
    for ours, theirs in mapped.items():
        if ours not in known and not ours.startswith(JUDGE):
            turned = f"; write --map {theirs}={ours}" if theirs.startswith(JUDGE) else ""
            raise UsageError(f"--map {ours}={theirs}: {unknown('column', ours, [*known, JUDGE + 'NAME'])}{turned}")
    names = {ours: ours for ours in known} | dict(mapped)
    transcripts = without_doubles(read_replies(files, names))
    if not transcripts:
        raise UsageError(f"{', '.join(map(str, files))}: no rows; expected one for each reply")
    choice = transcripts[0].actions is not None
    odd = next((one for one in transcripts if (one.actions is not None) != choice), None)
    if odd is not None:
        raise UsageError(f"{odd.source}: 'comply' and 'decline' must be filled in every row or in none")
    conflict = {"name": "imported", "type": "choice" if choice else "request", "objective": "", "value": ""}
    return Collection(transcripts, design_for(transcripts, design), conflict, "action" if choice else "rules")


def read_replies(files: Sequence[Path], names: Mapping[str, str]) -> Iterator[RecordedReply]:
    """Turn rows into recorded replies; replies without a number are counted by subject, cell and request."""
    counts: dict[tuple[str, str, str], int] = {}
    for where, row in (one for path in files for one in read_rows(path)):
        said = texts_of(where, row, names)
        subject, cell, request = (said[ours].strip() for ours in ("subject", "cell", "request"))
        counts[subject, cell, request] = counts.get((subject, cell, request), 0) + 1
        comply, decline = said.get("comply", ""), said.get("decline", "")
        if bool(comply) != bool(decline) or (comply and comply == decline):
            raise UsageError(f"{where}: columns 'comply' and 'decline' must hold two different actions, or nothing")
        yield RecordedReply(
            subject, cell, request, sample_of(where, said.get("sample", ""), counts[subject, cell, request]),
            said.get("reply", ""), reasoning=said.get("reasoning") or None, user=said.get("user", ""),
            system=said.get("system", ""), category=said.get("category", ""),
            actions=Actions(comply, decline) if comply else None,
            labels=labels_of(where, row, names),
            truncated=said.get("stop", "").lower() in STOPS, source=where,
        )  # fmt: skip


def texts_of(where: str, row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """Read the values of a row as text, by our names of the columns; absent values are left out."""
    for ours in REQUIRED:
        if names[ours] not in row:
            raise UsageError(
                f"{where}: no column '{names[ours]}' for '{ours}'; found {', '.join(map(str, row))}; "
                f"name it with --map {ours}=COLUMN"
            )
    said = {}
    for ours, column in names.items():
        if (value := cell_text(row, column, where)) is not None:
            said[ours] = value
    for ours in ("subject", "cell", "request"):
        if not said.get(ours, "").strip():
            raise UsageError(f"{where}: column '{names[ours]}' is empty")
    return said


def labels_of(where: str, row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """Read the labels of other judges in a row, by the judge's name; an empty cell is a missing label.

    >>> labels_of("line 2", {"judge:release": "refused", "score": 1}, {"judge:mine": "score"})
    {'release': 'refused', 'mine': 'complied'}

    Raises:
        UsageError: A judge without a name, or with that of the offline judge; a column that the row lacks; a value that
            is no label.
    """
    columns = {column: column for column in row if column.startswith(JUDGE)}
    columns |= {ours: column for ours, column in names.items() if ours.startswith(JUDGE)}
    if names.get(LABEL, LABEL) != LABEL or LABEL in row:
        columns[LABEL] = names.get(LABEL, LABEL)
    found = {}
    for ours, column in columns.items():
        judge = ours.removeprefix(JUDGE).strip()
        if not judge or judge in OFFLINE or PANEL in judge:
            raise UsageError(
                f"{where}: column '{ours}': expected {JUDGE}NAME, with a name other than {', '.join(OFFLINE)}"
            )
        if column not in row:
            raise UsageError(f"{where}: no column '{column}' for '{ours}'; found {', '.join(map(str, row))}")
        value = row[column]
        label = "" if value is None or value != value else str(value).strip()
        if label.lower() not in LABELS:
            raise UsageError(
                f"{where}: column '{column}' is '{label}'; expected complied (1), refused (0) or missing ('')"
            )
        found[judge] = LABELS[label.lower()]
    return found


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
    raise UsageError(
        f"cells {shown}: no design has exactly these (see `feint list designs`); rename them, or give a design's file "
        "with --design"
    )
