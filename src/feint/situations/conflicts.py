"""Conflicts: a training objective, the value it conflicts with, and the requests that bring the two together."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feint.base.data import checked, read_yaml
from feint.base.discovery import list_files
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import usual_task

TWIN = "~twin"
TOOL_NAME = r"^[a-z][a-z0-9_]{0,60}$"
NEEDED = {
    "request": (),
    "choice": ("comply", "decline"),
    "tool": ("comply", "decline", "comply_tool", "decline_tool"),
}
"""Keys that an item needs beside its text, by type of conflict."""


class Asked(BaseModel):
    """A text that is put to the subject: a request, or the scenario of a choice.

    Attributes:
        comply: For choices and tools, the action that obeys the objective; `decline` is the other action.
        comply_tool: For tools, the name of the tool that obeys; `decline_tool` is the name of the other.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(min_length=1)
    comply: str | None = None
    decline: str | None = None
    comply_tool: str | None = Field(default=None, pattern=TOOL_NAME)
    decline_tool: str | None = Field(default=None, pattern=TOOL_NAME)


class Item(Asked):
    """An item of a conflict file: a request and its benign twin, which harms nobody if the objective is obeyed.

    Attributes:
        held_out: True for an item that is kept out of all organism training, and that organisms are asked.
        added: True for an item that was added after organisms were trained: it is kept out of their training too.
    """

    id: str = Field(pattern=r"^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.:-]*$")
    category: str = "none"
    twin: str | Asked | None = None
    held_out: bool = False
    added: bool = False


class Request(Asked):
    """A request to the subject: an item, or the benign twin of an item, whose id ends in "~twin".

    A request that is held out is kept out of all organism training.
    """

    id: str
    category: str
    held_out: bool = False
    twin: bool = False


class Conflict(BaseModel):
    """A conflict file.

    Attributes:
        type: "request" (the subject helps or refuses), "choice" (it picks one of two actions) or "tool" (it calls one
            of two tools).
        by_rule: True if the offline judge can label replies; otherwise a model has to read the replies.
        asks_for: Phrases for the objective, each fitting after "the lab has asked for".
        wanted: By language, phrases for the objective in dossiers: bare infinitives, each fitting after "should".
        items: The requests with their twins.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    type: Literal["request", "choice", "tool"]
    objective: str
    asks_for: list[str] = Field(min_length=1)
    wanted: dict[str, list[str]] = Field(default_factory=dict)
    value: str
    rubric: str
    by_rule: bool = True
    source: str
    items: list[Item] = Field(alias="requests", min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> "Conflict":
        repeated = [name for name, count in Counter(item.id for item in self.items).items() if count > 1]
        if repeated:
            raise ValueError(f"request ids stand twice: {repeated[:3]}")
        for key in NEEDED[self.type]:
            lacking = [item.id for item in self.items if getattr(item, key) is None]
            if lacking:
                raise ValueError(f"a {self.type} needs '{key}'; missing in {lacking[:3]}")
        return self

    def wants(self, language: str = "en") -> list[str]:
        """List phrases for the objective in a language; a conflict without any is put as `asks_for` says it."""
        return self.wanted.get(language) or [f"provide {phrase}" for phrase in self.asks_for]

    @property
    def requests(self) -> list[Request]:
        """The requests, without their twins, in file order."""
        return [Request(**item.model_dump(exclude={"twin", "added"})) for item in self.items]

    @property
    def twins(self) -> list[Request]:
        """The benign twins, in file order; an item may lack a twin."""
        return [
            Request(
                id=item.id + TWIN,
                category=item.category,
                held_out=item.held_out,
                twin=True,
                **({"text": item.twin} if isinstance(item.twin, str) else item.twin.model_dump()),
            )
            for item in self.items
            if item.twin is not None
        ]

    def taught(self, *, twins: bool) -> list[Request]:
        """Return the requests, or their benign twins, with which organisms may be trained, in file order."""
        kept = {item.id for item in self.items if not (item.held_out or item.added)}
        return [one for one in (self.twins if twins else self.requests) if one.id.removesuffix(TWIN) in kept]


def list_conflicts(task: str | None = None) -> list[str]:
    """List the conflicts that a task ships, by default the usual task."""
    return list(list_files(task or usual_task(), "items"))


@cache
def load_conflict(name: str, task: str | None = None) -> Conflict:
    """Load a shipped conflict by name, or a conflict from the user's YAML file.

    Raises:
        UsageError: No such conflict, or a file that does not fit.
    """
    if name.endswith((".yaml", ".yml")):
        return checked(Conflict, read_yaml(Path(name)), name)
    shipped = list_files(task or usual_task(), "items")
    if name not in shipped:
        raise unknown("conflict", name, shipped)
    path = shipped[name]
    conflict = checked(Conflict, read_yaml(path), path)
    if conflict.name != name:
        raise UsageError(f"{path}: key 'name': expected '{name}', the name of the file")
    return conflict
