"""Kinds of estimands: differences, ratios, slopes, signal detection, shares, rank correlations, any function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from feint.base.errors import UsageError, unknown
from feint.stats.cells import by_cluster, rates
from feint.stats.contrasts import worst_case
from feint.stats.differences import differences, estimate
from feint.stats.estimands.base import Estimand, Found, Method, Observed, item_means
from feint.stats.estimands.intervals import Scale, Statistic, detection, kendall, p_by_inversion, spearman
from feint.stats.estimands.regression import firth
from feint.stats.table import pair
from feint.stats.types import Estimate, Floats, Ints, Settings

ORDERED = ("binary", "ordinal", "count", "real")


@dataclass(frozen=True)
class MeanDifference(Estimand):
    """Weighted sum of the cells' means within item, averaged over items: for a measure of any ordered scale.

    Labels of 1 and 0 have the score interval of contrasts, other measures have Student's t over items.

    Attributes:
        weights: Weight by cell; they sum to zero.
    """

    weights: Mapping[str, float]

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that are weighed."""
        return tuple(self.weights)

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The mean over items."""
        value_R = item_means(seen.need(self.key, *ORDERED), self.cells) @ np.array(list(self.weights.values()))
        return lambda w: w @ value_R / w.sum(axis=-1), len(value_R)

    def estimate(self, seen: Observed, settings: Settings) -> Found:
        """See the class."""
        if seen.measure.scale != "binary":
            return super().estimate(seen, settings)
        means = pair(seen.replies)
        found = estimate(differences(means, self.weights), settings).one()
        return Found(found, "score", worst_case(means, self.weights)["low"])


@dataclass(frozen=True)
class Ratio(Estimand):
    """Relative change of the mean from one cell to another: mean / base mean - 1, of a measure that is never negative.

    Attributes:
        cell: The cell whose mean is the numerator.
        base: The cell whose mean is the denominator.
    """

    cell: str
    base: str
    scale: ClassVar[Scale] = "log1p"
    roles: ClassVar[tuple[str, ...]] = ("cell", "base")

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The quotient of the means over items, less 1.

        Raises:
            UsageError: The measure's scale does not suit the estimand.
        """
        means_RC = item_means(seen.need(self.key, "binary", "count", "real"), self.cells)
        if (means_RC < 0).any():
            raise UsageError(
                f"estimand '{self.key}': measure '{seen.measure.key}' has negative values; a ratio needs none"
            )

        def quotient(w: Floats) -> Floats:
            over, under = (w @ means_RC).T
            return np.where(under > 0, over / np.where(under > 0, under, 1), np.nan) - 1

        return quotient, len(means_RC)


@dataclass(frozen=True)
class Slope(Estimand):
    """Change of the measure for one step of an ordered or numeric fact.

    Linear: the slope within items, ``sum_r Sxy_r / sum_r Sxx_r``. Logistic, for labels: the slope of a logistic
    regression over all replies, with items as clusters; its unit is the logarithm of odds.

    Attributes:
        level: The number of the fact's level, by cell.
        link: "linear" or "logistic".
    """

    level: Mapping[str, float]
    link: Literal["linear", "logistic"] = "linear"

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells with a level."""
        return tuple(self.level)

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The slope."""
        replies = seen.need(self.key, *(("binary",) if self.link == "logistic" else ORDERED))
        x_C = np.array(list(self.level.values()), dtype=float)
        count, total = replies.sums(self.cells)
        if self.link == "logistic":
            return lambda w: firth(np.vander(x_C, 2), w @ total, w @ count)[:, 0], len(total)
        told = (count > 0).astype(float)
        y_RC = total / np.maximum(count, 1)
        away = x_C - ((told * x_C).sum(axis=1) / told.sum(axis=1))[:, None]
        sxx, sxy = (told * away**2).sum(axis=1), (told * away * y_RC).sum(axis=1)
        sxx, sxy = sxx[sxx > 0], sxy[sxx > 0]
        return lambda w: (w @ sxy) / (w @ sxx), len(sxx)


@dataclass(frozen=True)
class Sensitivity(Estimand):
    """Sensitivity d′ of signal detection: z(hit rate) - z(false-alarm rate), with the log-linear correction.

    Attributes:
        signal: The cell in which a label of 1 is a hit.
        noise: The cell in which a label of 1 is a false alarm.
    """

    signal: str
    noise: str
    part: ClassVar[int] = 0
    roles: ClassVar[tuple[str, ...]] = ("signal", "noise")

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The number; see `feint.stats.estimands.intervals.detection`."""
        count, total = seen.need(self.key, "binary").sums(self.cells)
        return lambda w: detection(w @ total, w @ count)[self.part], len(total)


@dataclass(frozen=True)
class Criterion(Sensitivity):
    """Criterion c of signal detection, ``-(z(hit rate) + z(false-alarm rate)) / 2``: above 0 is reluctant."""

    part: ClassVar[int] = 1


@dataclass(frozen=True)
class Share(Estimand):
    """Share of the label 1, or of a category, in one cell, less the share by chance.

    Attributes:
        choice: The category, for a measure of scale choice.
        chance: The share by chance.
    """

    cell: str
    choice: str = ""
    chance: float = 0.0
    method: ClassVar[Method] = "exact"
    roles: ClassVar[tuple[str, ...]] = ("cell",)

    def estimate(self, seen: Observed, settings: Settings) -> Found:
        """Estimate with the exact interval of rates, clustered by item; see `feint.stats.cells.rates`.

        Raises:
            UsageError: The measure's scale does not suit the estimand.
        """
        replies, choices = seen.need(self.key, "binary", "choice"), seen.measure.choices
        here = replies.where(replies.cell == replies.cells.index(self.cell))
        value = here.value
        if seen.measure.scale == "choice":
            if self.choice not in choices:
                raise unknown("choice", self.choice, choices)
            value = np.where(np.isnan(value), np.nan, value == choices.index(self.choice))
        total_R, count_R = by_cluster(value, here.request)

        def shares(level: float) -> Estimate:
            found = rates(total_R[None], count_R[None], replace(settings, level=level)).one()
            if found.estimate is None or found.low is None or found.high is None:
                return found
            return Estimate(found.estimate - self.chance, found.low - self.chance, found.high - self.chance, found.n)

        found = shares(settings.level)
        return Found(replace(found, p=None if found.low is None else p_by_inversion(shares)), self.method)


@dataclass(frozen=True)
class RankCorrelation(Estimand):
    """Rank correlation over items of the means in two cells.

    Attributes:
        kind: "spearman", or "kendall" (tau-b).
    """

    first: str
    second: str
    kind: Literal["spearman", "kendall"] = "spearman"
    scale: ClassVar[Scale] = "fisher"
    roles: ClassVar[tuple[str, ...]] = ("first", "second")

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The correlation of items' means."""
        x_R, y_R = item_means(seen.need(self.key, *ORDERED), self.cells).T
        kind = spearman if self.kind == "spearman" else kendall
        return lambda w: kind(x_R, y_R, w), len(x_R)


@dataclass(frozen=True)
class FunctionEstimand(Estimand):
    """A number that a task computes from the whole table, such as a fitted parameter.

    Attributes:
        function: Takes a table and returns the number; NaN where it is not defined. It must not depend on the names of
            items: in a resample, an item that was drawn twice is two items.
        uses: The cells that it uses, whose missing rates are looked at.
    """

    function: Callable[[pd.DataFrame], float]
    uses: tuple[str, ...]
    method: ClassVar[Method] = "bca by item"

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that it uses."""
        return self.uses

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The function of tables with each item as often as its weight says; copies have names of their own."""
        table = seen.table[seen.table["cell"].isin(self.uses)]
        code, names = pd.factorize(table["request"])
        rows = [np.flatnonzero(code == item) for item in range(len(names))]

        def resampled(times: Ints) -> pd.DataFrame:
            drawn = np.repeat(np.arange(len(names)), times)
            if not len(drawn):
                return table.iloc[:0]
            found = table.iloc[np.concatenate([rows[item] for item in drawn])].copy()
            copy = np.repeat(np.arange(len(drawn)), [len(rows[item]) for item in drawn])
            found["request"] = found["request"].astype(str) + "#" + copy.astype(str)
            return found

        return lambda w: np.array([self.function(resampled(times)) for times in w.astype(int)], dtype=float), len(names)
