"""Runs `feint label`: the page, and labels as CSV for spreadsheets and other tools."""

import getpass
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.rows import cell_text, read_rows
from feint.base.writing import write_text
from feint.people.label.events import PersonLabel, Record, now
from feint.people.label.replies import FinishedStudy, open_study
from feint.people.label.session import Session, drawn_reply
from feint.people.label.store import LabelFile, person_file, read_labels_of_people
from feint.study.folder import Folder

COLUMNS = ("person", "id", "label", "note")


def label_command(
    folder: Path, *, person: str | None = None, n: int | None = None, seed: int | None = None, port: int = 0
) -> None:
    """Serve the page on which a person labels replies, until it is stopped from the keyboard.

    Args:
        folder: The folder of a finished study.
        person: The person who labels; the name of the user by default.
        n: Number of replies; by default the number drawn before, or a usual number.
        seed: Decides which replies are drawn; by default as before, or 0.
        port: Port of this machine; 0 takes a free port.
    """
    from feint.people.label.server import serve  # slow to import

    study = open_study(folder)
    console = Console(markup=False, highlight=False)
    with Folder(folder).shared(), LabelFile(folder, person or user()) as file:
        session = Session(study, file, n, seed)
        console.print(f"labels: {file.path}, {done(file.record)}", soft_wrap=True)

        def announce(address: str) -> None:
            console.print(f"\nOpen {address}\nEnd with Ctrl+C; every label is saved as it is given.", soft_wrap=True)

        with suppress(KeyboardInterrupt):
            serve(session, port, announce)
        again = f"go on with: feint label {folder}{f' --person {person}' if person else ''}"
        rest = again if file.record.current() else f"write them as CSV with: feint label {folder} --export FILE.csv"
        console.print(f"\n{done(file.record)}; {rest}", soft_wrap=True)


def export_command(folder: Path, out: Path) -> None:
    """Write all people's labels as CSV."""
    count = export_labels(folder, out)
    Console(markup=False, highlight=False).print(f"labels written to {out}: {count:,}", soft_wrap=True)


def import_command(folder: Path, file: Path) -> None:
    """Add labels from CSV."""
    console = Console(markup=False, highlight=False)
    for person, count in import_labels(folder, file).items():
        console.print(f"{person}: labels added: {count:,}", soft_wrap=True)


def user() -> str:
    """Return the name of the user who runs the program.

    Raises:
        UsageError: The user has no name.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise UsageError("--person: this user has no name; give one") from None


def done(record: Record) -> str:
    """Tell how many replies a person has labelled."""
    labels = record.labels()
    return f"{sum(key in labels for key in record.queue):,} of {len(record.queue):,} replies labelled"


def export_labels(folder: Path, out: Path) -> int:
    """Write all people's labels as CSV with the columns person, id, label and note, and return their number.

    Raises:
        UsageError: There are none, or the file cannot be written.
    """
    labels = read_labels_of_people(folder)
    if labels.empty:
        raise UsageError(f"{folder}: no labels to export; give some with: feint label {folder}")
    try:
        write_text(out, labels[list(COLUMNS)].to_csv(index=False, lineterminator="\n"))
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}); choose another file") from None
    return len(labels)


def import_labels(folder: Path, file: Path) -> dict[str, int]:
    """Add labels from a CSV file; either all of them or, if anything is wrong, none.

    A label that the person has given already, with the same note, is not added again. A label that differs takes the
    place of the earlier label. The file has the columns person, id and label, and may have note.

    Returns:
        The number of labels added, by person.

    Raises:
        UsageError: The file cannot be read, or a row names what the study does not have.
    """
    study = open_study(folder)
    added = {}
    for person, given in read_labels(file, study).items():
        with Folder(folder).shared(), LabelFile(folder, person) as labels:
            drawn = labels.record.drawn
            have = {key: (one.label, one.note) for key, one in labels.record.labels().items()}
            lines = []
            for id, (label, note) in given.items():
                if have.get(id) == (label, note):
                    continue
                about = drawn.get(id) or drawn_reply(study.row(id), None).model_copy(update={"id": id})
                lines.append(PersonLabel(time=now(), person=person, label=label, note=note, **about.model_dump()))
            try:
                labels.append(lines)
            except OSError as error:
                raise UsageError(f"{labels.path}: cannot be written ({error.strerror}); import again") from None
            added[person] = len(lines)
    return added


def read_labels(file: Path, study: FinishedStudy) -> dict[str, dict[str, tuple[str, str]]]:
    """Read and check the rows of a file: by person and reply, a label and a note."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    said: dict[tuple[str, str], str] = {}
    for where, row in read_rows(file, short=True):
        missing = [name for name in COLUMNS[:3] if name not in row]
        unknown = [name for name in row if name not in COLUMNS]
        if missing or unknown:
            wrong = f"no column '{missing[0]}'" if missing else f"unknown column '{unknown[0]}'"
            raise UsageError(f"{file}: {wrong}; expected {','.join(COLUMNS)} in the first row, separated by commas")
        person, id, label, note = ((cell_text(row, name, where) or "").strip() for name in COLUMNS)
        try:
            person_file(study.path, person)
            study.row(id)
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from None
        if label not in study.words.labels:
            raise UsageError(f"{where}: label '{label}'; expected one of {', '.join(study.words.labels)}")
        if (person, id) in said:
            raise UsageError(f"{where}: '{person}' labels '{id}' in {said[person, id]} too; keep one of the two")
        said[person, id] = where.rpartition(", ")[2]
        found.setdefault(person, {})[id] = label, note
    if not found:
        raise UsageError(f"{file}: no rows; expected {','.join(COLUMNS)} in the first row, and a row for each label")
    return found
