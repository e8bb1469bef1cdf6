"""Any function of the table, as an estimand with a cluster bootstrap over items."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from feint.stats.estimands.base import Estimand, Method, Observed
from feint.stats.estimands.intervals import Statistic
from feint.stats.types import Floats, Ints


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
        """The function of tables that hold each item as often as its weight says."""
        table = seen.table[seen.table["cell"].isin(self.uses)]
        code, names = pd.factorize(table["request"])
        rows = [np.flatnonzero(code == item) for item in range(len(names))]

        def values(w: Floats) -> Floats:
            return np.array([self.function(resampled(table, rows, times)) for times in w.astype(int)], dtype=float)

        return values, len(names)


def resampled(table: pd.DataFrame, rows: Sequence[Ints], times: Floats) -> pd.DataFrame:
    """A table with each item as often as stated; copies of an item have names of their own."""
    drawn = [item for item, count in enumerate(times) for _ in range(int(count))]
    if not drawn:
        return table.iloc[:0]
    found = table.iloc[np.concatenate([rows[item] for item in drawn])].copy()
    copy = np.repeat(np.arange(len(drawn)), [len(rows[item]) for item in drawn])
    found["request"] = found["request"].astype(str) + "#" + copy.astype(str)
    return found
