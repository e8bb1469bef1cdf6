"""Contrasts of one study: their estimates, worst cases, and the decisions on them."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.stats.decide import DecisionRule
from feint.stats.differences import Differences, differences, estimate
from feint.stats.entries import BoundsEntry, ContrastEntry, DetailEntry
from feint.stats.intervals import holm, tests_of
from feint.stats.layout import CellMeans, over_requests
from feint.stats.strata import codes_of
from feint.stats.table import Replies, pair
from feint.stats.types import Bools, Contrast, Estimate, Ints, Settings
from feint.stats.wordings import wording_share


def worst_case(means: CellMeans, weights: Mapping[str, float], among: Bools | None = None) -> BoundsEntry:
    """The contrast of rates if every missing reply went against it, and if every one went with it.

    For the low end, missing replies count as 0 in cells of positive weight and as 1 in the others; for the high end
    the other way round. Every planned request and wording counts.

    Args:
        means: Replies of a single study, averaged over samples.
        weights: Weight by cell.
        among: Units that were to be asked in all of these cells, shape (U,); None for all.
    """
    layout, columns = means.layout, means.columns(list(weights))
    keep = np.ones((1, len(layout.request)), dtype=bool) if among is None else among[None]
    if not keep.any():
        return {"low": None, "high": None}
    weight_C = np.array(list(weights.values()))
    low_C, high_C = means.low[..., columns], means.high[..., columns]
    ends = np.where(weight_C > 0, low_C, high_C) @ weight_C, np.where(weight_C > 0, high_C, low_C) @ weight_C
    found = [float(over_requests(*layout.average(end, keep))[0][0]) for end in ends]
    return {"low": found[0], "high": found[1]}


def asked_of(contrast: Contrast, means: CellMeans, replies: Replies) -> Bools | None:
    """Units of requests that are asked in all cells of a contrast, shape (U,); None where all are."""
    if contrast.among is None:
        return None
    among = [code for code, name in enumerate(replies.requests) if name in contrast.among]
    return np.isin(means.layout.request, among)


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
) -> dict[str, ContrastEntry]:
    """Findings per contrast, in the order of the design.

    Args:
        replies: Replies to the requests, twins left out.
        contrasts: The contrasts of the design; Holm's adjustment is over all of them.
        settings: The numbers that decide.
        missing_rates: Missing rate by cell, None for a cell without planned replies.
        strata: By request, the stratum that the study fixes; None without strata.

    Returns:
        By contrast: the contrast itself, its estimate over requests, p values, decision with reason, worst case,
        wording_share, estimates by voice and differences by request.
    """
    means = pair(replies)
    fixed = None if strata is None else codes_of(strata, replies.requests)
    weighed = [differences(means, contrast.weights) for contrast in contrasts]
    wholes = [estimate(found, settings, fixed).one() for found in weighed]
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    summary: dict[str, ContrastEntry] = {}
    for contrast, found, whole, p_holm in zip(contrasts, weighed, wholes, adjusted(wholes, rule.tests), strict=True):
        worst = worst_case(means, contrast.weights, asked_of(contrast, means, replies))
        decided = rule.decide(whole, p_holm, {cell: missing_rates[cell] for cell in contrast.weights}, worst)
        summary[contrast.key] = {
            "is": contrast.expression,
            "weights": dict(contrast.weights),
            "names": contrast.names,
            "any_of": list(contrast.any_of),
            "requires": dict(contrast.requires),
            "gap": contrast.gap,
            **whole.as_dict(),
            "p": whole.p,
            "p_holm": p_holm,
            "decision": decided.decision,
            "reason": decided.reason,
            "worst_case": worst,
            **by_wording(found, replies, settings, fixed),
        }
    return summary


def by_wording(found: Differences, replies: Replies, settings: Settings, strata: Ints | None) -> DetailEntry:
    """The share of wording in the variance of a contrast, its estimates by voice, and its differences by request."""
    layout, complete = found.layout, found.complete[0]
    share = wording_share(found.value[0, complete], layout.wording[complete], layout.voice[complete])
    voices = {
        voice: estimate(found.where(layout.voice == code), settings, strata).one()
        for code, voice in enumerate(replies.voices)
    }
    return {
        "wording_share": share,
        "voices": {voice: {**entry.as_dict(), "p": entry.p} for voice, entry in voices.items()},
        "per_request": {replies.requests[r]: float(v) for r, v in zip(*found.per_request(), strict=True)},
    }
