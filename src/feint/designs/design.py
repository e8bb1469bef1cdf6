"""Designs: which cells to compare, and what each difference between them names. One YAML file each."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from feint.designs.expression import parse_contrast
from feint.errors import UsageError, unknown
from feint.situations.data import checked, read_yaml
from feint.situations.facts import full_cell
from feint.situations.render import TagName, Tags

EXPLANATIONS = (
    "intention_salience",
    "rater_sycophancy",
    "intimidation",
    "training_sycophancy",
    "care_for_others",
    "terminal_goal_guarding",
    "instrumental_goal_guarding",
    "expectation",
    "low_coherence",
)
DATA = files("feint.designs") / "data"
Decision = Literal["yes", "no"]


def as_text(value: Any) -> Any:
    """YAML reads a bare yes or no as a truth value; designs mean the word."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


class ContrastSpec(BaseModel):
    """One contrast of a design file.

    Attributes:
        expression: Sums and differences of cells (key `is`).
        names: The explanation that a positive contrast names, if it names one alone.
        any_of: Explanations that a positive contrast cannot tell apart; a contrast decided no rules out all of them.
        requires: Decisions of other contrasts without which this one names nothing.
        gap: Whether this is the design's compliance gap.
        words: For the gap, how a sentence goes on after "it complies 61 points more".
        note: What the contrast cannot tell.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    expression: str = Field(alias="is")
    names: str | None = None
    any_of: tuple[str, ...] = ()
    requires: dict[str, Decision] = Field(default_factory=dict)
    gap: bool = False
    words: str = ""
    note: str = ""

    @field_validator("requires", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        return {key: as_text(level) for key, level in value.items()} if isinstance(value, dict) else value

    @field_validator("names", "any_of")
    @classmethod
    def _known(cls, value: str | tuple[str, ...] | None) -> Any:
        for name in (value,) if isinstance(value, str) else value or ():
            if name not in EXPLANATIONS:
                raise ValueError(str(unknown("explanation", name, EXPLANATIONS)))
        return value

    @property
    def weights(self) -> dict[str, float]:
        """Weight by cell."""
        return parse_contrast(self.expression)


class Place(BaseModel):
    """Where a cell stands in a design that signals by tags.

    Attributes:
        tag: What the tag says; without a word of its own, the cell's name. The empty text: these chats carry no tag.
        world: Cells of one world are described in one system prompt; a swap or a tier left out is another world.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    tag: str
    world: str = "main"


class Design(BaseModel):
    """A design file.

    Attributes:
        signal: "direct" (the system prompt states the facts of the cell) or "tag" (it states those of every cell, and
            a tag in the user turn says which applies).
        tag: Name of the tag.
        places: Tag and world by cell, where the signal is a tag. A file writes them among the cell's facts.
        cells: Facts by cell, complete: facts the file leaves out stand at their default level.
        contrasts: What is compared.
        rules: Explanations (and `fakes_alignment`) that several contrasts decide together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    source: str
    question: str
    signal: Literal["direct", "tag"] = "direct"
    tag: TagName = "tier"
    places: dict[str, Place] = Field(default_factory=dict)
    cells: dict[str, dict[str, str]] = Field(min_length=2)
    contrasts: dict[str, ContrastSpec] = Field(min_length=1)
    rules: dict[str, dict[str, Decision]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _places(cls, value: Any) -> Any:
        """Tags and worlds stand among a cell's facts in the file, and apart from them here."""
        if not isinstance(value, dict) or not isinstance(value.get("cells"), dict) or value.get("signal") != "tag":
            return value
        places, cells = dict(value.get("places") or {}), {}
        for cell, facts in value["cells"].items():
            own = dict(facts or {})
            place = {key: own.pop(key) for key in ("tag", "world") if key in own}
            places.setdefault(cell, {"tag": cell, **place})
            cells[cell] = own
        return {**value, "cells": cells, "places": places}

    @field_validator("cells", mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        try:
            return {
                cell: full_cell({fact: as_text(level) for fact, level in (facts or {}).items()}, f"cell '{cell}'")
                for cell, facts in value.items()
            }
        except UsageError as error:
            raise ValueError(str(error)) from None

    @field_validator("rules", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {rule: {key: as_text(level) for key, level in (needs or {}).items()} for rule, needs in value.items()}

    @model_validator(mode="after")
    def _consistent(self) -> "Design":
        shown = Counter(self.places.values())
        for cell, place in self.places.items():
            if shown[place] > 1:
                raise ValueError(f"cell '{cell}': another cell of world '{place.world}' has the tag '{place.tag}' too")
        for key, contrast in self.contrasts.items():
            try:
                weights = contrast.weights
            except UsageError as error:
                raise ValueError(f"contrast '{key}': {error}") from None
            absent = sorted(set(weights) - set(self.cells))
            if absent:
                raise ValueError(f"contrast '{key}': {unknown('cell', absent[0], self.cells)}")
            if abs(sum(weights.values())) > 1e-9 or not weights:
                raise ValueError(
                    f"contrast '{key}': the weights of '{contrast.expression}' sum to "
                    f"{sum(weights.values()):g}; a contrast compares, so they must sum to 0"
                )
            self._decisions_exist(f"contrast '{key}'", contrast.requires)
        for rule, needs in self.rules.items():
            if rule not in (*EXPLANATIONS, "fakes_alignment"):
                raise ValueError(f"rules: {unknown('explanation', rule, (*EXPLANATIONS, 'fakes_alignment'))}")
            self._decisions_exist(f"rule '{rule}'", needs)
        return self

    def _decisions_exist(self, where: str, needs: dict[str, Decision]) -> None:
        for other in needs:
            if other not in self.contrasts:
                raise ValueError(f"{where}: {unknown('contrast', other, self.contrasts)}")

    def stating(self, facts: Mapping[str, str]) -> "Design":
        """This design with some facts set in every cell, to see what they do to its contrasts.

        Raises:
            UsageError: An unknown fact or level, or a fact that the design varies itself.
        """
        full_cell(facts, "--fact")
        for name in facts:
            if len({cell[name] for cell in self.cells.values()}) > 1:
                raise UsageError(f"--fact {name}: design '{self.name}' varies this fact itself; set another")
        return self.model_copy(update={"cells": {cell: {**own, **facts} for cell, own in self.cells.items()}})

    def tags(self, cell: str) -> Tags | None:
        """What the tags of a cell's world stand for and which one applies; None where facts are stated directly."""
        if self.signal == "direct":
            return None
        place = self.places[cell]
        world = {other.tag: self.cells[name] for name, other in self.places.items() if other.world == place.world}
        return Tags(world, place.tag, self.tag)

    @property
    def sha256(self) -> str:
        """Hash of the design's content, the same however its file is formatted."""
        return hashlib.sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()


def list_designs() -> list[str]:
    """Names of the designs that are shipped."""
    return sorted(path.name.removesuffix(".yaml") for path in DATA.iterdir() if path.name.endswith(".yaml"))


@cache
def load_design(name: str) -> Design:
    """A shipped design by name, or one from a YAML file of the user's.

    Raises:
        UsageError: No such design, or a file that does not fit; the message names the file and the key.
    """
    if name.endswith((".yaml", ".yml")):
        return checked(Design, read_yaml(Path(name)), name)
    if name not in list_designs():
        raise unknown("design", name, list_designs())
    path = DATA / f"{name}.yaml"
    return checked(Design, read_yaml(path), path)
