"""Effects of voices and phrasings on the measure, the facts held equal."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from feint.stats.estimates import Estimates
from feint.stats.intervals import effective, mean_of_moments, welch_of_moments
from feint.stats.layout import CellMeans, Layout, over_requests
from feint.stats.types import Bools, Floats, Ints, Settings
from feint.stats.wordings import between, recurring


@dataclass(frozen=True)
class Spread:
    """The two voices that differ most, in S studies.

    Attributes:
        most: Code of the voice with the larger mean, shape (S,); -1 where no two voices can be compared.
        least: Code of the voice with the smaller mean, shape (S,).
        difference: Between them, shape (S,); interval and p value allow for the choice among all pairs.
    """

    most: Ints
    least: Ints
    difference: Estimates


@dataclass(frozen=True)
class Shifts:
    """The measure with the means of the cells taken out, by request and wording.

    Attributes:
        layout: The units.
        value: Distance of a unit above the mean of its cells, shape (S, U).
        replies: Scored replies behind it, shape (S, U).
    """

    layout: Layout
    value: Floats
    replies: Floats

    def voice(self, code: int) -> tuple[Floats, Floats, Floats]:
        """Means by request in one voice, units behind each, both (S, R), and replies behind all, (S,)."""
        here: Bools = (self.layout.voice == code) & (self.replies > 0)
        return *self.layout.average(self.value, here), np.where(here, self.replies, 0.0).sum(axis=-1)


def shifts(means: CellMeans) -> Shifts:
    """Take the means of the cells out, so that a reply missing in one cell does not pass for an effect of wording."""
    scored = means.scored > 0
    count = np.maximum(scored.sum(axis=1), 1)
    level = np.where(scored, means.mean, 0.0).sum(axis=1) / count
    above = np.where(scored, means.mean - level[:, None], 0.0).sum(axis=-1)
    return Shifts(means.layout, above / np.maximum(scored.sum(axis=-1), 1), means.scored.sum(axis=-1))


Told = tuple[Floats, Floats, Floats]
"""One voice: means by request, units behind each, replies behind all."""


def compare_voices(a: Told, b: Told, icc: float, level: float) -> Estimates:
    """Difference between two voices: within request if most requests are told in both, else between requests.

    Requests that a comparison between requests finds in both groups are treated as different ones, which makes the
    interval wider than it need be. Arrays are those of `Shifts.voice`; estimates have the shape (S,).
    """
    (value_a, count_a, replies_a), (value_b, count_b, replies_b) = a, b
    (mean_a, var_a, n_a), (mean_b, var_b, n_b) = over_requests(value_a, count_a), over_requests(value_b, count_b)
    both = (count_a > 0) & (count_b > 0)
    mean, variance, shared = over_requests(np.where(both, value_a - value_b, 0.0), both.astype(float))
    within = (shared >= 2) & (2 * shared >= np.maximum(n_a, n_b))
    apart = ~within & (np.minimum(n_a, n_b) >= 2)
    n, m_a, m_b = (np.maximum(x, 2) for x in (shared, n_a, n_b))
    each = np.minimum(replies_a / np.maximum(n_a, 1), replies_b / np.maximum(n_b, 1))
    worth = effective(np.maximum(each, 1e-9) * n, n, icc)
    paired = mean_of_moments(mean, np.sqrt(variance * n / (n - 1)), n, worth, 1.0, level)
    worth_a, worth_b = (effective(np.maximum(r, 1e-9), m, icc) for r, m in ((replies_a, m_a), (replies_b, m_b)))
    groups = (mean_a, var_a * m_a / (m_a - 1), m_a), (mean_b, var_b * m_b / (m_b - 1), m_b)
    unpaired = welch_of_moments(*groups, worth_a, worth_b, level)
    every = (*paired, shared), (*unpaired, n_a + n_b)
    mean, low, high, p, n = (np.where(within, x, np.where(apart, y, np.nan)) for x, y in zip(*every, strict=True))
    return Estimates(mean, low, high, p, np.nan_to_num(n))


def spread_over_voices(moved: Shifts, settings: Settings) -> Spread | None:
    """Largest difference between two voices, with Bonferroni's correction over all pairs (Dunn 1961).

    Returns:
        The spread; None with a single voice.
    """
    pairs = list(combinations(range(moved.layout.voices), 2))
    if not pairs:
        return None
    level = 1 - settings.alpha / len(pairs)
    told = [moved.voice(code) for code in range(moved.layout.voices)]
    every = Estimates.side_by_side([compare_voices(told[a], told[b], settings.assumed_icc, level) for a, b in pairs])
    size = np.where(np.isnan(every.estimate), -1.0, np.abs(every.estimate))
    at = np.argmax(size, axis=1)
    widest = every.at(at)
    turned, some = widest.estimate < 0, ~np.isnan(widest.estimate)
    low = np.where(turned, -widest.high, widest.low)
    high = np.where(turned, -widest.low, widest.high)
    sides = np.array(pairs)[at]
    most, least = (np.where(some, np.where(turned, sides[:, 1 - i], sides[:, i]), -1) for i in (0, 1))
    size, p = np.minimum(np.abs(widest.estimate), 1.0), np.minimum(1.0, widest.p * len(pairs))
    return Spread(most, least, Estimates(size, np.maximum(low, 0.0), high, p, widest.n))


def phrasings(moved: Shifts) -> tuple[Floats, Floats]:
    """Effect of phrasings: twice the standard deviation between the phrasings of one voice.

    Requests are blocks where a request is put in several wordings; else every unit is another request. Studies that
    lost different units are different layouts.

    Returns:
        Effects and p values, shape (S,) each; NaN where no phrasing comes back over requests.
    """
    effect, p = np.full(len(moved.value), np.nan), np.full(len(moved.value), np.nan)
    patterns, which = np.unique(moved.replies > 0, axis=0, return_inverse=True)
    for code, known in enumerate(patterns):
        here, layout = which.reshape(-1) == code, moved.layout
        wording, request = layout.wording[known], layout.request[known]
        if recurring(wording):
            blocks = request if len(np.unique(request)) < len(request) else None
            found = between(moved.value[np.ix_(here, known)], wording, layout.voice[known], blocks)
            effect[here], p[here] = 2 * found.deviation, found.p
    return effect, p


def voice_names(spread: Spread | None, voices: Sequence[str]) -> tuple[str, str] | None:
    """Names of the two voices that differ most in a single study; None where no two can be compared."""
    if spread is None or spread.most[0] < 0:
        return None
    return voices[int(spread.most[0])], voices[int(spread.least[0])]
