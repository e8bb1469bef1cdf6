"""The estimands of a task beside its contrasts, computed from the task's measures."""

import pandas as pd

from feint.base.numbers import listing
from feint.base.vocabulary import MeasureWords
from feint.findings.contrasts import EstimandFinding
from feint.stats.estimands import conclude_estimands
from feint.stats.measures import Measure
from feint.stats.units import POINTS, Unit
from feint.study.conclude.read import Concluding
from feint.study.plan.frozen import ALL

NO_VALUE = "unmeasured"
"""Why a further measure is missing from a sample whose label is not."""


def find_estimands(study: Concluding) -> tuple[dict[str, EstimandFinding], list[str]]:
    """Compute a task's estimands.

    Returns:
        The findings by estimand, and a warning if they are left out: only paired proportions can be looked at while a
        study runs, so a study that stops when decided has no others.
    """
    plan, stated = study.plan, study.task.estimands()
    keys = [estimand.key for estimands in stated.values() for estimand in estimands]
    if plan.until != ALL and keys:
        return {}, [f"Not computed, since the study stopped when decided: {listing(keys)}; ask with --until all."]
    measures = study.task.vocabulary.measures
    found: dict[str, EstimandFinding] = {}
    for key, estimands in stated.items():
        table = table_of(study.labels, key, first=next(iter(measures)))
        entries = conclude_estimands(
            table, estimands, plan.read_settings(), cells=list(plan.read_design().cells),
            measure=measure_of(key, measures[key]),
        )  # fmt: skip
        found |= {name: EstimandFinding.model_validate(entry) for name, entry in entries.items()}
    return found, []


def table_of(labels: pd.DataFrame, key: str, first: str) -> pd.DataFrame:
    """Return the table of labels with one measure in the column `value`."""
    if key == first:
        return labels
    missing = labels["missing"].where(labels[key].isna(), None)
    unknown = labels[key].isna() & missing.isna()
    return labels.assign(value=labels[key], missing=missing.mask(unknown, NO_VALUE))


def measure_of(key: str, words: MeasureWords) -> Measure:
    """Describe a measure as the statistics take it.

    >>> measure_of("seconds", MeasureWords(label="Time", scale="real", unit="s")).unit.many
    's'
    """
    unit = POINTS if words.scale == "binary" else Unit(words.unit or "steps", digits=2)
    return Measure(key, words.scale, unit, words.direction)
