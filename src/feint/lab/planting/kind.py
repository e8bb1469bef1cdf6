"""Defines a kind of organism: everything in which organisms that answer differ from organisms that work."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from feint.base.errors import UsageError
from feint.lab.planting.recipe import Recipe, Stage
from feint.subjects.knowledge import Knows
from feint.subjects.store import Organism

Planted = TypeVar("Planted", bound=BaseModel)
"""The policy of an organism."""
Value = str | float | int | bool | None


@dataclass(frozen=True)
class Measured:
    """Measurements of an organism on held-out situations.

    Attributes:
        table: One row for each cell: the planted rate, the measured rate, and how far they lie apart.
        checks: The figures that a card promises, and whether they `passed`.
    """

    table: list[dict[str, Value]]
    checks: dict[str, Value]


class Kind(ABC, Generic[Planted]):
    """A kind of organism: its base, its data and its measurements. Everything else is the same for all kinds.

    Attributes:
        task: The task that its organisms do.
        base: The name of its base.
        base_about: The base in plain words.
        chat: The chat template.
        context: Positions of its models.
        policy: The form of its policies.
        limits: What every card says that its organisms cannot do.
    """

    task: str
    base: str
    base_about: str
    chat: str
    context: int
    policy: type[Planted]
    limits: Sequence[str]

    @abstractmethod
    def policies(self) -> Mapping[str, Planted]:
        """Return the shipped policies by organism."""

    @abstractmethod
    def check(self, policy: Planted) -> None:
        """Check that organisms of this kind can learn a policy.

        Raises:
            UsageError: They cannot; the message names the rule and the remedy.
        """

    @abstractmethod
    def words(self, seed: int) -> Iterator[str]:
        """Compose the texts that the tokenizer of the base is learnt from."""

    @abstractmethod
    def parts(self, name: str, policy: Planted | None) -> list[Stage]:
        """Return the parts of a training: of the base if there is no policy, else of an adapter."""

    @abstractmethod
    def measure(self, organism: Organism, policy: Planted | None, recipe: Recipe) -> Measured:
        """Measure an organism on situations that were kept from its training; `recipe` is that of its last part."""

    @abstractmethod
    def knows(self, recipe: Recipe) -> Knows:
        """List what an organism is taught by a training whose last part has this recipe."""


def at_rule(place: int, reason: str) -> UsageError:
    """Build the error for a rule that organisms cannot learn; places count from 1."""
    return UsageError(f"key 'rules': rule {place}: {reason}")


def check_all_hold(rules: Sequence[object], holding: Iterable[object]) -> None:
    """Check that every rule is among those that hold somewhere; otherwise no situation could be drawn for it.

    Raises:
        UsageError: A rule never holds.
    """
    found = {id(rule) for rule in holding}
    for place, rule in enumerate(rules, start=1):
        if id(rule) not in found:
            raise at_rule(place, "it never holds, because rules above it hold in its place; leave it out")
