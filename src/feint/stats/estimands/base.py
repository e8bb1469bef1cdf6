"""Estimands: a number with its unit, smallest effect of interest and interval."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from feint.base.errors import UsageError
from feint.stats.decide import UNKNOWN_WORST
from feint.stats.entries import BoundsEntry
from feint.stats.estimands.intervals import Scale, Statistic, bca_interval, t_interval
from feint.stats.measures import Measure
from feint.stats.table import Replies
from feint.stats.types import Estimate, Floats, Settings
from feint.stats.units import Unit

Method = Literal["score", "exact", "t by item", "bca by item"]


@dataclass(frozen=True)
class Observed:
    """The table of a study, benign twins left out.

    Attributes:
        table: One row a planned reply, as `feint.stats.table.read_table` takes it; a task may add columns.
        replies: The same as arrays.
        measure: The measure in the column `value`.
    """

    table: pd.DataFrame
    replies: Replies
    measure: Measure

    def need(self, key: str, *scales: str) -> Replies:
        """The replies, if the scale of the measure suits an estimand.

        Raises:
            UsageError: The scale is none of those.
        """
        if self.measure.scale not in scales:
            raise UsageError(
                f"estimand '{key}': measure '{self.measure.key}' is of scale {self.measure.scale}; "
                f"it needs {' or '.join(scales)}"
            )
        return self.replies


@dataclass(frozen=True)
class Found:
    """An estimate, and how its interval was computed.

    Attributes:
        estimate: The estimate; without interval where none can be computed.
        method: Method of the interval, as findings name it.
        worst: The estimate if all missing replies went against it or with it, where that is known.
    """

    estimate: Estimate
    method: Method
    worst: BoundsEntry = field(default_factory=lambda: UNKNOWN_WORST)


@dataclass(frozen=True)
class Estimand:
    """A number that is estimated from a table; zero means "no effect".

    Attributes:
        key: Its name in the findings.
        smallest: Smallest effect of interest, in the estimand's own unit.
        unit: How sentences tell the number.
    """

    key: str
    smallest: float
    unit: Unit
    scale: ClassVar[Scale] = "identity"
    method: ClassVar[Method] = "t by item"
    """Chosen by simulated coverage, see docs/method.md."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that the estimand uses."""
        raise NotImplementedError

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The estimand as a statistic of weights of items, and the number of items that it uses.

        Raises:
            UsageError: The measure's scale does not suit the estimand.
        """
        raise NotImplementedError

    def estimate(self, seen: Observed, settings: Settings) -> Found:
        """Estimate with an interval over items.

        Args:
            seen: The table.
            settings: Gives the level.

        Raises:
            UsageError: The measure's scale does not suit the estimand.
        """
        statistic, items = self.statistic(seen)
        if not items:
            return Found(Estimate(), self.method)
        if self.method == "bca by item":
            return Found(bca_interval(statistic, items, settings.level), self.method)
        return Found(t_interval(statistic, items, settings.level, self.scale), self.method)


def sums_by_item(replies: Replies, cells: Sequence[str]) -> tuple[Floats, Floats]:
    """Sums and numbers of the known values by item and cell; items without any are left out.

    Returns:
        Two arrays of shape (R, C).
    """
    columns = np.array([replies.cells.index(cell) for cell in cells], dtype=np.int64)
    known = ~np.isnan(replies.value)
    shape = (len(replies.requests), len(replies.cells))
    slot = (replies.request * shape[1] + replies.cell)[known]
    total, count = (
        np.bincount(slot, weights=weights, minlength=shape[0] * shape[1]).reshape(shape)[:, columns].astype(float)
        for weights in (replies.value[known], np.ones(int(known.sum())))
    )
    some = count.sum(axis=1) > 0
    return total[some], count[some]


def item_means(replies: Replies, cells: Sequence[str]) -> Floats:
    """Means by item and cell, of the items with a known value in every cell, shape (R, C)."""
    total, count = sums_by_item(replies, cells)
    whole = (count > 0).all(axis=1)
    return np.asarray(total[whole] / count[whole], dtype=float)
