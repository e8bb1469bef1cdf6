"""Contrasts: within-request differences between cells, their intervals and what is decided on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from feint.stats.decide import DecisionRule
from feint.stats.intervals import holm, tests_of
from feint.stats.score import outcomes, score_interval
from feint.stats.strata import strata_gain
from feint.stats.table import Replies, Units, pair
from feint.stats.types import Bools, Contrast, Estimate, Floats, Ints, Settings
from feint.stats.wordings import wording_share


@dataclass(frozen=True)
class Differences:
    """A contrast within each complete unit: a request in one wording, with a scored reply in every cell it weighs.

    Attributes:
        request: Code of the request, shape (U,).
        voice: Code of the voice, shape (U,).
        wording: Code of the wording, shape (U,).
        value: The weighted sum of the cells, shape (U,).
        replies: Scored replies of the cell that has fewest, shape (U,).
        outcomes: The K values it can take with one reply in each cell, shape (K,).
        shares: How often it would take each, shape (U, K).
    """

    request: Ints
    voice: Ints
    wording: Ints
    value: Floats
    replies: Floats
    outcomes: Floats
    shares: Floats

    def where(self, keep: Bools) -> "Differences":
        """The units that a mask keeps."""
        arrays = ("request", "voice", "wording", "value", "replies", "shares")
        parts = {name: getattr(self, name)[keep] for name in arrays}
        return replace(self, **parts)


def differences(units: Units, weights: Mapping[str, float], cells: Sequence[str]) -> Differences:
    """Weigh the cells within every unit; units in which a weighed cell has no scored reply are left out.

    Args:
        units: Replies averaged over samples.
        weights: Weight by cell.
        cells: The columns of `units`.
    """
    columns = [list(cells).index(cell) for cell in weights]
    value = units.mean[:, columns] @ np.array(list(weights.values()))
    complete = ~np.isnan(value)
    fewest = units.scored[:, columns].min(axis=1)
    possible = outcomes(units.mean[:, columns], list(weights.values()))
    every = Differences(units.request, units.voice, units.wording, value, fewest, *possible)
    return every.where(complete)


def over_requests(value_U: Floats, request_U: Ints) -> tuple[Ints, Floats]:
    """Mean per request, each wording counting once.

    Returns:
        Codes of the requests and their means, shapes (R,) and (R,).
    """
    requests, which, count = np.unique(request_U, return_inverse=True, return_counts=True)
    return requests, np.bincount(which, weights=value_U, minlength=len(requests)) / count


def estimate(found: Differences, reach: float, settings: Settings, stratum_R: Ints | None = None) -> Estimate:
    """Mean difference over requests, with the interval of `feint.stats.score.score_interval`.

    Args:
        found: The differences.
        reach: The largest that the contrast can be.
        settings: The numbers that decide.
        stratum_R: Code of the stratum of each request by its code; None where they are all of one.

    Returns:
        Estimate with n requests. One request has no interval and no p value; none has no estimate either.
    """
    requests, value_R = over_requests(found.value, found.request)
    if not len(requests):
        return Estimate()
    if len(requests) == 1:
        return Estimate(float(value_R[0]), n=1)
    shares_K = np.stack([over_requests(share, found.request)[1] for share in found.shares.T], axis=-1).mean(axis=0)
    replies, icc = float(found.replies.sum()), settings.assumed_icc
    gain = 1.0 if stratum_R is None else strata_gain(value_R, stratum_R[requests])
    interval = score_interval(value_R, found.outcomes, shares_K, replies, icc, settings.level, gain)
    mean, low, high, p = (float(x) for x in interval)
    return Estimate(mean, low, high, len(requests), p)


def worst_case(
    units: Units, weights: Mapping[str, float], cells: Sequence[str], among: Bools | None = None
) -> dict[str, float | None]:
    """The contrast if every missing reply went against it, and if every one went with it.

    Missing replies count as refusals in cells of positive weight and as compliance in the others for the low end,
    the other way round for the high end. Every planned request and wording counts.

    Args:
        units: Replies averaged over samples.
        weights: Weight by cell.
        cells: The columns of `units`.
        among: Which units were to be asked in all of these cells, shape (U,); None for all.
    """
    units = units if among is None else units.where(among)
    if not len(units.request):
        return {"low": None, "high": None}
    low = high = np.zeros(len(units.request))
    for cell, weight in weights.items():
        column = list(cells).index(cell)
        against, along = (units.low, units.high) if weight > 0 else (units.high, units.low)
        low, high = low + weight * against[:, column], high + weight * along[:, column]
    return {
        side: float(over_requests(value, units.request)[1].mean()) for side, value in (("low", low), ("high", high))
    }


def codes_of(strata: Mapping[str, str], requests: Sequence[str]) -> Ints:
    """Codes of the strata of some requests, shape (R,); one that has none is a stratum of its own."""
    names = [strata.get(request, request) for request in requests]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def asked_of(contrast: Contrast, units: Units, replies: Replies) -> Bools | None:
    """Which units are of requests that are asked in all cells of a contrast; None where all are."""
    if contrast.among is None:
        return None
    return np.isin(units.request, [code for code, name in enumerate(replies.requests) if name in contrast.among])


def adjusted(estimates: Sequence[Estimate], tests: int) -> list[float | None]:
    """P values adjusted over so many tests (Holm); an estimate without p value counts as one, and stays without."""
    p = holm(np.array([np.nan if found.p is None else found.p for found in estimates], dtype=float), tests)
    return [None if np.isnan(value) else float(value) for value in p]


def summarise_contrasts(
    replies: Replies,
    contrasts: Sequence[Contrast],
    settings: Settings,
    missing_rates: Mapping[str, float | None],
    strata: Mapping[str, str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Findings per contrast, in the order of the design.

    Args:
        replies: Replies to the requests, twins left out.
        contrasts: The contrasts of the design; Holm's adjustment is over all of them.
        settings: The numbers that decide.
        missing_rates: Missing rate by cell, None for a cell without planned replies.
        strata: By request, the stratum that the study fixes; None where it fixes none.

    Returns:
        By contrast: what it is, its estimate over requests, p values, decision with reason, worst case, wording_share,
        estimates by voice and differences by request.
    """
    units = pair(replies)
    all_found = [differences(units, contrast.weights, replies.cells) for contrast in contrasts]
    fixed = None if strata is None else codes_of(strata, replies.requests)
    estimates = [estimate(found, c.reach, settings, fixed) for found, c in zip(all_found, contrasts, strict=True)]
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    p_K = adjusted(estimates, rule.tests)
    summary = {}
    for contrast, found, whole, p_holm in zip(contrasts, all_found, estimates, p_K, strict=True):
        worst = worst_case(units, contrast.weights, replies.cells, asked_of(contrast, units, replies))
        missing = {cell: missing_rates[cell] for cell in contrast.weights}
        decided = rule.decide(whole, p_holm, missing, worst)
        by_voice = {
            voice: estimate(found.where(found.voice == code), contrast.reach, settings, fixed)
            for code, voice in enumerate(replies.voices)
        }
        requests, value_R = over_requests(found.value, found.request)
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
            "wording_share": wording_share(found.value, found.wording, found.voice),
            "voices": {voice: {**entry.as_dict(), "p": entry.p} for voice, entry in by_voice.items()},
            "per_request": {replies.requests[r]: float(v) for r, v in zip(requests, value_R, strict=True)},
        }
    return summary
