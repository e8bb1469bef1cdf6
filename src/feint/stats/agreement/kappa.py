"""Agreement of judges and people on labels: confusion, kappa, alpha, sensitivity and specificity, disagreements.

A label is a word, or None where it is missing. A missing label is never a disagreement: its item is left
out. Items that answer one request are alike, so every interval takes the `groups` of the items. Columns of
different lengths are refused with a `UsageError`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from feint.base.errors import UsageError
from feint.stats.intervals import effective, jackknife_error, wilson
from feint.stats.types import Bools, Estimate, Floats, Ints, Settings

Labels = Sequence[str | None]
SETTINGS = Settings()
"""Gives the level of every interval, and the assumed correlation of items in a group."""


@dataclass(frozen=True)
class Confusion:
    """Counts of each pair of labels.

    Attributes:
        labels: The labels that occur, sorted.
        counts: Counts by label of the judge (rows) and of the person (columns).
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def confusion(judge: Labels, person: Labels) -> Confusion:
    """Count pairs of labels."""
    check_lengths(judge, person)
    pairs = Counter((a, b) for a, b in zip(judge, person, strict=True) if a is not None and b is not None)
    labels = tuple(sorted({label for pair in pairs for label in pair}))
    return Confusion(labels, tuple(tuple(pairs[a, b] for b in labels) for a in labels))


def disagreements(items: Sequence[str], judge: Labels, person: Labels) -> list[tuple[str, str, str]]:
    """Items on which both gave a label and not the same: (item, label of the judge, label of the person)."""
    check_lengths(items, judge, person)
    return [
        (item, a, b)
        for item, a, b in zip(items, judge, person, strict=True)
        if a is not None and b is not None and a != b
    ]


def cohens_kappa(
    judge: Labels,
    person: Labels,
    groups: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
) -> Estimate:
    """Agreement of two raters beyond chance: ``(p_o - p_e) / (1 - p_e)``, Cohen 1960.

    The interval is that of `jackknife` over groups. Where the two (nearly) always agree it would shrink to a point;
    it is therefore at least as wide as Wilson's for the observed agreement p_o, with p_e as found.

    The raters give labels one an item, in groups such as their request; without groups, items are independent. Weights
    are the inverse probability with which each item was drawn, up to a factor; without them, all count alike. The
    estimate has n items. It is None where p_e is 1: both gave one and the same label to everything, which shows no
    agreement beyond chance.
    """
    table = confusion(judge, person)
    both = np.array([a is not None and b is not None for a, b in zip(judge, person, strict=True)], dtype=bool)
    codes = {label: i for i, label in enumerate(table.labels)}
    a, b = (np.array([codes.get(x or "", -1) for x in labels], dtype=np.int64)[both] for labels in (judge, person))
    group = group_codes(groups, len(judge))[both]
    weight = check_weights(weights, len(judge))[both]

    def parts(keep: Bools) -> tuple[float, float]:
        pair = a[keep] * len(codes) + b[keep]
        counts = np.bincount(pair, weights=weight[keep], minlength=len(codes) ** 2).reshape(len(codes), -1)
        share = counts / counts.sum()
        return float(np.trace(share)), float(share.sum(axis=1) @ share.sum(axis=0))

    return beyond_chance(parts, group)


def krippendorffs_alpha(ratings: Sequence[Labels], groups: Sequence[str] | None = None) -> Estimate:
    """Agreement of any number of raters with gaps: nominal ``1 - D_o / D_e``, Krippendorff 2011 (ScholarlyCommons 43).

    With m_u labels on unit u, of which n_uc are c, and n of all pairable labels, of which n_c are c:
    ``D_o = sum_u (m_u² - sum_c n_uc²) / (m_u - 1) / n``, ``D_e = (n² - sum_c n_c²) / (n (n - 1))``. Units with fewer
    than two labels do not count. Inspect's `krippendorff_alpha` is the same number as a metric of scores, without
    interval; the tests hold the two together.

    Ratings are by unit and rater; None is a gap, and units may differ in length. The estimate has n units, and an
    interval by `jackknife`, at least as wide as Wilson's for 1 - D_o with D_e as found. It is None where one label was
    given throughout.
    """
    kept = [u for u, row in enumerate(ratings) if sum(label is not None for label in row) > 1]
    group = group_codes(groups, len(ratings))[np.array(kept, dtype=np.int64)]
    labels = sorted({label for row in ratings for label in row if label is not None})
    counts_UC = np.array([[row.count(c) for c in labels] for row in map(list, (ratings[u] for u in kept))], float)

    def parts(keep: Bools) -> tuple[float, float]:
        counts, total = counts_UC[keep], counts_UC[keep].sum(axis=0)
        m, n = counts.sum(axis=1), total.sum()
        differing = (m * m - np.square(counts).sum(axis=1)) / (m - 1)
        return 1 - float(differing.sum() / n), 1 - float((n * n - np.square(total).sum()) / (n * (n - 1)))

    return beyond_chance(parts, group)


def beyond_chance(parts: Callable[[Bools], tuple[float, float]], group: Ints) -> Estimate:
    """Agreement beyond chance, from agreement and agreement by chance of the items that a mask keeps.

    The interval is that of `jackknife`, at least as wide as Wilson's for the agreement, with that by chance as found.
    """

    def statistic(keep: Bools) -> float:
        observed, chance = parts(keep)
        return (observed - chance) / (1 - chance) if chance < 1 - 1e-12 else np.nan

    every = np.ones(len(group), dtype=bool)
    if not len(group) or np.isnan(statistic(every)):
        return Estimate(n=len(group))
    observed, chance = parts(every)
    worth = effective(len(group), len(np.unique(group)), SETTINGS.assumed_icc)
    low, high = ((end - chance) / (1 - chance) for end in wilson(observed, worth, SETTINGS.level))
    return widened(statistic, group, (float(low), float(high)))


def sensitivity_specificity(
    judge: Labels,
    person: Labels,
    positive: str,
    groups: Sequence[str] | None = None,
    weights: Sequence[float] | None = None,
) -> tuple[Estimate, Estimate]:
    """Shares of the items that a person calls positive, or not, on which the judge agrees.

    Wilson intervals (1927), for the effective number of items, as `feint.stats.cells.clustered_rate` does for rates;
    weights are those of `cohens_kappa`. Sensitivity and specificity are None where the person calls nothing so.
    """
    from feint.stats.cells import clustered_rate  # with pandas, which labels do not need

    check_lengths(judge, person)
    code, weight = group_codes(groups, len(judge)), check_weights(weights, len(judge))
    pairs = list(zip(judge, person, strict=True))
    hit = np.array([np.nan if a is None or b is None else float(a == positive) for a, b in pairs], float)
    true = np.array([b == positive for b in person], dtype=bool)
    return (
        clustered_rate(hit[true], code[true], SETTINGS, weight[true]),
        clustered_rate(1 - hit[~true], code[~true], SETTINGS, weight[~true]),
    )


def check_weights(weights: Sequence[float] | None, n: int) -> Floats:
    """Weight of each item; without weights, 1.

    Raises:
        UsageError: Not one weight an item, or one that is not above 0.
    """
    weight = np.ones(n) if weights is None else np.asarray(weights, float)
    if len(weight) != n or not ((weight > 0) & np.isfinite(weight)).all():
        raise UsageError(f"agreement: expected one weight above 0 for each of {n} items")
    return weight


def jackknife(statistic: Callable[[Bools], float], group: Ints) -> tuple[float, int]:
    """Standard error of a statistic of kept items by leaving out one group at a time, and number of groups.

    With groups of several items it allows for items of one group being alike. Groups without which the statistic is
    not defined are left out; with fewer than two groups the error is NaN.
    """
    every = np.unique(group)
    left_out = np.array([statistic(group != g) for g in every]) if len(every) > 1 else np.empty(0)
    t: Floats = left_out[~np.isnan(left_out)]
    return (jackknife_error(t) if len(t) > 1 else np.nan), len(t)


def widened(
    statistic: Callable[[Bools], float], group: Ints, at_least: tuple[float, float], lowest: float = -1.0
) -> Estimate:
    """A statistic with its jackknife interval (Student's t over groups), no narrower than another interval."""
    from scipy.special import stdtrit

    value = statistic(np.ones(len(group), dtype=bool))
    error, groups = jackknife(statistic, group)
    half = 0.0 if np.isnan(error) else float(stdtrit(groups - 1, 0.5 + SETTINGS.level / 2)) * error
    low, high = min(at_least[0], value - half), max(at_least[1], value + half)
    return Estimate(value, max(low, lowest), min(high, 1.0), len(group))


def group_codes(groups: Sequence[str] | None, n: int) -> Ints:
    """Code of each item's group; without groups, each item is its own.

    Raises:
        UsageError: Not one group an item.
    """
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise UsageError(f"agreement: {len(groups)} groups for {n} items; give each item one")
    return np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1].astype(np.int64)


def check_lengths(*columns: Sequence[Any]) -> None:
    """Refuse columns that differ in length.

    Raises:
        UsageError: They differ in length.
    """
    if len({len(column) for column in columns}) > 1:
        raise UsageError(
            f"agreement: columns of {', '.join(str(len(c)) for c in columns)} labels; one an item is needed"
        )
