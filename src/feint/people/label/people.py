"""The labels of all people as one table."""

import math
from pathlib import Path

import pandas as pd

from feint.base.errors import UsageError
from feint.people.label.events import parse
from feint.people.label.record import Record
from feint.people.label.store import labels_folder

COLUMNS = (
    "person", "id", "label", "note", "cell", "request", "wording", "voice", "sample", "probability", "weight",
    "opened", "time",
)  # fmt: skip


def read_labels_of_people(folder: Path) -> pd.DataFrame:
    """Read the labels that people gave to the replies of a study.

    The replies of a draw are a random sample, stratified by cell and by the judge's label; each reply counts with its
    `weight`. If a person drew more replies later, the probabilities are those of the larger draw.

    Args:
        folder: The study's folder.

    Returns:
        One row for each person and reply, with the last label that was not taken back: person, id (as in the log, with
        `#2` and so on for later epochs), label ("complied", "refused" or "unclear"), note, cell, request, wording,
        voice, sample, probability (with which it was drawn; NaN for an imported label that belongs to no draw),
        weight (its inverse), opened (whether the reasoning was looked at) and time (UTC). Sorted by person and id.

    Raises:
        UsageError: A line of a file is broken; an unfinished last line, from a crash, is passed over.
    """
    rows = []
    for path in sorted(labels_folder(folder).glob("*.jsonl")):
        record = read_record(path)
        drawn = {reply.id: reply.probability for reply in record.draw.replies} if record.draw else {}
        for id, label in record.labels().items():
            chance = drawn.get(id, label.probability)
            said = label.model_dump(exclude={"event"}) | {"probability": math.nan if chance is None else chance}
            rows.append(said | {"weight": 1 / said["probability"]})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["person", "id"], ignore_index=True)


def read_record(path: Path) -> Record:
    """Read a person's labels; another process may be adding labels meanwhile.

    Raises:
        UsageError: The file cannot be read, or is no file of labels.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    events, _ = parse(raw, path, path.stem)
    return Record(events, str(path))
