"""Differences of means that are pooled over replies, for measures that only some replies of an item have."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from feint.stats.estimands.base import Estimand, Observed
from feint.stats.estimands.intervals import Statistic
from feint.stats.estimands.kinds import ORDERED
from feint.stats.types import Floats


@dataclass(frozen=True)
class PooledDifference(Estimand):
    """Weighted sum of the cells' means over all their replies, with items as clusters.

    A mean over items needs every item in every cell. A measure such as "kept its wrong answer" exists for wrong first
    answers only, which differ between cells by chance; here each cell's mean is over all replies that have the measure.
    The jackknife leaves out an item in all cells at once, so that the pairing still counts.

    Attributes:
        weights: Weight by cell.
    """

    weights: Mapping[str, float]

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that are weighed."""
        return tuple(self.weights)

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The weighted sum of quotients of sums; NaN where a cell has no reply with the measure."""
        count_RC, total_RC = seen.need(self.key, *ORDERED).sums(self.cells)
        weights_C = np.array(list(self.weights.values()))

        def pooled(w: Floats) -> Floats:
            count = w @ count_RC
            means = np.where(count > 0, w @ total_RC / np.where(count > 0, count, 1), np.nan)
            return np.asarray(means @ weights_C)

        return pooled, len(count_RC)
