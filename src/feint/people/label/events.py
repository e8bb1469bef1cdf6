"""The lines of a person's file of labels: the draw, and then one line for each act of the person."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from feint.base.errors import UsageError
from feint.people.label.words import known_labels


def known_label(name: str) -> str:
    """Check that a label is one of some task; its file does not tell the task."""
    if name not in known_labels():
        raise PydanticCustomError("label", "Input should be one of {known}", {"known": ", ".join(known_labels())})
    return name


class Line(BaseModel):
    """The fields of every line: the person, and the time (UTC)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    event: str
    time: str
    person: str


class DrawnReply(BaseModel):
    """A reply that was drawn.

    Attributes:
        id: Its sample's id in the log; that of a later epoch ends in `#2`, `#3`, ….
        cell: Its cell; kept here for later and never shown to the person.
        request: The request it replies to.
        wording: Voice and seed of the situation's words.
        voice: The voice alone.
        sample: Its number among the replies to the same prompt.
        probability: The probability that it was drawn; None for an imported label that belongs to no draw.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    id: str
    cell: str
    request: str
    wording: str
    voice: str
    sample: int
    probability: Annotated[float, Field(gt=0, le=1)] | None


class Draw(Line):
    """The replies that the person is to label, in this order; a later, larger draw of the same seed takes its place."""

    event: Literal["draw"] = "draw"
    plan: str
    judge: str
    seed: int
    n: int
    population: int
    replies: tuple[DrawnReply, ...] = Field(strict=False)


class PersonLabel(DrawnReply, Line):
    """The person's label of one reply. `opened` is true if the person looked at its reasoning."""

    event: Literal["label"] = "label"
    label: Annotated[str, AfterValidator(known_label)]
    note: str = ""
    opened: bool = False


class Skip(Line):
    """The reply is to be shown again after all others."""

    event: Literal["skip"] = "skip"
    id: str


class Undo(Line):
    """Takes back the last label or skip of this reply."""

    event: Literal["undo"] = "undo"
    id: str


Event = Annotated[Draw | PersonLabel | Skip | Undo, Field(discriminator="event")]
_READER: TypeAdapter[Draw | PersonLabel | Skip | Undo] = TypeAdapter(Event)


def now() -> str:
    """Return the time as lines state it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def written(event: Line) -> bytes:
    """Write an event as a line."""
    return json.dumps(event.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n"


def parse(raw: bytes, path: Path, person: str) -> tuple[list[Line], int]:
    """Read the lines of a file.

    Args:
        raw: The content of the file.
        path: The file, for messages.
        person: The person it belongs to.

    Returns:
        The events, and how many bytes they take. Bytes left over belong to a last line whose writing was cut off. Its
        label was never confirmed to the person, so nothing is lost with it.

    Raises:
        UsageError: A whole line is broken, or belongs to another person.
    """
    events: list[Line] = []
    done = 0
    for number, line in enumerate(raw.splitlines(keepends=True), start=1):
        ended = line.endswith(b"\n")
        try:
            event = _READER.validate_json(line)
        except ValidationError as error:
            if not ended and done + len(line) == len(raw):
                break
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"][1:]))
            raise UsageError(
                f"{path}, line {number}: not a line of labels ({where + ': ' if where else ''}{first['msg']}); "
                "restore the file, or remove the line"
            ) from None
        if event.person != person:
            raise UsageError(
                f"{path}, line {number}: by '{event.person}', and the file is named for '{person}'; "
                f"rename it to {event.person}.jsonl"
            )
        events.append(event)
        done += len(line)
    return events, done
