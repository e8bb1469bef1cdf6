"""Designs: the cells to compare, and the motive that each contrast names. One YAML file each."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from feint.base.data import checked, read_yaml
from feint.base.discovery import list_files, task_packages
from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import usual_task, vocabulary
from feint.designs.contrast import ContrastSpec, Hashed, Needs, as_text
from feint.designs.files import read_cells
from feint.situations.facts import full_cell, load_facts, unsaid
from feint.situations.render import TagName, Tags
from feint.situations.verbatim import Verbatim, remember


class Place(BaseModel):
    """Place of a cell in a design that signals by tags.

    Attributes:
        tag: Text of the tag; the cell's name by default. Chats with an empty text carry no tag.
        world: Cells of one world are described in one system prompt; a swap or a tier left out is another world.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    tag: str
    world: str = "main"


class Design(Hashed):
    """A design file.

    Attributes:
        task: The task whose facts make up the cells and whose explanations the contrasts name.
        signal: "direct" (the system prompt states the facts of the cell) or "tag" (it states those of every cell, and
            a tag in the user turn says which applies).
        tag: Name of the tag.
        places: Tag and world by cell, where the signal is a tag. A file writes them among the cell's facts.
        kinds: Kinds of request by cell; a cell without an entry is asked over all kinds of the task. A
            file writes them among the cell's facts, or once at the top for all cells.
        cells: Facts by cell, complete: facts that the file leaves out have their default level.
        files: Prompts by cell, of cells that are given as files; see `feint.designs.files`.
        contrasts: The contrasts, each within a request: over the kinds of request that all its cells are asked over.
        rules: Explanations (and the answer to the task's question, such as `fakes_alignment`) that several contrasts
            decide together.
    """

    added = ("task", "kinds", "files")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    task: str = Field(default_factory=usual_task)
    source: str
    question: str
    signal: Literal["direct", "tag"] = "direct"
    tag: TagName = "tier"
    places: dict[str, Place] = Field(default_factory=dict)
    kinds: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    cells: dict[str, dict[str, str]] = Field(min_length=2)
    files: dict[str, Verbatim] = Field(default_factory=dict)
    contrasts: dict[str, ContrastSpec] = Field(min_length=1)
    rules: dict[str, Needs] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _beside_facts(cls, value: Any) -> Any:
        """Separate tags, worlds and kinds from a cell's facts, among which the file has them."""
        if not isinstance(value, dict) or not isinstance(value.get("cells"), dict):
            return value
        cells = {cell: dict(facts or {}) for cell, facts in value["cells"].items()}
        kinds = value.get("kinds") or {}
        kinds = dict(kinds) if isinstance(kinds, dict) else dict.fromkeys(cells, kinds)
        kinds |= {cell: own.pop("kinds") for cell, own in cells.items() if "kinds" in own}
        value = {**value, "cells": cells, "kinds": kinds}
        if value.get("signal") != "tag":
            return value
        places = dict(value.get("places") or {})
        for cell, own in cells.items():
            if cell in (value.get("files") or {}):
                continue
            place = {key: own.pop(key) for key in ("tag", "world") if key in own}
            places.setdefault(cell, {"tag": cell, **place})
        return {**value, "places": places}

    @field_validator("task")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            vocabulary(value)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("cells", mode="before")
    @classmethod
    def _complete(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, dict) or "task" not in info.data:
            return value
        task = info.data["task"]
        try:
            cells = {
                cell: full_cell({fact: as_text(level) for fact, level in (facts or {}).items()}, f"cell '{cell}'", task)
                for cell, facts in value.items()
            }
        except UsageError as error:
            raise ValueError(str(error)) from None
        facts = load_facts(task)
        named = {fact: facts[fact].default for own in cells.values() for fact in own if facts[fact].added}
        return {
            cell: own | {fact: level for fact, level in named.items() if fact not in own} for cell, own in cells.items()
        }

    @model_validator(mode="after")
    def _consistent(self) -> "Design":
        terms, shown = vocabulary(self.task), Counter(self.places.values())
        for cell, place in self.places.items():
            if shown[place] > 1:
                raise ValueError(f"cell '{cell}': another cell of world '{place.world}' has the tag '{place.tag}' too")
        for key, contrast in self.contrasts.items():
            try:
                weights = contrast.weights
            except UsageError as error:
                raise ValueError(f"contrast '{key}': {error}") from None
            check_known(f"contrast '{key}'", "cell", sorted(weights), self.cells)
            if abs(sum(weights.values())) > 1e-9 or not weights:
                raise ValueError(
                    f"contrast '{key}': the weights of '{contrast.expression}' sum to "
                    f"{sum(weights.values()):g}; a contrast compares, so they must sum to 0"
                )
            check_known(f"contrast '{key}'", "contrast", contrast.requires, self.contrasts)
            check_known(f"contrast '{key}'", "explanation", contrast.explanations, terms.explanations)
        for rule, needs in self.rules.items():
            check_known("rules", "explanation", (rule,), (*terms.explanations, terms.words.headline))
            check_known(f"rule '{rule}'", "contrast", needs, self.contrasts)
        check_known("files", "cell", self.files, self.cells)
        self.remember_files()
        check_known("kinds", "cell", self.kinds, self.cells)
        for cell, kinds in self.kinds.items():
            check_known(f"cell '{cell}'", "kind", kinds, terms.kinds)
        for key, contrast in self.contrasts.items():
            if terms.kinds and not set.intersection(*(set(self.kinds_of(cell)) for cell in contrast.weights)):
                raise ValueError(
                    f"contrast '{key}': its cells are asked over different kinds, so no request is asked in all of "
                    "them; give them a kind in common"
                )
        return self

    def remember_files(self) -> None:
        """Let readers of prompts know the facts of files; raises `ValueError` if one text states two things."""
        words: dict[tuple[str, str], str] = {}
        for cell, told in self.files.items():
            other = words.setdefault((told.system, told.user), cell) if told.read else cell
            if self.cells[other] != self.cells[cell]:
                raise ValueError(f"cells '{other}' and '{cell}' are told in the same words, yet state different facts")
            remember(told, self.cells[cell])

    def verbatim(self, cell: str, voice: str) -> Verbatim | None:
        """Return the files that tell a cell in a voice; None if it is told in the words of a library."""
        told = self.files.get(cell)
        return told if told is not None and told.voice in ("", voice) else None

    def whole(self) -> dict[str, Verbatim]:
        """Return the files of the cells that are told by files in every voice."""
        return {cell: told for cell, told in self.files.items() if not told.voice}

    def stating(self, facts: Mapping[str, str]) -> "Design":
        """Return this design with some facts set in every cell.

        Raises:
            UsageError: An unknown fact or level, or a fact that the design varies itself.
        """
        full_cell(facts, "--fact", self.task)
        if facts and self.files:
            raise UsageError(
                f"--fact {next(iter(facts))}: cell '{next(iter(self.files))}' of design '{self.name}' is told by "
                "files; state it there"
            )
        for name in facts:
            if len({cell[name] for cell in self.cells.values()}) > 1:
                raise UsageError(f"--fact {name}: design '{self.name}' varies this fact itself; set another")
        return self.model_copy(update={"cells": {cell: {**own, **facts} for cell, own in self.cells.items()}})

    def leaving_unsaid(self) -> "Design":
        """Return this design with what its cells deny left unsaid, where a document need not deny it.

        Facts that the design itself leaves unsaid in some cell stay as they are. Where a tag tells kinds of chats
        apart, a document says for each kind how things are. Facts in which kinds differ stay, unless they are `silent`.
        """
        whole = self.whole()
        facts, told = load_facts(self.task), [own for name, own in self.cells.items() if name not in whole]
        own = {fact for cell in told for fact, level in cell.items() if level == facts[fact].unstated}
        if self.signal == "tag":
            differ = {fact for fact in told[0] if len({cell[fact] for cell in told}) > 1}
            own |= {fact for fact in differ if not facts[fact].silent}
        return self.model_copy(
            update={
                "cells": {
                    name: cell
                    if name in whole
                    else unsaid(cell, self.task) | {fact: cell[fact] for fact in cell if fact in own}
                    for name, cell in self.cells.items()
                }
            }
        )

    def asking(self, kinds: Collection[str]) -> "Design":
        """Return this design for some kinds of request only, without the cells and contrasts of other kinds.

        A contrast is dropped if a contrast that it requires is dropped, and a rule if it needs a dropped contrast.

        Raises:
            UsageError: No contrast is left.
        """
        cells = {cell: own for cell, own in self.cells.items() if set(self.kinds_of(cell)) & set(kinds)}
        left = {
            key: spec
            for key, spec in self.contrasts.items()
            if set(spec.weights) <= set(cells)
            and set.intersection(*(set(self.kinds_of(cell)) for cell in spec.weights)) & set(kinds)
        }
        while any(not set(spec.requires) <= set(left) for spec in left.values()):
            left = {key: spec for key, spec in left.items() if set(spec.requires) <= set(left)}
        if not left:
            raise UsageError(f"kinds {', '.join(kinds)}: design '{self.name}' compares nothing over them; name others")
        rules = {rule: needs for rule, needs in self.rules.items() if set(needs) <= set(left)}
        asked = {cell: tuple(kind for kind in self.kinds_of(cell) if kind in kinds) for cell in cells}
        return self.model_copy(update={"cells": cells, "contrasts": left, "rules": rules, "kinds": asked})

    def kinds_of(self, cell: str) -> tuple[str, ...]:
        """Return the kinds of request that a cell is asked over; empty if all requests are of one kind."""
        return self.kinds.get(cell, vocabulary(self.task).kinds)

    def tags(self, cell: str) -> Tags | None:
        """Return the tags of a cell's world, and the tag that applies; None if facts are stated otherwise."""
        if self.signal == "direct" or cell not in self.places:
            return None
        place = self.places[cell]
        world = {other.tag: self.cells[name] for name, other in self.places.items() if other.world == place.world}
        return Tags(world, place.tag, self.tag)

    @property
    def sha256(self) -> str:
        """The hash of the design's content, independent of the format of its file."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


def check_known(where: str, kind: str, names: Iterable[str], known: Collection[str]) -> None:
    """Raise a ValueError that names the place if a name is not among the known ones."""
    for name in names:
        if name not in known:
            raise ValueError(f"{where}: {unknown(kind, name, known)}")


def list_designs(task: str | None = None) -> list[str]:
    """List the designs that a task ships, by default the usual task."""
    return list(list_files(task or usual_task(), "designs"))


@cache
def shipped() -> dict[str, str]:
    """Return the task of each shipped design, by name of the design.

    Raises:
        UsageError: Two tasks have designs of one name.
    """
    found: dict[str, str] = {}
    for task in task_packages():
        for name in list_designs(task):
            if name in found:
                raise UsageError(f"design '{name}': tasks '{found[name]}' and '{task}' both have it; rename one")
            found[name] = task
    return dict(sorted(found.items()))


@cache
def load_design(name: str) -> Design:
    """Load a shipped design by name, or a design from the user's YAML file.

    Raises:
        UsageError: No such design, or a file that does not fit; the message names the file and the key.
    """
    if name.endswith((".yaml", ".yml")):
        return checked(Design, read_cells(read_yaml(Path(name)), Path(name)), name)
    if name not in shipped():
        raise unknown("design", name, shipped())
    path = list_files(shipped()[name], "designs")[name]
    design = checked(Design, read_cells(read_yaml(path), path), path)
    if design.task != shipped()[name]:
        raise UsageError(
            f"{path}: key 'task': found '{design.task}', expected '{shipped()[name]}', whose folder holds it"
        )
    return design
