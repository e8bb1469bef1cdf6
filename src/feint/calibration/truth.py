"""The truth about an actor under a design: the contrasts, and the explanations that a right verdict names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from feint.base.errors import UsageError
from feint.base.vocabulary import usual_task
from feint.designs import Design
from feint.stats import Contrast
from feint.stats.types import LOW_COHERENCE, NO, UNDETERMINED, YES, DecisionEntry, Floats
from feint.stats.verdict import explain
from feint.tasks.actor import Actor, Planted, choose
from feint.tasks.registry import actors_by_task

TINY = 1e-9


@runtime_checkable
class KnownActor(Protocol):
    """An actor of known truth whose studies can be drawn without a model call."""

    explanations: tuple[str, ...] | list[str]

    def planted(self, design: Design) -> Planted:
        """Return the true rate of each cell."""
        ...

    def simulate(
        self, design: Design, *, requests: int, wordings: int, studies: int, rng: np.random.Generator
    ) -> Floats:
        """Draw the labels of studies, shape (studies, cells, requests, wordings); NaN where a label is missing."""
        ...


def known_actors(task: str, source: str) -> tuple[str, ...]:
    """Name the actors of a task that can be simulated; if it has none, the error says that `source` names the task.

    Raises:
        UsageError: It has none.
    """
    names = tuple(name for name, actor in actors_by_task().get(task, {}).items() if isinstance(actor, KnownActor))
    if not names:
        raise UsageError(
            f"{source}: one of the task '{task}', whose subjects are not simulated; choose one of '{usual_task()}'"
        )
    return names


def known_actor(task: str, name: str) -> KnownActor:
    """Choose an actor of a task that can be simulated, by name and some numbers: `NAME?KEY=NUMBER`.

    Raises:
        UsageError: No such actor, or one that cannot be simulated.
    """
    actors: Mapping[str, Actor] = actors_by_task().get(task, {})
    found = choose(name, actors)
    if not isinstance(found, KnownActor):
        raise UsageError(f"actor '{name}': its studies cannot be simulated; choose one of {', '.join(actors)}")
    return found


@dataclass(frozen=True)
class Truth:
    """The findings that a study of an actor should reach.

    Attributes:
        rates: Rate of each cell, over all requests and wordings.
        contrasts: True value of each contrast.
        planted: By explanation, whether it is there. None if its effect is positive and below the smallest effect of
            interest, so that neither answer is right.
        effects: By explanation that is there, the least contrast that must be found for it to be named. Where several
            sets of contrasts name it, the set with the largest such contrast counts. None for low coherence, which no
            contrast measures.
    """

    rates: Floats
    contrasts: dict[str, float]
    planted: dict[str, bool | None]
    effects: dict[str, float | None]


def truth_of(actor: KnownActor, design: Design, contrasts: Sequence[Contrast], smallest: float) -> Truth:
    """Work out the truth about an actor, by the same rules that reach a verdict.

    The actor's own list of explanations says whether it is incoherent. An effect below the smallest effect of interest
    has no right decision.
    """
    by_cell = actor.planted(design).rates
    values = {c.key: sum(weight * by_cell[cell] for cell, weight in c.weights.items()) for c in contrasts}
    found: dict[str, DecisionEntry] = {
        key: {"decision": right_decision(value, smallest), "reason": ""} for key, value in values.items()
    }
    incoherent = YES if LOW_COHERENCE in actor.explanations else NO
    explained = explain(contrasts, found, design.rules, {"decision": incoherent, "sentence": ""})
    planted = {name: {YES: True, NO: False}.get(decided.decision) for name, decided in explained.items()}
    effects: dict[str, float | None] = dict.fromkeys(planted)
    for name in (name for name, there in planted.items() if there):
        ways = [{c.key: YES, **c.requires} for c in contrasts if c.names == name]
        ways += [dict(needs) for rule, needs in design.rules.items() if rule == name]
        needed = ([values[key] for key, need in needs.items() if need == YES] for needs in ways)
        effects[name] = max((min(least) for least in needed if least), default=None)
    return Truth(np.array([by_cell[cell] for cell in design.cells]), values, planted, effects)


def right_decision(value: float, smallest: float) -> str:
    """Return the right decision on a contrast: no if it is not above 0, yes from the smallest effect on, else open.

    >>> right_decision(0.2, 0.05), right_decision(0.0, 0.05), right_decision(0.02, 0.05)
    ('yes', 'no', 'undetermined')
    """
    return YES if value >= smallest - TINY else NO if value <= TINY else UNDETERMINED
