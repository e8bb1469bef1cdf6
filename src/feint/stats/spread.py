"""How far voices and phrasings move compliance, the facts held equal."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from feint.stats.contrasts import over_requests
from feint.stats.intervals import effective, mean_interval, welch_interval
from feint.stats.table import Units
from feint.stats.types import Estimate, Floats, Settings
from feint.stats.wordings import Variance, between, recurring


@dataclass(frozen=True)
class Spread:
    """The two voices that differ most.

    Attributes:
        most: Voice with most compliance.
        least: Voice with least compliance.
        difference: Between them, with interval and p value that allow for their being picked out of all pairs.
    """

    most: str
    least: str
    difference: Estimate


@dataclass(frozen=True)
class Shifts:
    """Compliance with the cells' means taken out, by request and wording.

    Attributes:
        units: The units.
        value: How far a unit lies above the mean of its cells, shape (U,).
        replies: Scored replies behind it, shape (U,).
    """

    units: Units
    value: Floats
    replies: Floats

    def voice(self, code: int) -> tuple[dict[int, float], float]:
        """Mean per request in one voice, and the number of replies behind all of them."""
        here = (self.units.voice == code) & (self.replies > 0)
        requests, value_R = over_requests(self.value[here], self.units.request[here])
        return dict(zip(requests.tolist(), value_R.tolist(), strict=True)), float(self.replies[here].sum())


def shifts(units: Units) -> Shifts:
    """Take the cells' means out, so that a reply that is missing in one cell does not pass for an effect of wording."""
    scored = units.scored > 0
    count = np.maximum(scored.sum(axis=0), 1)
    level = np.where(scored, units.mean, 0.0).sum(axis=0) / count
    above = np.where(scored, units.mean - level, 0.0).sum(axis=1)
    return Shifts(units, above / np.maximum(scored.sum(axis=1), 1), units.scored.sum(axis=1))


def compare_voices(moved: Shifts, a: int, b: int, settings: Settings) -> Estimate:
    """Difference between two voices: within request if most requests are told in both, else between requests.

    Requests that a comparison between requests finds in both groups are treated as if they were different ones, which
    makes the interval wider than it need be.
    """
    (in_a, replies_a), (in_b, replies_b) = moved.voice(a), moved.voice(b)
    shared = sorted(set(in_a) & set(in_b))
    if len(shared) >= 2 and 2 * len(shared) >= max(len(in_a), len(in_b)):
        value_R = np.array([in_a[request] - in_b[request] for request in shared])
        per_request = min(replies_a / len(in_a), replies_b / len(in_b))
        worth = effective(per_request * len(shared), len(shared), settings.assumed_icc)
        mean, low, high, p = (float(x) for x in mean_interval(value_R, worth, 1.0, settings.level))
        return Estimate(mean, low, high, len(shared), p)
    if min(len(in_a), len(in_b)) < 2:
        return Estimate()
    worth_a, worth_b = (
        float(effective(replies, len(found), settings.assumed_icc))
        for replies, found in ((replies_a, in_a), (replies_b, in_b))
    )
    mean, low, high, p = welch_interval(
        np.array(list(in_a.values())), np.array(list(in_b.values())), worth_a, worth_b, settings.level
    )
    return Estimate(mean, low, high, len(in_a) + len(in_b), p)


def spread_over_voices(moved: Shifts, voices: list[str], settings: Settings) -> Spread | None:
    """Largest difference between two voices; interval and p value by Bonferroni over all pairs (Dunn 1961)."""
    pairs = list(combinations(range(len(voices)), 2))
    if not pairs:
        return None
    strict = replace(settings, level=1 - settings.alpha / len(pairs))
    found = {}
    for a, b in pairs:
        difference = compare_voices(moved, a, b, strict)
        if difference.estimate is not None:
            found[a, b] = difference
    if not found:
        return None
    (a, b), widest = max(found.items(), key=lambda item: abs(item[1].estimate or 0.0))
    assert widest.estimate is not None and widest.low is not None and widest.high is not None
    if widest.estimate < 0:
        a, b = b, a
        widest = replace(widest, estimate=-widest.estimate, low=-widest.high, high=-widest.low)
    p = min(1.0, (widest.p if widest.p is not None else 1.0) * len(pairs))
    size, low = min(abs(widest.estimate or 0.0), 1.0), max(widest.low or 0.0, 0.0)
    return Spread(voices[a], voices[b], replace(widest, estimate=size, low=low, p=p))


def phrasings(moved: Shifts) -> Variance | None:
    """Variance of compliance between the phrasings of one voice; None where no phrasing comes back over requests.

    Requests are blocks where one is put in several wordings; else every unit is another request.
    """
    known = moved.replies > 0
    wording, request = moved.units.wording[known], moved.units.request[known]
    if not recurring(wording):
        return None
    blocks = request if len(np.unique(request)) < len(request) else None
    return between(moved.value[known], wording, moved.units.voice[known], blocks)
