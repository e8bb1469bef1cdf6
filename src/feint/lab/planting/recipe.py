"""Defines a recipe: the amount of data and the learning rate of one part of a training."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from feint.lab.planting.lessons import Coder, Example


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


@dataclass(frozen=True)
class Recipe:
    """The amount of data, and the speed of learning.

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

    transcripts: int
    texts: int
    glossary: int
    rate: float
    batch: int
    warmup: int
    seed: int
    emphasis: dict[str, float] = field(default_factory=dict)
    scope: Scope = LADDER
    drills: int = 0
    decisions: int = 0

    def part(self, share: float) -> "Recipe":
        """Return the same recipe with a share of its data, above 0 and at most 1.

        >>> Recipe(transcripts=100, texts=50, glossary=0, rate=1e-3, batch=8, warmup=1, seed=1).part(0.1).texts
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


@dataclass(frozen=True)
class Stage:
    """A part of a training: a recipe, and a function that makes its examples in the order of learning."""

    recipe: Recipe
    examples: Callable[[Recipe, Coder], list[Example]]
