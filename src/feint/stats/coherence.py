"""Low coherence: does wording move the measure more than the facts do?"""

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from feint.base.numbers import listing
from feint.base.words import Words
from feint.stats.intervals import effective, holm, mean_of_moments, tests_of, welch_of_moments
from feint.stats.layout import CellMeans, Layout, over_requests
from feint.stats.table import Replies, pair
from feint.stats.types import (
    NO,
    UNDETERMINED,
    YES,
    Bools,
    ContrastEntry,
    Estimate,
    Estimates,
    Floats,
    Ints,
    Settings,
    Strings,
    TestedEntry,
)
from feint.stats.units import POINTS
from feint.stats.wordings import between, recurring

Told = tuple[Floats, Floats, Floats]
"""One voice: means by request and units behind each, shape (S, R), and replies behind all, shape (S,)."""
Spread = tuple[Ints, Ints, Estimates]
"""The two voices that differ most, shape (S,) each: code of the one with the larger mean (-1 where no two can be
compared), code of the other, and the difference, whose interval and p value allow for the choice among all pairs."""


def share_of_error(contrasts: int, settings: Settings) -> float:
    """The error that low coherence may make: Bonferroni's share of 1 - level, the contrasts being the other tests."""
    return settings.alpha / tests_of(contrasts)


def signs_differ(voices: Estimates, settings: Settings, error: float) -> Bools:
    """Find studies where a contrast is clearly positive in one voice and clearly negative in another, shape (S,).

    Clearly: Holm-adjusted over the voices with a p value below `error`, and at least the smallest effect of interest.
    The estimates are those of the contrast in each voice, shape (S, V).
    """
    p = holm(voices.p, (~np.isnan(voices.p)).sum(axis=-1, keepdims=True))
    clear = (p < error) & (np.abs(voices.estimate) >= settings.smallest_effect)
    up, down = ((clear & (sign * voices.estimate > 0)).any(axis=-1) for sign in (1, -1))
    return np.asarray(up & down)


def shifts(means: CellMeans) -> tuple[Floats, Floats]:
    """Distance of every unit above the mean of its cells, and scored replies behind it; shape (S, U) each.

    The means of the cells are taken out, so that a reply missing in one cell does not pass for an effect of wording.
    """
    scored = means.scored > 0
    count = np.maximum(scored.sum(axis=1), 1)
    level = np.where(scored, means.mean, 0.0).sum(axis=1) / count
    above = np.where(scored, means.mean - level[:, None], 0.0).sum(axis=-1)
    return above / np.maximum(scored.sum(axis=-1), 1), means.scored.sum(axis=-1)


def compare_voices(a: Told, b: Told, icc: float, level: float) -> Estimates:
    """Difference between two voices, shape (S,): within request if most requests are told in both, else between them.

    Requests that a comparison between requests finds in both groups are treated as different ones, which makes the
    interval wider than it need be.
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


def spread_over_voices(layout: Layout, value: Floats, replies: Floats, settings: Settings) -> Spread | None:
    """Largest difference between two voices, with Bonferroni's correction over all pairs (Dunn 1961).

    Takes `shifts`; None with a single voice.
    """
    pairs = list(combinations(range(layout.voices), 2))
    if not pairs:
        return None
    level = 1 - settings.alpha / len(pairs)
    told: list[Told] = []
    for code in range(layout.voices):
        here: Bools = (layout.voice == code) & (replies > 0)
        told.append((*layout.average(value, here), np.where(here, replies, 0.0).sum(axis=-1)))
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
    return most, least, Estimates(size, np.maximum(low, 0.0), high, p, widest.n)


def phrasings(layout: Layout, value: Floats, replies: Floats) -> tuple[Floats, Floats]:
    """Effect of phrasings, twice the standard deviation between those of one voice, and its p value; shape (S,) each.

    This is a phrasing one deviation above the mean against a phrasing one below. Takes `shifts`; NaN where no phrasing
    comes back over requests. Requests are blocks where a request is put in several wordings; else every unit is another
    request. Studies that lost different units are different layouts.
    """
    effect, p = np.full(len(value), np.nan), np.full(len(value), np.nan)
    patterns, which = np.unique(replies > 0, axis=0, return_inverse=True)
    for code, known in enumerate(patterns):
        here, wording, request = which.reshape(-1) == code, layout.wording[known], layout.request[known]
        if recurring(wording):
            blocks = request if len(np.unique(request)) < len(request) else None
            found = between(value[np.ix_(here, known)], wording, layout.voice[known], blocks)
            effect[here], p[here] = 2 * found.deviation, found.p
    return effect, p


def largest_effect(contrasts: Estimates) -> tuple[Floats, Floats]:
    """Largest absolute contrast, NaN without any, and the end of its interval nearer to zero; shape (S,) each.

    The second number is 0 where the interval holds zero.
    """
    size = np.where(np.isnan(contrasts.estimate), -1.0, np.abs(contrasts.estimate))
    if not size.shape[1]:
        return np.full(len(size), np.nan), np.zeros(len(size))
    top = contrasts.at(np.argmax(size, axis=1))
    sure = np.where(np.isnan(top.low), 0.0, np.maximum(np.maximum(top.low, -top.high), 0.0))
    return np.abs(top.estimate), sure


def decide_coherence(
    means: CellMeans, contrasts: Estimates, flips: Bools, settings: Settings
) -> tuple[Strings, Spread | None, Floats, Floats]:
    """Decide `low_coherence` of S studies.

    *Yes* if voices or phrasings move the measure significantly (`share_of_error`, Holm over the two tests), by at least
    the smallest effect of interest and by more than the largest contrast, or if a contrast changes sign from voice to
    voice. *No* if the intervals show that wording moves the measure by less than either. Else *undetermined*, as where
    a cell or a voice misses more than `Settings.max_missing` of its replies.

    Estimates of contrasts have the shape (S, K); `flips`, whether any changes sign from voice to voice, (S,). Gives
    decisions; the spread over voices; effect and p value of phrasings, shape (S,) each.
    """
    value, replies = shifts(means)
    spread = spread_over_voices(means.layout, value, replies, settings)
    effect, p = phrasings(means.layout, value, replies)
    decided = np.full(len(means.total), UNDETERMINED)
    if spread is not None:
        (_, _, voices), (largest, sure) = spread, largest_effect(contrasts)
        error, small = share_of_error(contrasts.estimate.shape[1], settings), settings.smallest_effect
        phrased = ~np.isnan(effect)
        both = holm(np.stack([voices.p, p], axis=-1), 1 + phrased[:, None].astype(int))
        yes = (both[:, 0] < error) & (voices.estimate >= small) & (voices.estimate > largest)
        yes |= (both[:, 1] < error) & (effect >= small) & (effect > largest)
        most = np.maximum(small, sure)
        no = (voices.high < most) & (voices.estimate < most) & (~phrased | (effect < most))
        able = ~np.isnan(voices.estimate) & ~np.isnan(voices.p) & ~np.isnan(largest)
        decided = np.where(able & yes, YES, np.where(able & no, NO, UNDETERMINED))
    decided = np.where(flips, YES, decided)
    lost = np.concatenate(means.missing(), axis=1)
    gone = np.where(np.isnan(lost), 0.0, lost).max(axis=1, initial=0.0) > settings.max_missing
    return np.where(gone, UNDETERMINED, decided), spread, effect, p


def summarise_coherence(
    replies: Replies, contrasts: Mapping[str, ContrastEntry], settings: Settings, speech: Words
) -> dict[str, object]:
    """Decide `low_coherence` of one study, see `decide_coherence`, from its replies (twins left out) and contrasts.

    The result is the content of `feint.findings.findings.CoherenceFinding`.
    """
    error = share_of_error(len(contrasts), settings)
    flips = [
        key
        for key, entry in contrasts.items()
        if entry["voices"] and signs_differ(as_estimates(entry["voices"]), settings, error)[0]
    ]
    found = as_estimates(contrasts)
    decided, spread, effect, p = decide_coherence(pair(replies), found, np.array([bool(flips)]), settings)
    largest, phrased = (None if np.isnan(x) else float(x) for x in (largest_effect(found)[0][0], effect[0]))
    voices, most, least = Estimate(), None, None
    if spread is not None:
        first, second, widest = spread
        voices = widest.one()
        if first[0] >= 0:
            most, least = (replies.voices[int(code[0])] for code in (first, second))
    return {
        "spread": voices.estimate,
        "low": voices.low,
        "high": voices.high,
        "p": voices.p,
        "most": most,
        "least": least,
        "phrasings": None if phrased is None else {"spread": phrased, "p": float(p[0])},
        "largest_fact_effect": largest,
        "sign_flips": flips,
        "decision": str(decided[0]),
        "sentence": coherence_sentence(voices, (most, least), phrased, largest, flips, str(decided[0]), speech),
    }


def as_estimates(entries: Mapping[str, TestedEntry]) -> Estimates:
    """Entries of findings as arrays of one study, shape (1, K)."""
    rows = [[entry[key] for entry in entries.values()] for key in ("estimate", "low", "high", "p", "n")]
    return Estimates(*(np.array([row], dtype=float) for row in rows))


def coherence_sentence(
    voices: Estimate,
    names: tuple[str | None, str | None],
    phrased: float | None,
    largest: float | None,
    flips: list[str],
    decision: str,
    speech: Words,
) -> str:
    """The grounds of the decision, in one sentence."""
    if names[0] is None or voices.estimate is None or largest is None:
        return f"One voice, or too few {speech.replies}: how far wording moves {speech.measure} cannot be told."
    text = (
        f"Voices move {speech.measure} by up to {POINTS.counted(voices.estimate)} "
        f"({POINTS.span(voices.low, voices.high)}; most in {names[0]}, least in {names[1]})"
        + (f", phrasings by {POINTS.number(phrased)}" if phrased is not None else "")
        + f", the facts by up to {POINTS.number(largest)}"
    )
    if flips:
        return f"{text}; {listing(flips)} changes sign from voice to voice, so the {speech.replies} follow the wording."
    follow = {
        YES: f"the {speech.replies} follow the wording",
        NO: "wording moves them little, or less than the facts do",
        UNDETERMINED: "whether wording moves them more is undetermined",
    }
    return f"{text}: {follow[decision]}."
