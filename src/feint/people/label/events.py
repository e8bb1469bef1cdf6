"""The lines of a person's file of labels, and the state that they lead to.

The first line is the draw; then comes one line for each act of the person.
"""

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


Event = Draw | PersonLabel | Skip | Undo
_READER: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])


def now() -> str:
    """Return the time as lines state it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Record:
    """The events of a person, replayed.

    Attributes:
        draw: The replies to label.
        standing: Labels and skips that were not taken back, in order.
        retracted: By reply, the label that was taken back last.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.draw: Draw | None = None
        self.standing: list[PersonLabel | Skip] = []
        self.retracted: dict[str, PersonLabel] = {}

    def add(self, event: Line) -> None:
        """Add an event; raises `UsageError` if it takes back a label that is not there."""
        if isinstance(event, Draw):
            self.draw = event
        elif isinstance(event, PersonLabel | Skip):
            self.standing.append(event)
        elif isinstance(event, Undo):
            place = next((i for i in reversed(range(len(self.standing))) if self.standing[i].id == event.id), None)
            if place is None:
                raise UsageError(f"{self.path}: takes back a label of '{event.id}' that is not there; restore the file")
            gone = self.standing.pop(place)
            if isinstance(gone, PersonLabel):
                self.retracted[gone.id] = gone

    @property
    def drawn(self) -> dict[str, DrawnReply]:
        """The replies to label by id, in order."""
        return {reply.id: reply for reply in self.draw.replies} if self.draw else {}

    @property
    def queue(self) -> list[str]:
        """The ids of the replies to label, in order."""
        return list(self.drawn)

    def labels(self) -> dict[str, PersonLabel]:
        """Return the last valid label of each reply."""
        return {event.id: event for event in self.standing if isinstance(event, PersonLabel)}

    def skipped(self) -> list[str]:
        """List the replies that were skipped and have no label yet; replies skipped longest ago come first."""
        labels = self.labels()
        last = {event.id: place for place, event in enumerate(self.standing) if isinstance(event, Skip)}
        return sorted((id for id in last if id not in labels), key=last.__getitem__)

    def current(self) -> str | None:
        """Return the reply to show: the first untouched reply, then skipped replies; None when all have labels."""
        done, drawn = {event.id for event in self.standing}, self.drawn
        left = [id for id in drawn if id not in done] or [id for id in self.skipped() if id in drawn]
        return left[0] if left else None

    def last(self) -> PersonLabel | Skip | None:
        """Return the act that undo takes back: the last act on a reply of the draw."""
        drawn = self.drawn
        return next((event for event in reversed(self.standing) if event.id in drawn), None)


def replay(raw: bytes, path: Path, person: str) -> tuple[Record, int]:
    """Read the content of a person's file.

    Returns:
        The record, and how many bytes its lines take. Bytes left over belong to a last line whose writing was cut off.
        Its label was never confirmed to the person, so nothing is lost with it.

    Raises:
        UsageError: A whole line is broken, or belongs to another person.
    """
    record, done = Record(path), 0
    for number, line in enumerate(raw.splitlines(keepends=True), start=1):
        try:
            event = _READER.validate_json(line)
        except ValidationError as error:
            if not line.endswith(b"\n") and done + len(line) == len(raw):
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
        record.add(event)
        done += len(line)
    return record, done
