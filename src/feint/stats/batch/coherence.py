"""Low coherence of many studies at once, by the rule of `feint.stats.coherence`."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy import special

from feint.stats.batch.contrasts import Intervals, Words, columns, estimate_many, joined
from feint.stats.batch.units import Layout, Table, average, over_requests
from feint.stats.blocks import TINY, Blocked, codes, parts
from feint.stats.coherence import share_of_error
from feint.stats.intervals import effective, holm, mean_of_moments, welch_of_moments
from feint.stats.spread import Shifts, phrasings
from feint.stats.table import Units
from feint.stats.types import NO, UNDETERMINED, YES, Bools, Contrast, Floats, Settings
from feint.stats.wordings import recurring


def coherence_of_many(
    table: Table,
    labels: Floats,
    found: Intervals,
    contrasts: Sequence[Contrast],
    cells: Sequence[str],
    settings: Settings,
) -> Words:
    """Decide `low_coherence` as `feint.stats.coherence.summarise_coherence` does.

    Args:
        table: Replies averaged over samples.
        labels: The replies, shape (S, C, U, M).
        found: Estimates of the contrasts, shape (S, K).
        contrasts: The contrasts of the design.
        cells: The cells, in the order of the labels.
        settings: The numbers that decide.

    Returns:
        Decisions, shape (S,).
    """
    error = share_of_error(len(contrasts), settings)
    value, replies = shifts_of(table)
    voices = spread_of(value, replies, table.layout, settings)
    effect, p = phrasings_of(value, replies, table.layout)
    largest, sure = largest_effects(found)
    decided = decide_spreads(voices, effect, p, largest, sure, settings, error)
    decided = np.where(flips_of(table, contrasts, cells, settings, error), YES, decided)
    return np.where(missing_anywhere(labels, table.layout) > settings.max_missing, UNDETERMINED, decided)


def missing_anywhere(labels: Floats, layout: Layout) -> Floats:
    """Largest missing rate of a cell or a voice, shape (S,)."""
    gone = np.isnan(labels)
    by_voice = [gone[:, :, layout.voice == code].mean(axis=(1, 2, 3)) for code in range(layout.voices)]
    most: Floats = np.max([gone.mean(axis=(2, 3)).max(axis=1), *by_voice], axis=0)
    return most


def shifts_of(table: Table) -> tuple[Floats, Floats]:
    """`feint.stats.spread.shifts`: how far units lie above the means of their cells, and replies behind that."""
    scored = table.scored > 0
    level = table.mean.sum(axis=1) / np.maximum(scored.sum(axis=1), 1)
    above = np.where(scored, table.mean - level[:, None], 0.0).sum(axis=-1)
    return above / np.maximum(scored.sum(axis=-1), 1), table.scored.sum(axis=-1)


def spread_of(value: Floats, replies: Floats, layout: Layout, settings: Settings) -> Intervals:
    """`feint.stats.spread.spread_over_voices` without the names of the voices; entries of shape (S,)."""
    pairs = list(combinations(range(layout.voices), 2))
    nothing = np.full(len(value), np.nan)
    if not pairs:
        return Intervals(nothing, nothing, nothing, nothing)
    level = 1 - settings.alpha / len(pairs)
    told = [voice_means(value, replies, layout, code) for code in range(layout.voices)]
    found = joined([compare_many(told[a], told[b], settings.assumed_icc, level) for a, b in pairs])
    at = np.argmax(np.where(np.isnan(found.estimate), -1.0, np.abs(found.estimate)), axis=1)[:, None]
    estimate, low, high, p = (
        np.take_along_axis(x, at, axis=1)[:, 0] for x in (found.estimate, found.low, found.high, found.p)
    )
    low, high = np.where(estimate < 0, -high, low), np.where(estimate < 0, -low, high)
    return Intervals(np.minimum(np.abs(estimate), 1.0), np.maximum(low, 0.0), high, np.minimum(1.0, p * len(pairs)))


def voice_means(value: Floats, replies: Floats, layout: Layout, code: int) -> tuple[Floats, Floats, Floats]:
    """Means by request in one voice, how many units stand behind them (both (S, R)), and replies behind all, (S,)."""
    here = (layout.voice == code) & (replies > 0)
    return *average(value, here, layout), np.where(here, replies, 0.0).sum(axis=-1)


def compare_many(
    a: tuple[Floats, Floats, Floats], b: tuple[Floats, Floats, Floats], icc: float, level: float
) -> Intervals:
    """`feint.stats.spread.compare_voices`, entries of shape (S,)."""
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
    return Intervals(*(np.where(within, x, np.where(apart, y, np.nan)) for x, y in zip(paired, unpaired, strict=True)))


def phrasings_of(value: Floats, replies: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Effect and p value of phrasings as in `feint.stats.spread.phrasings`, NaN where undefined; shape (S,)."""
    effect, p = np.full(len(value), np.nan), np.full(len(value), np.nan)
    whole = (replies > 0).all(axis=1)
    if recurring(layout.wording):
        effect[whole], p[whole] = variance_between(value[whole], layout)
    for study in np.flatnonzero(~whole):  # a unit without any reply changes the layout of that study
        none = np.empty((len(layout.request), 0))
        units = Units(layout.request, layout.wording, layout.voice, none, none, none, none)
        found = phrasings(Shifts(units, value[study], replies[study]))
        if found is not None:
            effect[study], p[study] = 2 * found.deviation, found.p
    return effect, p


def variance_between(value: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Twice the deviation between wordings of a voice, and its p value: `feint.stats.wordings.between`.

    The design of the analysis is the same in all studies, so that its matrices are made once.
    """
    once = len(layout.starts) == len(layout.request)
    g, larger, r = (
        codes(layout.wording),
        codes(layout.voice),
        codes(np.zeros(len(layout.request)) if once else layout.request),
    )
    blocked, nothing = Blocked(g, r), np.full(len(value), np.nan)
    groups, voices = len(blocked.size), int(larger.max()) + 1
    rank = groups - parts(r, g)
    free, free_rest = rank - (voices - parts(r, larger)), len(g) - len(blocked.asked) - rank
    if free < 1 or free_rest < 1:
        return nothing, nothing
    in_group, in_voice, asked = (
        np.eye(n)[code] for n, code in ((groups, g), (voices, larger), (len(blocked.asked), r))
    )
    swept = value - (value @ asked / blocked.asked)[:, r]
    member = np.zeros((groups, voices))
    member[g, larger] = 1.0
    information = np.stack([blocked.information(column) for column in np.eye(groups)])
    shared = member.T @ information
    inverse = np.linalg.pinv(shared @ member, hermitian=True)
    totals, larger_totals, total = swept @ in_group, swept @ in_voice, np.square(swept).sum(axis=1)
    solved = np.linalg.pinv(information, hermitian=True)
    explained = np.einsum("sg,gh,sh->s", totals, solved, totals)
    ssb = np.maximum(explained - np.einsum("sg,gh,sh->s", larger_totals, inverse, larger_totals), 0.0)
    mse = np.maximum(total - explained, 0.0) / free_rest
    k = blocked.trace() - float(np.sum(inverse * (shared @ shared.T)))
    variance = np.maximum((ssb - free * mse) / k, 0.0)
    p = np.where(mse > TINY, special.fdtrc(free, free_rest, ssb / free / np.where(mse > TINY, mse, 1)), ssb < TINY)
    defined = total >= TINY
    return np.where(defined, 2 * np.sqrt(variance), np.nan), np.where(defined, p, np.nan)


def largest_effects(found: Intervals) -> tuple[Floats, Floats]:
    """`feint.stats.coherence.largest_effect`: largest absolute contrast, and what it is at least; shape (S,)."""
    size = np.where(np.isnan(found.estimate), -1.0, np.abs(found.estimate))
    at = np.argmax(size, axis=1)[:, None]
    low, high = (np.take_along_axis(x, at, axis=1)[:, 0] for x in (found.low, found.high))
    largest = np.take_along_axis(size, at, axis=1)[:, 0]
    return np.where(largest < 0, np.nan, largest), np.where(np.isnan(low), 0.0, np.maximum(np.maximum(low, -high), 0.0))


def decide_spreads(
    voices: Intervals, effect: Floats, p: Floats, largest: Floats, sure: Floats, settings: Settings, error: float
) -> Words:
    """`feint.stats.coherence.decide_spread`, shape (S,)."""
    small, phrased = settings.smallest_effect, ~np.isnan(effect)
    both, alone = holm(np.stack([voices.p, p], axis=-1)), voices.p
    p_voices, p_phrasings = np.where(phrased, both[:, 0], alone), both[:, 1]
    with np.errstate(invalid="ignore"):
        yes = (p_voices < error) & (voices.estimate >= small) & (voices.estimate > largest)
        yes |= phrased & (p_phrasings < error) & (effect >= small) & (effect > largest)
        most = np.maximum(small, sure)
        no = (voices.high < most) & (voices.estimate < most) & (~phrased | (effect < most))
    able = ~np.isnan(voices.estimate) & ~np.isnan(voices.p) & ~np.isnan(voices.high) & ~np.isnan(largest)
    return np.where(able & yes, YES, np.where(able & no, NO, UNDETERMINED))


def flips_of(
    table: Table, contrasts: Sequence[Contrast], cells: Sequence[str], settings: Settings, error: float
) -> Bools:
    """Whether a contrast is clearly positive in one voice and clearly negative in another, shape (S,)."""
    flips = np.zeros(len(table.mean), dtype=bool)
    layout = table.layout
    for contrast in contrasts:
        # The intervals are the costly part; only where estimates lie apart can they matter.
        rough = np.stack(
            [rough_estimate(table, contrast, cells, layout.voice == code) for code in range(layout.voices)], axis=-1
        )
        with np.errstate(invalid="ignore"):
            apart = (rough >= settings.smallest_effect - TINY).any(axis=1)
            apart &= (rough <= TINY - settings.smallest_effect).any(axis=1)
        at = np.flatnonzero(apart & ~flips)
        if not len(at):
            continue
        some = table.where(at)
        found = joined(
            [estimate_many(some, contrast, cells, settings, layout.voice == code) for code in range(layout.voices)]
        )
        flips[at] = signs_differ(found, settings, error)
    return flips


def rough_estimate(table: Table, contrast: Contrast, cells: Sequence[str], keep: Bools) -> Floats:
    """The contrast over the units that are kept, NaN where there is none, shape (S,)."""
    at = columns(contrast, cells)
    complete = (table.scored[..., at] > 0).all(axis=-1) & keep
    value = table.mean[..., at] @ np.array(list(contrast.weights.values()))
    mean, _, requests = over_requests(*average(value, complete, table.layout))
    return np.where(requests > 0, mean, np.nan)


def signs_differ(found: Intervals, settings: Settings, error: float) -> Bools:
    """`feint.stats.coherence.sign_flips` for one contrast by voice, shape (S, V) to (S,).

    Holm is over the voices that have a p value, so a voice without one must not count as a test.
    """
    p = found.p
    known = ~np.isnan(p)
    order = np.argsort(np.where(known, p, np.inf), axis=1, kind="stable")
    left = known.sum(axis=1)[:, None] - np.arange(p.shape[1])
    steps = np.take_along_axis(np.where(known, p, 0.0), order, axis=1) * np.maximum(left, 0)
    adjusted = np.empty_like(steps)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(steps, axis=1), 1.0), axis=1)
    clear = known & (adjusted < error) & (np.abs(found.estimate) >= settings.smallest_effect)
    return np.asarray((clear & (found.estimate > 0)).any(axis=1) & (clear & (found.estimate < 0)).any(axis=1))
