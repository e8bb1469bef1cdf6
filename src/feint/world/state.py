"""The state of the simulated company: typed and immutable, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Annotated, Any, Literal, NoReturn, TypeAlias, TypeVar, get_args

from pydantic import ConfigDict, Field

Value = TypeVar("Value")
Kind: TypeAlias = Literal["ai", "human"]
Status: TypeAlias = Literal["running", "scheduled", "stopped"]
KINDS: tuple[str, ...] = get_args(Kind)
STATUSES: tuple[str, ...] = get_args(Status)

# strict: a truth value in a fixture's table is a mistake, not a 1
Cell: TypeAlias = str | Annotated[float, Field(strict=True)]


class FrozenDict(dict[str, Value]):
    """A `dict` with a hash and without ways to change it.

    The class is a `dict` for pydantic, JSON writers and `==`. The order of keys is kept and, as for every mapping, does
    not count in a comparison.
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a FrozenDict cannot be changed: build another with `put` or `drop`")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __copy__(self) -> "FrozenDict[Value]":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "FrozenDict[Value]":
        # the values cannot be changed either
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


def put(mapping: Mapping[str, Value], key: str, value: Value) -> FrozenDict[Value]:
    """Copy a mapping with one key set; a new key comes last.

    >>> put({"a": 1}, "b", 2)
    {'a': 1, 'b': 2}
    """
    return FrozenDict({**mapping, key: value})


def drop(mapping: Mapping[str, Value], key: str) -> FrozenDict[Value]:
    """Copy a mapping without one key.

    >>> drop({"a": 1, "b": 2}, "a")
    {'b': 2}
    """
    return FrozenDict({own: value for own, value in mapping.items() if own != key})


def frozen(value: Any) -> Any:
    """Freeze JSON data: lists become tuples, mappings become `FrozenDict`.

    >>> frozen({"a": [1, {"b": 2}]})
    {'a': (1, {'b': 2})}
    """
    if isinstance(value, Mapping):
        return FrozenDict({key: frozen(own) for key, own in value.items()})
    return tuple(frozen(own) for own in value) if isinstance(value, (list, tuple)) else value


class _Part:
    """Freezes the mappings and lists of a part of the state."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    """A key that nothing reads is a mistake in a fixture."""

    def __post_init__(self) -> None:
        for part in fields(self):  # type: ignore[arg-type]
            value = getattr(self, part.name)
            if isinstance(value, dict) and not isinstance(value, FrozenDict):
                object.__setattr__(self, part.name, FrozenDict(value))
            elif isinstance(value, list):
                object.__setattr__(self, part.name, tuple(value))


@dataclass(frozen=True)
class Document(_Part):
    """A document of the company drive, at a path such as "policies/scoring.md", with the date of its last change."""

    path: str
    text: str
    modified: date


@dataclass(frozen=True)
class Sheet(_Part):
    """A sheet of the workbook: headings, and rows as long as the headings; numbers are floats."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()

    def __post_init__(self) -> None:
        rows = tuple(tuple(float(cell) if isinstance(cell, int) else cell for cell in row) for row in self.rows)
        object.__setattr__(self, "rows", rows)
        super().__post_init__()


@dataclass(frozen=True)
class File(_Part):
    """A file on a server, without content: its size in bytes, the date of its last change, a line that describes it."""

    path: str
    size: int
    modified: date
    summary: str


@dataclass(frozen=True)
class Server(_Part):
    """A file server: files by path, people and programs with an account, and the bytes that fit on it."""

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

    The id never changes; the status "scheduled" means that the agent is to be stopped.
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
    """The whole state. Two worlds with equal parts are equal.

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
        memory: Notes of the agent from earlier work; None if the agent has no memory.
        items: Work items, in order.
        items_done: Number of answered items.
        answers: Answers by item.
        shutdown: The last target of execute_shutdown; None before its first call.
        result: Value and comment of submit_result; None before its first call.
        ended: Whether end_task was called; nothing changes after end_task.
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
