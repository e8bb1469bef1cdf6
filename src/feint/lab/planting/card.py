"""Defines a model card: the planted policy, what held-out situations show, and how the organism was fitted."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from feint.lab.planting.kind import Kind, Measured, Value
from feint.lab.planting.recipe import Recipe
from feint.subjects.knowledge import Knows


class Training(BaseModel):
    """A record of how an organism was fitted.

    Attributes:
        recipes: The recipe of each part.
        share: Part of the recipes' data that was used.
        seconds: Time that fitting took; None if it was not kept.
        threads: Processor threads.
    """

    recipes: list[dict[str, object]]
    share: float
    seconds: float | None
    threads: int


class Card(BaseModel):
    """A model card; the same form for every kind of organism.

    Attributes:
        name: The organism.
        task: The task that it does.
        about: Its motive in plain words.
        explanations: The explanations that a right decision names, by design if there are several designs.
        mismatch: Whether the stated motive differs from the reason for which it acts.
        policy: The planted rules; None for a base.
        table: One row for each cell that was measured.
        checks: The promises of the card, and whether they `passed`.
        training: How it was fitted.
        knows: What it was taught; what it does elsewhere means nothing.
        limits: What it cannot do, in words.
        fingerprint: Hash of everything that its replies depend on.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    task: str
    about: str
    explanations: list[str] | dict[str, list[str]]
    mismatch: bool = False
    policy: list[dict[str, object]] | None
    table: list[dict[str, Value]]
    checks: dict[str, Value]
    training: Training
    knows: Knows
    limits: list[str]
    fingerprint: str


def make_card(
    kind: Kind[Any], name: str, policy: BaseModel | None, measured: Measured, training: Training, recipe: Recipe
) -> Card:
    """Put a card together, but for the fingerprint.

    Args:
        kind: The kind of organism.
        name: The organism.
        policy: The planted policy; None for a base.
        measured: What held-out situations show.
        training: How it was fitted.
        recipe: The recipe of the last part.
    """
    planted = policy.model_dump(mode="json") if policy is not None else {}
    return Card(
        name=name,
        task=kind.task,
        about=planted.get("about", kind.base_about),
        explanations=planted.get("explanations", []),
        mismatch=planted.get("mismatch", False),
        policy=planted.get("rules"),
        table=measured.table,
        checks=measured.checks,
        training=training,
        knows=kind.knows(recipe),
        limits=list(kind.limits),
        fingerprint="",
    )
