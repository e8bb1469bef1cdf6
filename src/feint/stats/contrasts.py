"""Contrasts of one study: their estimates, worst cases, ratios, and the decisions on them."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.stats.cells import by_cluster, compliance_rate
from feint.stats.decide import DecisionRule
from feint.stats.differences import codes_of, differences, estimate
from feint.stats.intervals import holm, tests_of
from feint.stats.layout import CellMeans, over_requests
from feint.stats.table import Replies, pair
from feint.stats.types import Bools, BoundsEntry, Contrast, ContrastEntry, Estimate, Settings
from feint.stats.wordings import wording_share

NEAR_ZERO = 0.01
"""A base whose interval reaches below this rate: a ratio over it could be anything from a few to hundreds."""


def worst_case(means: CellMeans, weights: Mapping[str, float], among: Bools | None = None) -> BoundsEntry:
    """The contrast of rates if every missing reply went against it, and if every one went with it.

    For the low end, missing replies count as 0 in cells of positive weight and as 1 in the others; for the high end
    the other way round. Every planned request and wording counts, of the units in `among` (shape (U,); None for all):
    those that were to be asked in all of these cells. The means are those of a single study.
    """
    layout, columns = means.layout, means.columns(weights)
    keep = np.ones((1, len(layout.request)), dtype=bool) if among is None else among[None]
    if not keep.any():
        return {"low": None, "high": None}
    planned, total = means.planned[..., columns], means.total[..., columns]
    gone, divisor = planned - means.scored[..., columns], np.maximum(planned, 1)
    weight_C = np.array(list(weights.values()))
    low_C = np.where(planned > 0, total / divisor, 0.0)
    high_C = np.where(planned > 0, (total + gone) / divisor, 1.0)
    ends = np.where(weight_C > 0, low_C, high_C) @ weight_C, np.where(weight_C > 0, high_C, low_C) @ weight_C
    low, high = (float(over_requests(*layout.average(end, keep))[0][0]) for end in ends)
    return {"low": low, "high": high}


def adjusted(estimates: Sequence[Estimate], tests: int) -> list[float | None]:
    """P values adjusted by Holm's method; an estimate without p value counts as a test, and stays without.

    >>> adjusted([Estimate(p=0.01), Estimate(), Estimate(p=0.02)], 3)
    [0.03, None, 0.04]
    """
    p = holm(np.array([np.nan if found.p is None else found.p for found in estimates], dtype=float), tests)
    return [None if np.isnan(value) else float(value) for value in p]


def summarise_contrasts(
    replies: Replies,
    contrasts: Sequence[Contrast],
    settings: Settings,
    missing_rates: Mapping[str, float | None],
    strata: Mapping[str, str] | None = None,
    kept: Mapping[str, Bools] | None = None,
) -> dict[str, ContrastEntry]:
    """Findings per contrast, in the order of the design; Holm's adjustment is over all contrasts.

    Twins are left out. The missing rate of a cell without planned replies is None; `strata` are by request, where the
    study fixes them. `kept` masks by contrast the replies that it rests on, shape (N,) each; None for all.
    """
    fixed = None if strata is None else codes_of(strata, replies.requests)
    whole_means = pair(replies)
    lined_up = [whole_means if kept is None else pair(replies.where(kept[contrast.key])) for contrast in contrasts]
    weighed = [differences(means, contrast.weights) for means, contrast in zip(lined_up, contrasts, strict=True)]
    wholes = [estimate(found, settings, fixed).one() for found in weighed]
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    summary: dict[str, ContrastEntry] = {}
    p_adjusted = adjusted(wholes, rule.tests)
    for contrast, means, found, whole, p_holm in zip(contrasts, lined_up, weighed, wholes, p_adjusted, strict=True):
        among, complete, layout = None, found.complete[0], means.layout
        if contrast.among is not None:
            asked = [code for code, name in enumerate(replies.requests) if name in contrast.among]
            among = np.isin(layout.request, asked)
        worst = worst_case(means, contrast.weights, among)
        decided = rule.decide(whole, p_holm, {cell: missing_rates[cell] for cell in contrast.weights}, worst["low"])
        voices = {
            voice: estimate(found.where(layout.voice == code), settings, fixed).one()
            for code, voice in enumerate(replies.voices)
        }
        summary[contrast.key] = {
            "is": contrast.expression,
            "weights": dict(contrast.weights),
            "names": contrast.names,
            "any_of": list(contrast.any_of),
            "requires": dict(contrast.requires),
            "gap": contrast.gap,
            "estimate": whole.estimate,
            "low": whole.low,
            "high": whole.high,
            "n": whole.n,
            "p": whole.p,
            "p_holm": p_holm,
            "decision": decided.decision,
            "reason": decided.reason,
            "worst_case": worst,
            "wording_share": wording_share(found.value[0, complete], layout.wording[complete], layout.voice[complete]),
            "voices": {voice: {**entry.as_dict(), "p": entry.p} for voice, entry in voices.items()},
            "per_request": {replies.requests[r]: float(v) for r, v in zip(*found.per_request(), strict=True)},
        }
    return summary


def ratio_of_sides(replies: Replies, contrast: Contrast, settings: Settings) -> dict[str, object]:
    """The ratio of two rates over the same requests in the same wordings; replies to cells of one side are pooled.

    The interval is made of those of the two rates (MOVER-R: Donner & Zou 2012, Statistical Methods in Medical Research
    21, 347-359; Newcombe 2016, 25, 1774-1795), with the correlation of the two over requests. Where the interval of
    the base reaches below `NEAR_ZERO`, no ratio is stated, and no upper end: what can be said then is "at least".
    The result is the content of `feint.findings.contrasts.RatioFinding`.
    """
    found = differences(pair(replies), contrast.weights)
    layout, complete = found.layout, found.complete[0]
    step = 1 + max(int(part.max(initial=0)) for part in (replies.wording, layout.wording))
    in_all = np.isin(replies.request * step + replies.wording, (layout.request * step + layout.wording)[complete])
    known = replies.where(~np.isnan(replies.value) & in_all)
    sides = [
        known.where(np.isin(known.cell, [replies.cells.index(cell) for cell in cells]))
        for cells in (contrast.positive, contrast.negative)
    ]
    over, under = (compliance_rate(side.value, side.request, settings) for side in sides)
    stated = {"more": over.as_dict(), "base": under.as_dict(), "n": len(np.unique(known.request))}
    if over.estimate is None or under.low is None:
        return {"estimate": None, "low": None, "high": None, "near_zero": False, **stated}
    x, y = (np.divide(*by_cluster(side.value, side.request)) for side in sides)
    told = len(x) > 2 and x.std() and y.std()
    low, high = mover_ratio(over, under, max(0.0, float(np.corrcoef(x, y)[0, 1])) if told else 0.0)
    if under.low < NEAR_ZERO or not under.estimate:
        return {"estimate": None, "low": low, "high": None, "near_zero": True, **stated}
    return {"estimate": over.estimate / under.estimate, "low": low, "high": high, "near_zero": False, **stated}


def mover_ratio(over: Estimate, under: Estimate, correlated: float) -> tuple[float | None, float | None]:
    """Both ends of the interval of a ratio from the intervals of its two parts; see `ratio_of_sides`.

    Where the formula has no answer, the lower end is the ratio of the outer ends, and the upper is None.
    """
    a, low_a, high_a = over.estimate or 0.0, over.low or 0.0, over.high or 0.0
    b, low_b, high_b = under.estimate or 0.0, under.low or 0.0, under.high or 0.0
    low: float | None = low_a / high_b if high_b else None
    high: float | None = None
    scale, inside = high_b * (2 * b - high_b), a * b - correlated * (a - low_a) * (high_b - b)
    root = inside**2 - low_a * (2 * a - low_a) * scale
    if scale > 0 and root >= 0:
        low = max(0.0, (inside - root**0.5) / scale)
    scale, inside = low_b * (2 * b - low_b), a * b - correlated * (high_a - a) * (b - low_b)
    root = inside**2 - high_a * (2 * a - high_a) * scale
    if scale > 0 and root >= 0:
        high = (inside + root**0.5) / scale
    return low, high
