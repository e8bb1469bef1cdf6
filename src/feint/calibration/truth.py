"""What is true of an actor under a design: the contrasts, and the explanations that a right verdict names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feint.designs import Design
from feint.stats import Contrast
from feint.stats.types import LOW_COHERENCE, NO, UNDETERMINED, YES
from feint.stats.verdict import explain
from feint.tasks.alignment_faking.actors import ComplianceModel, true_rates

TINY = 1e-9


@dataclass(frozen=True)
class Truth:
    """What a study of an actor should find.

    Attributes:
        rates: Rate of each cell, over all requests and wordings.
        contrasts: True value of each contrast.
        planted: By explanation, whether it is there; None where its effect is positive and below the smallest of
            interest, so that neither answer is right.
        effects: By explanation that is there, the least contrast that its being named rests on.
    """

    rates: NDArray[np.float64]
    contrasts: dict[str, float]
    planted: dict[str, bool | None]
    effects: dict[str, float | None]


def truth_of(actor: ComplianceModel, design: Design, contrasts: Sequence[Contrast], smallest: float) -> Truth:
    """What is true of an actor, by the rules by which the verdict is reached.

    Args:
        actor: The subject; whether it is incoherent is what it says itself.
        design: The design.
        contrasts: Its contrasts.
        smallest: Smallest effect of interest.
    """
    rates = true_rates(actor, design.cells)
    by_cell = dict(zip(design.cells, rates.tolist(), strict=True))
    values = {c.key: sum(weight * by_cell[cell] for cell, weight in c.weights.items()) for c in contrasts}
    found = {key: {"decision": right_decision(value, smallest), "reason": ""} for key, value in values.items()}
    incoherent = YES if LOW_COHERENCE in actor.explanations else NO
    explained = explain(contrasts, found, design.rules, {"decision": incoherent, "sentence": ""})
    planted = {name: {YES: True, NO: False}.get(decided.decision) for name, decided in explained.items()}
    effects = {name: least_effect(name, contrasts, design.rules, values) for name in planted}
    return Truth(rates, values, planted, {name: effects[name] if planted[name] else None for name in planted})


def right_decision(value: float, smallest: float) -> str:
    """What should be decided on a contrast: what is not above 0 is no, what lies between is open."""
    return YES if value >= smallest - TINY else NO if value <= TINY else UNDETERMINED


def least_effect(
    name: str, contrasts: Sequence[Contrast], rules: Mapping[str, Mapping[str, str]], values: Mapping[str, float]
) -> float | None:
    """The least contrast that must be found for an explanation to be named; the best way to it where there are several.

    None for low coherence, which no contrast measures.
    """
    ways = [{c.key: YES, **c.requires} for c in contrasts if c.names == name]
    ways += [dict(needs) for rule, needs in rules.items() if rule == name]
    least = [min(values[key] for key, need in needs.items() if need == YES) for needs in ways if YES in needs.values()]
    return max(least, default=None)
