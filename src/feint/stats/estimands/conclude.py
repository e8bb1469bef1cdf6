"""From a table of measures to the findings on its estimands, by the one decision rule."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from feint.base.errors import UsageError
from feint.stats.contrasts import adjusted
from feint.stats.decide import DecisionRule
from feint.stats.entries import DecisionEntry, TestedEntry
from feint.stats.estimands.base import Estimand, Observed
from feint.stats.looks.replay import Course
from feint.stats.measures import BINARY, Measure
from feint.stats.table import read_table
from feint.stats.types import Floats, Settings


class EstimandEntry(TestedEntry, DecisionEntry):
    """The findings on one estimand; numbers that cannot be estimated are None."""

    measure: str
    unit: str
    smallest_effect: float
    p_holm: float | None
    method: str


def conclude_estimands(
    table: pd.DataFrame,
    estimands: Sequence[Estimand],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    measure: Measure = BINARY,
    course: Course | None = None,
) -> dict[str, EstimandEntry]:
    """Estimate and decide every estimand of a task. Pure: the same table gives the same findings.

    Args:
        table: One row a planned reply, as `feint.stats.table.read_table` takes it.
        estimands: The estimands; Holm's adjustment is over all of them.
        settings: Gives level, max_missing and assumed_icc; each estimand has a smallest effect of its own.
        cells: The cells of the design, in its order.
        measure: The measure in the column `value`.
        course: None: only paired proportions can be looked at while a study runs.

    Returns:
        Findings by key of the estimand, ready for JSON.

    Raises:
        UsageError: The table does not fit, the measure's scale does not suit an estimand, or looks were asked for.
    """
    settings = settings or Settings()
    if course is not None and estimands:
        raise UsageError(
            f"estimand '{estimands[0].key}' has a fixed size: interim looks are for paired differences of proportions "
            "only; ask for everything with --until all"
        )
    replies, _ = read_table(table, cells, measure)
    seen = Observed(table[~table["twin"].to_numpy(dtype=bool)], replies, measure)
    gone = {cell: missing_rate(replies.value[replies.cell == code]) for code, cell in enumerate(replies.cells)}
    found = [estimand.estimate(seen, settings) for estimand in estimands]
    entries: dict[str, EstimandEntry] = {}
    p_holm = adjusted([one.estimate for one in found], len(found)) if found else []
    for estimand, one, p in zip(estimands, found, p_holm, strict=True):
        rule = DecisionRule(estimand.smallest, len(found), settings.level, settings.max_missing, estimand.unit)
        decided = rule.decide(one.estimate, p, {cell: gone[cell] for cell in estimand.cells}, one.worst)
        entries[estimand.key] = {
            "measure": measure.key,
            "unit": estimand.unit.many,
            "smallest_effect": estimand.smallest,
            "estimate": one.estimate.estimate,
            "low": one.estimate.low,
            "high": one.estimate.high,
            "n": one.estimate.n,
            "p": one.estimate.p,
            "p_holm": p,
            "method": one.method,
            "decision": decided.decision,
            "reason": decided.reason,
        }
    return entries


def missing_rate(values: Floats) -> float | None:
    """Share of values that are missing; None where none was planned."""
    return float(np.isnan(values).mean()) if len(values) else None
