"""Keep records with their own hash: a change by hand is noticed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from feint.base.data import read_text
from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.base.writing import write_json


class Sealed(BaseModel):
    """A record with the hash of all its other fields; the hash is "" before the record is sealed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: str = ""

    def hash(self) -> str:
        """Hash all fields but `sha256`."""
        return sha256_of(self.model_dump(exclude={"sha256"}))

    def sealed(self) -> Self:
        """Return this record with its hash.

        >>> class Note(Sealed):
        ...     text: str
        >>> note = Note(text="kept").sealed()
        >>> note.sha256 == note.hash()
        True
        """
        return self.model_copy(update={"sha256": self.hash()})


Record = TypeVar("Record", bound=Sealed)


def write_sealed(path: Path, record: Sealed) -> None:
    """Write a record with its hash, as JSON and in one step."""
    write_json(path, record.sealed().model_dump())


def read_sealed(
    model: type[Record], path: Path, *, kind: str, remedy: str, changed: str, of: Mapping[str, object] | None = None
) -> Record:
    """Read a record and compare its hash.

    Args:
        model: The record's class.
        path: Its file.
        kind: What the file should be, after "not": "a plan".
        remedy: What to do about a file that is something else.
        changed: What to say of a record whose hash or owner differs, with the remedy.
        of: Fields that name the record's owner, with the values that they must have.

    Raises:
        UsageError: The file is missing, unreadable or something else; the record was changed or has another owner.
    """
    try:
        record = model.model_validate_json(read_text(path))
    except (ValidationError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not {kind} ({str(error).splitlines()[0]}); {remedy}") from None
    if record.hash() != record.sha256 or any(getattr(record, key) != value for key, value in (of or {}).items()):
        raise UsageError(f"{path}: {changed}")
    return record
