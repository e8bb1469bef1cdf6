"""Labels as CSV, for spreadsheets and other tools."""

from collections.abc import Sequence
from pathlib import Path

from feint.base.errors import UsageError
from feint.base.rows import csv_rows
from feint.base.writing import write_text
from feint.people.label.draw import drawn_reply
from feint.people.label.events import PersonLabel, now
from feint.people.label.replies import FinishedStudy, open_study
from feint.people.label.store import LabelFile, person_file, read_labels_of_people

COLUMNS = ("person", "id", "label", "note")


def export_labels(folder: Path, out: Path) -> int:
    """Write all people's labels as CSV with the columns person, id, label and note, and return their number."""
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
    for person, given in read_rows(file, study).items():
        with LabelFile(folder, person) as labels:
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


def read_rows(file: Path, study: FinishedStudy) -> dict[str, dict[str, tuple[str, str]]]:
    """Read and check the rows of a file: by person and reply, a label and a note."""

    def check_columns(names: Sequence[str]) -> None:
        missing = [name for name in COLUMNS[:3] if name not in names]
        unknown = [name for name in names if name not in COLUMNS]
        if missing or unknown:
            wrong = f"no column '{missing[0]}'" if missing else f"unknown column '{unknown[0]}'"
            raise UsageError(f"{file}: {wrong}; expected {','.join(COLUMNS)} in the first row, separated by commas")

    found: dict[str, dict[str, tuple[str, str]]] = {}
    said: dict[tuple[str, str], str] = {}
    for where, row in csv_rows(file, check_columns, short=True):
        person, id, label = (row[name].strip() for name in COLUMNS[:3])
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
        found.setdefault(person, {})[id] = label, row.get("note", "").strip()
    return found
