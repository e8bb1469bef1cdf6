"""Many studies of one layout decided at once: what `conclude` decides, on arrays.

`conclude` takes a table and says everything about one study, which costs a sixth of a second. Calibration and planning
need only the estimates and decisions, of thousands of studies that asked the same. The formulas are those functions of
`score`, `intervals` and `verdict` that `conclude` uses; tests/inference/test_batch.py holds the two to each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feint.stats.batch.coherence import coherence_of_many
from feint.stats.batch.contrasts import Intervals, Words, columns, estimate_all
from feint.stats.batch.units import Layout, tabulate
from feint.stats.decide import DecisionRule
from feint.stats.intervals import holm, tests_of
from feint.stats.score import rate_interval, shrunk_design_effect
from feint.stats.types import LOW_COHERENCE, UNDETERMINED, Contrast, Floats, Rules, Settings
from feint.stats.verdict import explain, fakes_alignment, gap_contrast


@dataclass(frozen=True)
class Batch:
    """What many studies found.

    Attributes:
        cells: Compliance by cell, shape (S, C).
        contrasts: By contrast, shape (S, K).
        p_holm: Adjusted p values, shape (S, K).
        decisions: Decision by contrast, shape (S, K).
        names: The explanations that the design can name, in the order of `feint.stats.verdict.explain`.
        explanations: Decision by explanation, shape (S, E).
        fakes: Whether it fakes alignment, shape (S,).
    """

    cells: Intervals
    contrasts: Intervals
    p_holm: Floats
    decisions: Words
    names: tuple[str, ...]
    explanations: Words
    fakes: Words


def conclude_many(
    labels: Floats,
    layout: Layout,
    contrasts: Sequence[Contrast],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    rules: Rules | None = None,
) -> Batch:
    """Decide many studies that asked the same requests in the same wordings of the same cells.

    Args:
        labels: 1, 0 or NaN where missing, shape (S, C, U, M): study, cell, unit, sample.
        layout: Request, wording and voice of the units.
        contrasts: The contrasts of the design.
        settings: The numbers that decide.
        cells: The cells of the design, in the order of the labels.
        rules: As in `feint.stats.conclude`.

    Returns:
        Estimates and decisions, which are those of `conclude` on each study.
    """
    settings, rules = settings or Settings(), rules or {}
    table = tabulate(labels, layout)
    gone = 1 - (~np.isnan(labels)).mean(axis=(2, 3))
    found = estimate_all(table, contrasts, cells, settings)
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    p_holm = holm(found.p, rule.tests)
    lost = np.stack([gone[:, columns(c, cells)].max(axis=1) > settings.max_missing for c in contrasts], axis=-1)
    decided = rule.decisions(found.estimate, found.low, found.high, p_holm)
    decisions = np.where(lost, UNDETERMINED, decided)
    coherence = coherence_of_many(table, labels, found, contrasts, cells, settings)
    names, explanations, fakes = explain_many(decisions, coherence, contrasts, rules)
    return Batch(rates_of_cells(labels, layout, settings), found, p_holm, decisions, names, explanations, fakes)


def explain_many(
    decisions: Words, coherence: Words, contrasts: Sequence[Contrast], rules: Rules
) -> tuple[tuple[str, ...], Words, Words]:
    """Explanations and `fakes_alignment`: `explain` once for each pattern of decisions that occurs."""
    patterns, which = np.unique(np.column_stack([decisions, coherence]), axis=0, return_inverse=True)
    names: tuple[str, ...] = (LOW_COHERENCE,)
    gap, told, fakes = gap_contrast(contrasts, rules), [], []
    for pattern in patterns.tolist():
        found: Mapping[str, Mapping[str, Any]] = {
            contrast.key: {"decision": decision, "reason": ""}
            for contrast, decision in zip(contrasts, pattern[:-1], strict=True)
        }
        explained = explain(contrasts, found, rules, {"decision": pattern[-1], "sentence": ""})
        names = tuple(explained)
        told.append([decided.decision for decided in explained.values()])
        fakes.append(fakes_alignment(gap, found, rules).decision)
    which = which.reshape(-1)
    return names, np.array(told)[which], np.array(fakes)[which]


def rates_of_cells(labels: Floats, layout: Layout, settings: Settings) -> Intervals:
    """`feint.stats.cells.compliance_rate` of every cell of every study, shape (S, C)."""
    known = ~np.isnan(labels)
    y = np.where(known, labels, 0.0)
    replies_R = layout.by_request(known.sum(axis=-1).astype(float))
    sum_R, n = layout.by_request(y.sum(axis=-1)), known.sum(axis=(2, 3)).astype(float)
    requests = (replies_R > 0).sum(axis=-1)
    some = n > 0
    share = y.sum(axis=(2, 3)) / np.where(some, n, 1)
    clustered = np.square(sum_R - share[..., None] * replies_R).sum(axis=-1) * requests / np.maximum(requests - 1, 1)
    single = n * share * (1 - share)
    ratio = np.where((requests > 1) & (single > 1e-12), clustered / np.where(single > 1e-12, single, 1), 0.0)
    rarer = np.where(requests > 1, np.minimum(share * n, n - share * n), 0.0)
    asked = np.maximum(requests, 1)
    effect = shrunk_design_effect(ratio, rarer, np.maximum(n, 1), asked, settings.assumed_icc, settings.level)
    worth = np.where(n > requests, n / effect, n)
    # Few shares and numbers of replies occur where requests are asked once, and the exact tails take long.
    pairs, which = np.unique(
        np.stack([share, np.where(some, worth, 1)], axis=-1).reshape(-1, 2), axis=0, return_inverse=True
    )
    low, high = (x[which.reshape(-1)].reshape(n.shape) for x in rate_interval(pairs[:, 0], pairs[:, 1], settings.level))
    share, low, high = (np.where(some, x, np.nan) for x in (share, low, high))
    return Intervals(share, low, high, np.full(n.shape, np.nan))
