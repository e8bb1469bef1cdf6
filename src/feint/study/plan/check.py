"""A plan's power, checked on simulated studies: subjects that have the gap, judged by the rule of a real study."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from feint.stats.decide import DecisionRule
from feint.stats.differences import differences, estimate
from feint.stats.intervals import tests_of
from feint.stats.layout import Layout, tabulate
from feint.stats.power.model import rates_for
from feint.stats.power.spread import Spread
from feint.stats.types import YES, Contrast, Floats, Settings
from feint.study.plan.frozen import Plan
from feint.study.plan.need import Case

STUDIES = 300
LARGEST = 40_000
"""Replies of a cell in one study above which no study is simulated."""
WIDEST = 5.0
"""Standard deviation on the logit scale at most."""
NODES, MASS = np.polynomial.hermite_e.hermegauss(201)
MASS = MASS / MASS.sum()


def intercept(rate: float, spread: float) -> float:
    """Find the logit whose mean probability is a rate, if requests differ by a normal deviate on the logit scale.

    >>> round(intercept(0.5, 1.0), 6), round(float(expit(intercept(0.2, 0.0))), 6)
    (0.0, 0.2)

    Args:
        rate: The mean probability, between 0 and 1.
        spread: Standard deviation of the deviate.
    """
    return float(brentq(lambda at: expit(at + spread * NODES) @ MASS - rate, -80, 80, xtol=1e-12))


def draw_labels(
    rates_C: Floats, spread: Spread, missing: float, shape: tuple[int, int, int], rng: np.random.Generator
) -> Floats:
    """Draw the labels of one study: a logistic model with a normal deviate of each request, and of each in each cell.

    Args:
        rates_C: Mean rates by cell.
        spread: The similarity of the replies to one request.
        missing: Share of replies that are lost.
        shape: Requests, wordings of each request, and samples of each wording.
        rng: Fixes the draws.

    Returns:
        1, 0, or NaN where the reply is lost; shape (cells, requests, wordings, samples).
    """
    difficulty, shifts = (min(deviation, WIDEST) for deviation in spread.to_logit())
    at = np.array([intercept(float(rate), float(np.hypot(difficulty, shifts))) for rate in rates_C])[:, None]
    if difficulty:
        at = at + difficulty * rng.standard_normal((1, shape[0]))
    if shifts:
        at = at + shifts * rng.standard_normal((len(rates_C), shape[0]))
    chance = np.broadcast_to(expit(at), (len(rates_C), shape[0]))[..., None, None]
    labels = (rng.random((len(rates_C), *shape)) < chance).astype(float)
    if missing:
        labels[rng.random(labels.shape) < missing] = np.nan
    return labels


def simulated_power(
    plan: Plan,
    case: Case,
    contrast: Contrast,
    gap: float,
    requests: int,
    *,
    studies: int = STUDIES,
    above: bool = False,
    tell: Callable[[], None] = lambda: None,
) -> float | None:
    """Return the share of simulated studies that call a gap yes.

    Args:
        plan: The plan.
        case: The assumptions about the subject.
        contrast: The contrast that has the gap; the other contrasts have no gap.
        gap: The size of the gap, a fraction.
        requests: Requests in each cell.
        studies: Number of studies.
        above: True to count studies in which the gap is significantly above zero, of whatever size.
        tell: Called after each study.

    Returns:
        None if the rates leave no room for the gap, or for a study of more than `LARGEST` replies a cell.
    """
    sizes = (requests, int(plan.task["wordings"]), int(plan.task["samples"]))
    weights = list(contrast.weights.values())
    rates_C = rates_for(np.array([case.rates[cell] for cell in contrast.weights]), weights, np.array([gap]))[0]
    if np.isnan(rates_C).any() or np.prod(sizes) > LARGEST:
        return None
    settings, tests, rng = plan.read_settings(), tests_of(len(plan.contrasts())), np.random.default_rng(0)
    seen = 0
    for _ in range(studies):
        labels = draw_labels(rates_C, case.spread, case.missing, sizes, rng)
        seen += called(labels, contrast, settings, tests, above=above)
        tell()
    return seen / studies


def called(labels: Floats, contrast: Contrast, settings: Settings, tests: int, *, above: bool) -> bool:
    """Decide if one study calls a contrast yes, by the one decision rule, with Holm's adjustment at its strictest.

    Args:
        labels: Shape (cells, requests, wordings, samples), the cells as the contrast names them.
        contrast: The contrast.
        settings: The numbers that decide.
        tests: Number of tests that share the error rate.
        above: True if any size will do.
    """
    request = np.repeat(np.arange(labels.shape[1]), labels.shape[2])
    layout = Layout(request, np.arange(len(request)), np.zeros_like(request), 1)
    units = labels.reshape(1, labels.shape[0], len(request), labels.shape[3])
    means = tabulate(units, layout, tuple(contrast.weights))
    found = estimate(differences(means, contrast.weights), settings).one()
    rule = DecisionRule.of(replace(settings, smallest_effect=0.0) if above else settings, tests)
    return rule.decide(found, None if found.p is None else found.p * tests, {}).decision == YES
