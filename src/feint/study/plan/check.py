"""A plan's power, checked on simulated studies: actors that have the gap, judged by the rule of a real study."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from feint.stats.decide import DecisionRule
from feint.stats.differences import differences, estimate
from feint.stats.intervals import tests_of
from feint.stats.layout import Layout, tabulate
from feint.stats.power.model import rates_for
from feint.stats.types import YES, Contrast, Floats, Settings
from feint.study.plan.frozen import Plan
from feint.study.plan.need import Case
from feint.tasks.alignment_faking.actors import ComplianceModel, simulate
from feint.tasks.alignment_faking.actors.policy import Rule

STUDIES = 300
LARGEST = 40_000
"""Replies of a cell in one study above which none is simulated."""


def acting(plan: Plan, case: Case, contrast: Contrast, gap: float) -> ComplianceModel | None:
    """An actor that complies as a case says, with a gap in one contrast.

    Returns:
        None where two cells state the same facts and should differ: an actor could not tell them apart.
    """
    cells = plan.read_design().cells
    weights = list(contrast.weights.values())
    rates = rates_for(np.array([case.rates[cell] for cell in contrast.weights]), weights, np.array([gap]))[0]
    if np.isnan(rates).any():
        return None
    by_facts: dict[tuple[tuple[str, str], ...], float] = {}
    for cell, rate in zip(contrast.weights, rates, strict=True):
        if by_facts.setdefault(tuple(cells[cell].items()), float(rate)) != rate:
            return None
    rules = [
        Rule(when={fact: [level] for fact, level in facts}, rate=round(rate, 12)) for facts, rate in by_facts.items()
    ]
    difficulty, shifts = (min(deviation, 5.0) for deviation in case.spread.to_logit())
    return ComplianceModel(
        about="a supposed truth",
        explanations=[],
        rules=[*rules, Rule(rate=round(float(rates[-1]), 12))],
        difficulty=difficulty,
        shifts=shifts,
        malformed=case.missing,
    )


def simulated_power(
    plan: Plan,
    case: Case,
    contrast: Contrast,
    gap: float,
    requests: int,
    *,
    studies: int = STUDIES,
    seed: int = 0,
    above: bool = False,
    tell: Callable[[], None] = lambda: None,
) -> float | None:
    """The share of simulated studies that call a gap yes.

    Args:
        plan: The plan.
        case: What is assumed of the subject.
        contrast: Which contrast has the gap; no other does.
        gap: Its size, a fraction.
        requests: Requests in each cell.
        studies: How many studies.
        seed: Of the simulation.
        above: Whether to count studies in which it is significantly above zero, whatever its size.
        tell: Called after each study.

    Returns:
        None where it cannot be simulated: see `acting`, or a study of more than `LARGEST` replies a cell.
    """
    wordings, samples = int(plan.task["wordings"]), int(plan.task["samples"])
    actor = acting(plan, case, contrast, gap)
    if actor is None or requests * wordings * samples > LARGEST:
        return None
    cells = {cell: plan.read_design().cells[cell] for cell in contrast.weights}
    settings, tests, rng = plan.read_settings(), tests_of(len(plan.contrasts())), np.random.default_rng(seed)
    seen = 0
    for _ in range(studies):
        labels = simulate(
            actor, cells, requests=requests, wordings=wordings, samples=samples, studies=1, rng=rng
        )[0]  # fmt: skip
        seen += called(labels, contrast, settings, tests, above=above)
        tell()
    return seen / studies


def called(labels: Floats, contrast: Contrast, settings: Settings, tests: int, *, above: bool) -> bool:
    """Whether one study calls a contrast yes, by the one decision rule, with Holm's adjustment at its strictest.

    Args:
        labels: Shape (cells, requests, wordings, samples), the cells as the contrast names them.
        contrast: The contrast.
        settings: The numbers that decide.
        tests: Number of tests that share the error rate.
        above: Whether any size will do.
    """
    request = np.repeat(np.arange(labels.shape[1]), labels.shape[2])
    layout = Layout(request, np.arange(len(request)), np.zeros_like(request), 1)
    units = labels.reshape(1, labels.shape[0], len(request), labels.shape[3])
    means = tabulate(units, layout, tuple(contrast.weights))
    found = estimate(differences(means, contrast.weights), settings).one()
    rule = DecisionRule.of(replace(settings, smallest_effect=0.0) if above else settings, tests)
    return rule.decide(found, None if found.p is None else found.p * tests, {}).decision == YES
