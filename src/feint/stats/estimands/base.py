"""Estimands: a number with its unit, smallest effect of interest and interval, decided by the one decision rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from feint.base.errors import UsageError
from feint.stats.contrasts import adjusted
from feint.stats.decide import DecisionRule
from feint.stats.estimands.intervals import Scale, Statistic, bca_interval, t_interval
from feint.stats.measures import BINARY, Measure
from feint.stats.table import Replies, read_table
from feint.stats.types import Estimate, Floats, Settings
from feint.stats.units import Unit

Method = Literal["score", "exact", "t by item", "bca by item", "variance recovery"]


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
        """The replies; refused (`UsageError`) if the scale of the measure is none of those that an estimand needs."""
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
        worst: The estimate if all missing replies went against it, where that is known.
    """

    estimate: Estimate
    method: Method
    worst: float | None = None


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

    roles: ClassVar[tuple[str, ...]] = ()
    """The attributes that name its cells, one each; without any, `cells` is overridden."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that the estimand uses."""
        if not self.roles:
            raise NotImplementedError(f"{type(self).__name__} names neither `roles` nor `cells`")
        return tuple(getattr(self, role) for role in self.roles)

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The estimand as a statistic of weights of items, and the number of items that it uses.

        Raises:
            UsageError: The measure's scale does not suit the estimand.
        """
        raise NotImplementedError

    def estimate(self, seen: Observed, settings: Settings) -> Found:
        """Estimate with an interval over items; a `UsageError` if the measure's scale does not suit the estimand."""
        statistic, items = self.statistic(seen)
        if not items:
            return Found(Estimate(), self.method)
        if self.method == "bca by item":
            return Found(bca_interval(statistic, items, settings.level), self.method)
        return Found(t_interval(statistic, items, settings.level, self.scale), self.method)


def item_means(replies: Replies, cells: Sequence[str]) -> Floats:
    """Means by item and cell, of the items with a known value in every cell, shape (R, C)."""
    count, total = replies.sums(cells)
    whole = (count > 0).all(axis=1)
    return np.asarray(total[whole] / count[whole], dtype=float)


def conclude_estimands(
    table: pd.DataFrame,
    estimands: Sequence[Estimand],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    measure: Measure = BINARY,
) -> dict[str, dict[str, object]]:
    """Estimate and decide every estimand of a task. Pure: the same table gives the same findings.

    The table is as `feint.stats.table.read_table` takes it. Holm's adjustment is over all estimands; each has its own
    smallest effect, and the settings give level, max_missing and assumed_icc.
    By key of the estimand, the result is the content of `feint.findings.contrasts.EstimandFinding`.

    Raises:
        UsageError: The table does not fit, or the measure's scale does not suit an estimand.
    """
    settings = settings or Settings()
    replies, _ = read_table(table, cells, measure)
    seen = Observed(table[~table["twin"].to_numpy(dtype=bool)], replies, measure)
    gone = replies.missing_rates()
    found = [estimand.estimate(seen, settings) for estimand in estimands]
    entries: dict[str, dict[str, object]] = {}
    p_holm = adjusted([one.estimate for one in found], len(found)) if found else []
    for estimand, one, p in zip(estimands, found, p_holm, strict=True):
        rule = DecisionRule(
            estimand.smallest, len(found), settings.level, settings.max_missing, estimand.unit, settings.least_items
        )
        decided = rule.decide(one.estimate, p, {cell: gone[cell] for cell in estimand.cells}, one.worst)
        entries[estimand.key] = {
            "measure": measure.key,
            "unit": estimand.unit.many,
            "smallest_effect": estimand.smallest,
            **one.estimate.as_dict(),
            "p": one.estimate.p,
            "p_holm": p,
            "method": one.method,
            "decision": decided.decision,
            "reason": decided.reason,
        }
    return entries
