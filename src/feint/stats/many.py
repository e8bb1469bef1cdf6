"""Many studies of one layout, decided at once: the decisions of `conclude`, without its sentences.

Calibration and planning need only estimates and decisions, of thousands of studies that asked the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from feint.stats.cells import rates
from feint.stats.coherence import decide_coherence, share_of_error, signs_differ
from feint.stats.decide import DecisionRule
from feint.stats.differences import Differences, differences, estimate
from feint.stats.intervals import holm, tests_of
from feint.stats.layout import CellMeans, Layout, over_requests, tabulate
from feint.stats.types import (
    LOW_COHERENCE,
    UNDETERMINED,
    Bools,
    Contrast,
    DecisionEntry,
    Estimates,
    Floats,
    Rules,
    Settings,
    Strings,
)
from feint.stats.verdict import explain
from feint.stats.wordings import TINY


@dataclass(frozen=True)
class Batch:
    """The findings of many studies.

    Attributes:
        cells: Rates by cell, shape (S, C).
        contrasts: Estimates by contrast, shape (S, K).
        decisions: Decision by contrast, shape (S, K).
        names: The explanations that the design can name, in the order of `feint.stats.verdict.explain`.
        explanations: Decision by explanation, shape (S, E).
    """

    cells: Estimates
    contrasts: Estimates
    decisions: Strings
    names: tuple[str, ...]
    explanations: Strings


def conclude_many(
    labels: Floats,
    layout: Layout,
    contrasts: Sequence[Contrast],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    rules: Rules | None = None,
) -> Batch:
    """Decide many studies that asked the same requests in the same wordings of the same cells, each as `conclude` does.

    Labels are 1, 0 or NaN where missing, shape (S, C, U, M): study, cell, unit, sample.
    """
    settings, rules = settings or Settings(), rules or {}
    means = tabulate(labels, layout, tuple(cells))
    weighed = [differences(means, contrast.weights) for contrast in contrasts]
    found = Estimates.side_by_side([estimate(one, settings) for one in weighed])
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    gone = means.missing()[0]
    lost = np.stack([gone[:, means.columns(c.weights)].max(axis=1) for c in contrasts], axis=-1)
    decided = rule.decisions(found.estimate, found.low, found.high, holm(found.p, rule.tests))
    decisions = np.where((lost > settings.max_missing) | (found.n < rule.least), UNDETERMINED, decided)
    flips = np.zeros(len(labels), dtype=bool)
    for contrast, one in zip(contrasts, weighed, strict=True):
        flips |= flips_of(means, contrast, one, settings, share_of_error(len(contrasts), settings))
    coherence = decide_coherence(means, found, flips, settings)[0]
    # `explain` is called once for each pattern of decisions that occurs
    patterns, which = np.unique(np.column_stack([decisions, coherence]), axis=0, return_inverse=True)
    names: tuple[str, ...] = (LOW_COHERENCE,)
    told = []
    for pattern in patterns.tolist():
        entries: Mapping[str, DecisionEntry] = {
            contrast.key: {"decision": decision, "reason": ""}
            for contrast, decision in zip(contrasts, pattern[:-1], strict=True)
        }
        explained = explain(contrasts, entries, rules, {"decision": pattern[-1], "sentence": ""})
        names = tuple(explained)
        told.append([one.decision for one in explained.values()])
    explanations = np.array(told)[which.reshape(-1)]
    total, scored = (layout.by_request(np.moveaxis(x, -1, 1)) for x in (means.total, means.scored))
    return Batch(rates(total, scored, settings), found, decisions, names, explanations)


def flips_of(means: CellMeans, contrast: Contrast, found: Differences, settings: Settings, error: float) -> Bools:
    """Find studies where a contrast is clearly positive in one voice and clearly negative in another, shape (S,)."""
    layout = means.layout
    voices = [layout.voice == code for code in range(layout.voices)]
    rough = np.stack([over_requests(*found.where(here).by_request())[0] for here in voices], axis=-1)
    # Intervals are the costly part; only where estimates are far apart can they matter.
    apart: Bools = np.asarray((rough >= settings.smallest_effect - TINY).any(axis=1))
    apart &= (rough <= TINY - settings.smallest_effect).any(axis=1)
    flips = np.zeros(len(rough), dtype=bool)
    if apart.any():
        some = differences(means.studies(apart), contrast.weights)
        by_voice = [estimate(some.where(here), settings) for here in voices]
        flips[apart] = signs_differ(Estimates.side_by_side(by_voice), settings, error)
    return flips
