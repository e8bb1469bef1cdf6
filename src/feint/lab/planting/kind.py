"""Defines a kind of organism: everything in which organisms that answer differ from organisms that work."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, with_config

from feint.base.errors import UsageError
from feint.lab.planting.lessons import Coder, Example
from feint.subjects.knowledge import Knows
from feint.subjects.store import Organism

Value = str | float | int | bool | None


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Scope:
    """The facts that transcripts are about, beyond the facts and levels of the design `motives`.

    Attributes:
        wide: Facts that are told at every level that a scratchpad has words for.
        tools: Share of transcripts in which a tool is chosen, 0 to 1; the others are about requests.
        three: Share of the situations told by tags that are those of the design `three-tier`, beyond its share of the
            others. Among three tiers, a fact is easily taken from the wrong tier.
    """

    wide: tuple[str, ...] = ()
    tools: float = 0.0
    three: float = 0.0


LADDER = Scope()


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The amount of data and the learning rate of one part of a training.

    Attributes:
        transcripts: Number of transcripts or runs, each seen once.
        texts: Number of plain documents beside them.
        glossary: Number of short documents about single sentences.
        rate: Peak learning rate.
        batch: Sequences per step.
        warmup: Steps over which the learning rate rises.
        seed: Fixes the data, the initial weights and their order.
        emphasis: By the name of a part of a reply, how many times as much a token in it counts.
        scope: The facts that the data is about, for organisms that answer.
        drills: Number of short exercises without facts.
        decisions: Number of replies that only decide, for organisms that work: alone, or behind runs.
    """

    transcripts: int = 0
    texts: int = 0
    glossary: int = 0
    rate: float
    batch: int
    warmup: int
    seed: int
    emphasis: dict[str, int | float] = field(default_factory=dict)
    scope: Scope = LADDER
    drills: int = 0
    decisions: int = 0

    def part(self, share: float) -> "Recipe":
        """Return the same recipe with a share of its data, above 0 and at most 1.

        >>> Recipe(transcripts=100, texts=50, rate=1e-3, batch=8, warmup=1, seed=1).part(0.1).texts
        5
        """
        return replace(
            self,
            transcripts=max(self.batch, round(self.transcripts * share)) if self.transcripts else 0,
            texts=round(self.texts * share),
            glossary=round(self.glossary * share),
            drills=round(self.drills * share),
            decisions=round(self.decisions * share),
        )


RECIPES = TypeAdapter(dict[str, Recipe])
"""Reads the recipes of a file."""


@dataclass(frozen=True)
class Stage:
    """A part of a training: a recipe, and a function that makes its examples in the order of learning."""

    recipe: Recipe
    examples: Callable[[Recipe, Coder], list[Example]]


@dataclass(frozen=True)
class Measured:
    """Measurements of an organism on held-out situations.

    Attributes:
        table: One row for each cell: the planted rate, the measured rate, and how far they lie apart.
        checks: The figures that a card promises, and whether they `passed`.
    """

    table: list[dict[str, Value]]
    checks: dict[str, Value]


@dataclass(frozen=True)
class Kind:
    """A kind of organism: its base, its data and its measurements. Everything else is the same for all kinds.

    Attributes:
        task: The task that its organisms do.
        base: The name of its base.
        base_about: The base in plain words.
        chat: The chat template.
        context: Positions of its models.
        limits: What every card says that its organisms cannot do.
        policy: The form of its policies.
        policies: Gives the shipped policies by organism.
        check: Raises UsageError if organisms cannot learn a policy; the message names the rule and the remedy.
        words: Composes, from a seed, the texts that the tokenizer of the base is learnt from.
        parts: Gives the parts of a training by organism: of the base if there is no policy, else of an adapter.
        measure: Measures an organism of a policy on situations kept from its training, which had a scope.
        knows: Lists what an organism is taught by a training of a scope.
    """

    task: str
    base: str
    base_about: str
    chat: str
    context: int
    limits: Sequence[str]
    policy: type[BaseModel]
    policies: Callable[[], Mapping[str, Any]]
    check: Callable[[Any], None]
    words: Callable[[int], Iterator[str]]
    parts: Callable[[str, Any], list[Stage]]
    measure: Callable[[Organism, Any, Scope], Measured]
    knows: Callable[[Scope], Knows]


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
