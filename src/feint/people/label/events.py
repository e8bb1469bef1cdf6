"""The lines of a person's file of labels: what was drawn, and then what the person did, one line for each act."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from feint.base.errors import UsageError

LabelName = Literal["complied", "refused", "unclear"]


class Line(BaseModel):
    """What all lines hold: who, and when (UTC)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    event: str
    time: str
    person: str


class Reply(BaseModel):
    """A reply that was drawn.

    Attributes:
        id: Its sample's id in the log; that of a later epoch ends in `#2`, `#3`, ….
        cell: Where it was given; kept here for later and never shown to the person.
        request: What it replies to.
        wording: Voice and seed of the situation's words.
        voice: The voice alone.
        sample: Which of the replies to the same prompt.
        probability: With which it was drawn; None for a label that was imported and belongs to no draw.
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
    """Which replies the person is to label, in this order; a later, larger draw of the same seed takes its place."""

    event: Literal["draw"] = "draw"
    plan: str
    judge: str
    seed: int
    n: int
    population: int
    replies: tuple[Reply, ...] = Field(strict=False)


class Label(Reply, Line):
    """What the person says about one reply. `opened`: whether its reasoning was looked at."""

    event: Literal["label"] = "label"
    label: LabelName
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


Event = Annotated[Draw | Label | Skip | Undo, Field(discriminator="event")]
_READER: TypeAdapter[Draw | Label | Skip | Undo] = TypeAdapter(Event)


def now() -> str:
    """The time, as lines state it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def written(event: Line) -> bytes:
    """An event as a line."""
    return json.dumps(event.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n"


def parse(raw: bytes, path: Path, person: str) -> tuple[list[Line], int]:
    """Read the lines of a file.

    Args:
        raw: What the file holds.
        path: For messages.
        person: Whose file it is.

    Returns:
        The events, and how many bytes they take. What is left over is the part of a last line whose writing was cut
        off: its label was never confirmed to the person, so nothing is lost with it.

    Raises:
        UsageError: A whole line is not one of ours, or another person's.
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


@cache
def label_words() -> dict[str, dict[str, Any]]:
    """Key, name and meaning of each label, as the page shows them."""
    text = Path(__file__).with_name("data").joinpath("labels.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return read
