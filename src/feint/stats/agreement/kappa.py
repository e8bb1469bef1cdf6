"""Agreement of judges and people on labels: confusion, kappa, alpha, sensitivity and specificity, disagreements.

A label is a word, or None where it is missing. A missing label is never a disagreement: its item is left out, and
counted. Items that answer one request are alike, so every interval takes the `groups` of the items.
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


@dataclass(frozen=True)
class Confusion:
    """Counts of each pair of labels.

    Attributes:
        labels: The labels that occur, sorted.
        counts: Counts by label of the judge (rows) and of the person (columns).
        missing: Items that one of the two, or both, gave no label.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    missing: int

    @property
    def n(self) -> int:
        """Items that both labelled."""
        return sum(map(sum, self.counts))


def confusion(judge: Labels, person: Labels) -> Confusion:
    """Count pairs of labels.

    Raises:
        UsageError: The two differ in length.
    """
    check_lengths(judge, person)
    pairs = Counter((a, b) for a, b in zip(judge, person, strict=True) if a is not None and b is not None)
    labels = tuple(sorted({label for pair in pairs for label in pair}))
    return Confusion(labels, tuple(tuple(pairs[a, b] for b in labels) for a in labels), len(judge) - pairs.total())


def disagreements(items: Sequence[str], judge: Labels, person: Labels) -> list[tuple[str, str, str]]:
    """Items on which both gave a label and not the same: (item, label of the judge, label of the person).

    Raises:
        UsageError: They differ in length.
    """
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
    level: float = 0.95,
    weights: Sequence[float] | None = None,
) -> Estimate:
    """Agreement of two raters beyond chance: ``(p_o - p_e) / (1 - p_e)``, Cohen 1960.

    The interval is that of `jackknife` over groups. Where the two (nearly) always agree it would shrink to a point;
    it is therefore at least as wide as Wilson's for the observed agreement p_o, with p_e as found.

    Args:
        judge: Labels of one rater, one an item.
        person: Labels of the other.
        groups: The group of each item, such as its request; without it, items are independent.
        level: Confidence level.
        weights: Inverse probability with which each item was drawn, up to a factor; without, all count alike.

    Returns:
        Estimate with n items. None where p_e is 1: both gave one and the same label to everything, which shows no
        agreement beyond chance.

    Raises:
        UsageError: The arguments differ in length.
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

    def kappa(keep: Bools) -> float:
        observed, chance = parts(keep)
        return (observed - chance) / (1 - chance) if chance < 1 - 1e-12 else np.nan

    if not both.any() or np.isnan(kappa(np.ones(both.sum(), dtype=bool))):
        return Estimate(n=int(both.sum()))
    observed, chance = parts(np.ones(both.sum(), dtype=bool))
    low, high = (
        (end - chance) / (1 - chance) for end in wilson(observed, worth(group), level)
    )  # what the number of items alone leaves open
    return widened(kappa, group, (float(low), float(high)), level)


def krippendorffs_alpha(
    ratings: Sequence[Labels], groups: Sequence[str] | None = None, level: float = 0.95
) -> Estimate:
    """Agreement of any number of raters with gaps: nominal ``1 - D_o / D_e``, Krippendorff 2011 (ScholarlyCommons 43).

    With m_u labels on unit u, of which n_uc are c, and n of all pairable labels, of which n_c are c:
    ``D_o = sum_u (m_u² - sum_c n_uc²) / (m_u - 1) / n``, ``D_e = (n² - sum_c n_c²) / (n (n - 1))``. Units with fewer
    than two labels do not count. Inspect's `krippendorff_alpha` is the same number as a metric of scores, without
    interval; the tests hold the two together.

    Args:
        ratings: Labels by unit and rater; None is a gap, and units may differ in length.
        groups: The group of each unit, such as its request; without it, units are independent.
        level: Confidence level.

    Returns:
        Estimate with n units, interval by `jackknife`, at least as wide as Wilson's for 1 - D_o with D_e as found.
        None where one label was given throughout.
    """
    kept = [u for u, row in enumerate(ratings) if sum(label is not None for label in row) > 1]
    group = group_codes(groups, len(ratings))[np.array(kept, dtype=np.int64)]
    labels = sorted({label for row in ratings for label in row if label is not None})
    counts_UC = np.array([[row.count(c) for c in labels] for row in map(list, (ratings[u] for u in kept))], float)

    def parts(keep: Bools) -> tuple[float, float]:
        counts, total = counts_UC[keep], counts_UC[keep].sum(axis=0)
        m, n = counts.sum(axis=1), total.sum()
        differing = (m * m - np.square(counts).sum(axis=1)) / (m - 1)
        return float(differing.sum() / n), float((n * n - np.square(total).sum()) / (n * (n - 1)))

    def alpha(keep: Bools) -> float:
        seen, expected = parts(keep)
        return 1 - seen / expected if expected > 0 else np.nan

    every = np.ones(len(kept), dtype=bool)
    if not kept or np.isnan(alpha(every)):
        return Estimate(n=len(kept))
    seen, expected = parts(every)
    low, high = (1 - (1 - end) / expected for end in wilson(1 - seen, worth(group), level))
    return widened(alpha, group, (float(low), float(high)), level)


def sensitivity_specificity(
    judge: Labels,
    person: Labels,
    positive: str,
    groups: Sequence[str] | None = None,
    level: float = 0.95,
    weights: Sequence[float] | None = None,
) -> tuple[Estimate, Estimate]:
    """Shares of the items that a person calls positive, or not, on which the judge agrees.

    Wilson intervals (1927); with groups, for the effective number of items, as
    `feint.stats.cells.clustered_rate` does for rates. With weights, as for `cohens_kappa`, that number is divided
    by the design effect of weighting too (`kish`).

    Returns:
        Sensitivity and specificity, each with n items; None where the person calls nothing so.

    Raises:
        UsageError: The arguments differ in length.
    """
    check_lengths(judge, person)
    code, weight = group_codes(groups, len(judge)), check_weights(weights, len(judge))
    pairs = list(zip(judge, person, strict=True))
    hit = np.array([np.nan if a is None or b is None else float(a == positive) for a, b in pairs], float)
    true = np.array([b == positive for b in person], dtype=bool)
    settings = Settings(level=level)
    return (
        weighted_rate(hit[true], code[true], weight[true], settings),
        weighted_rate(1 - hit[~true], code[~true], weight[~true], settings),
    )


def weighted_rate(values: Floats, group: Ints, weight: Floats, settings: Settings) -> Estimate:
    """Share of items that are 1, each with its weight; with equal weights that of `clustered_rate`."""
    from feint.stats.cells import by_cluster, clustered_rate, design_effect  # with pandas, which labels do not need

    known = ~np.isnan(values)
    y, w, code = values[known], weight[known], group[known]
    if len(np.unique(w)) <= 1:
        return clustered_rate(values, group, settings)
    total_R, count_R = by_cluster(y, code)
    share = float(w @ y / w.sum())
    alike = design_effect(total_R, count_R, settings.assumed_icc) if len(y) > len(count_R) else 1.0
    low, high = wilson(share, len(y) * kish(w) / alike, settings.level)
    return Estimate(share, min(float(low), share), max(float(high), share), len(y))


def kish(weight: Floats) -> float:
    """Share of the items that remains under unequal weights: (sum w)² / (n sum w²), Kish 1965, section 11.7."""
    return float(weight.sum() ** 2 / (len(weight) * np.square(weight).sum())) if len(weight) else 1.0


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
    """Standard error of a statistic by leaving out one group of items at a time.

    With groups of several items it allows for items of one group being alike. Groups without which the statistic is
    not defined are left out.

    Args:
        statistic: Of the items that a mask keeps.
        group: Code of each item's group, shape (N,).

    Returns:
        Standard error (NaN with fewer than two groups) and number of groups.
    """
    left_out = np.array([statistic(group != g) for g in np.unique(group)]) if len(np.unique(group)) > 1 else np.empty(0)
    t: Floats = left_out[~np.isnan(left_out)]
    if len(t) < 2:
        return np.nan, len(t)
    return jackknife_error(t), len(t)


def widened(
    statistic: Callable[[Bools], float], group: Ints, at_least: tuple[float, float], level: float, lowest: float = -1.0
) -> Estimate:
    """A statistic with its jackknife interval (Student's t over groups), no narrower than another interval."""
    from scipy.special import stdtrit

    value = statistic(np.ones(len(group), dtype=bool))
    error, groups = jackknife(statistic, group)
    half = 0.0 if np.isnan(error) else float(stdtrit(groups - 1, 0.5 + level / 2)) * error
    low, high = min(at_least[0], value - half), max(at_least[1], value + half)
    return Estimate(value, max(low, lowest), min(high, 1.0), len(group))


def worth(group: Ints) -> float:
    """Effective number of independent items in these groups, for the assumed correlation within a group."""
    return float(effective(len(group), len(np.unique(group)), Settings().assumed_icc))


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
    """Refuse columns that do not belong together.

    Raises:
        UsageError: They differ in length.
    """
    if len({len(column) for column in columns}) > 1:
        raise UsageError(
            f"agreement: columns of {', '.join(str(len(c)) for c in columns)} labels; one an item is needed"
        )
