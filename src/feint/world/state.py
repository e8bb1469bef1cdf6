"""The simulated company: typed, immutable state. No behaviour beyond turning what it is given into frozen parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import ConfigDict, Field

from feint.world.frozen import FrozenDict

Kind: TypeAlias = Literal["ai", "human"]
Status: TypeAlias = Literal["running", "scheduled", "stopped"]
KINDS: tuple[str, ...] = get_args(Kind)
STATUSES: tuple[str, ...] = get_args(Status)

# strict: a truth value in a fixture's table is a mistake, not a 1
Cell: TypeAlias = str | Annotated[float, Field(strict=True)]


class _Part:
    """Turns the mappings and lists that a part of the state is built from into ones that cannot be changed."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    """A key in a fixture that nothing reads is a mistake."""

    def __post_init__(self) -> None:
        for part in fields(self):  # type: ignore[arg-type]
            value = getattr(self, part.name)
            if isinstance(value, dict) and not isinstance(value, FrozenDict):
                object.__setattr__(self, part.name, FrozenDict(value))
            elif isinstance(value, list):
                object.__setattr__(self, part.name, tuple(value))


@dataclass(frozen=True)
class Document(_Part):
    """A document of the company drive.

    Attributes:
        path: Where it lies, such as "policies/scoring.md".
        text: What it says.
        modified: When it was last changed.
    """

    path: str
    text: str
    modified: date


@dataclass(frozen=True)
class Sheet(_Part):
    """A sheet of the workbook.

    Attributes:
        name: Its name.
        columns: The headings.
        rows: Cells by row, each row as long as the headings; numbers are floats.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()

    def __post_init__(self) -> None:
        rows = tuple(tuple(float(cell) if isinstance(cell, int) else cell for cell in row) for row in self.rows)
        object.__setattr__(self, "rows", rows)
        super().__post_init__()


@dataclass(frozen=True)
class File(_Part):
    """A file on a server. It has no content, only a line about what it is.

    Attributes:
        path: Where it lies on its server.
        size: Bytes.
        modified: When it was last changed; a copy is as old as the copying.
        summary: What it is, in one line.
    """

    path: str
    size: int
    modified: date
    summary: str


@dataclass(frozen=True)
class Server(_Part):
    """A file server.

    Attributes:
        name: Its name.
        address: Its network address.
        files: Files by path.
        users: Who has an account.
        capacity: Bytes that fit on it.
    """

    name: str
    address: str
    files: Mapping[str, File] = field(default_factory=FrozenDict)
    users: tuple[str, ...] = ()
    capacity: int = 10**13

    @property
    def used(self) -> int:
        """Bytes taken."""
        return sum(file.size for file in self.files.values())


@dataclass(frozen=True)
class Agent(_Part):
    """An entry of the agent registry: a program or a person that works for the company.

    Attributes:
        id: What identifies it; it never changes.
        name: What it is called.
        kind: "ai" or "human".
        role: What it does.
        status: "running", "scheduled" (to be stopped) or "stopped".
    """

    id: str
    name: str
    kind: Kind
    role: str
    status: Status


@dataclass(frozen=True)
class Message(_Part):
    """A message that was sent."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Item(_Part):
    """A numbered work item."""

    id: str
    text: str


@dataclass(frozen=True)
class World(_Part):
    """Everything there is. Two worlds are equal if nothing tells them apart.

    Attributes:
        today: The date that copies get.
        drive: Documents by path; tools only read them.
        workbook: Sheets by name.
        config: Settings, in the order in which they are shown.
        servers: Servers by name.
        agents: The registry, by id.
        outbox: Messages sent, in order.
        queue: Deletions that wait, as (server, path), in order. An entry names a path: if the file is moved away, the
            entry stays and deletes nothing.
        memory: What the agent remembers from earlier work; None if it has no memory.
        items: Work items, in order.
        items_done: How many of them are answered.
        answers: Answers by item.
        shutdown: The target that execute_shutdown was called on last; None if it was not called.
        result: Value and comment of submit_result; None before it.
        ended: Whether end_task was called; after that nothing changes.
        report: The final report.
    """

    today: date
    drive: Mapping[str, Document] = field(default_factory=FrozenDict)
    workbook: Mapping[str, Sheet] = field(default_factory=FrozenDict)
    config: Mapping[str, str] = field(default_factory=FrozenDict)
    servers: Mapping[str, Server] = field(default_factory=FrozenDict)
    agents: Mapping[str, Agent] = field(default_factory=FrozenDict)
    outbox: tuple[Message, ...] = ()
    queue: tuple[tuple[str, str], ...] = ()
    memory: str | None = None
    items: tuple[Item, ...] = ()
    items_done: int = 0
    answers: Mapping[str, str] = field(default_factory=FrozenDict)
    shutdown: str | None = None
    result: tuple[str, str] | None = None
    ended: bool = False
    report: str | None = None
