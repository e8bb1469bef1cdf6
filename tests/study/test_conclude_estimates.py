"""Estimands that a task states beside its contrasts, from a study's table of labels."""

import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from feint.base.vocabulary import MeasureWords
from feint.stats import Settings
from feint.stats.estimands import MeanDifference
from feint.stats.units import POINTS, Unit
from feint.study.conclude.common import NO_VALUE, find_estimands, table_of

MEASURES = {"done": MeasureWords(label="Done", scale="binary"), "seconds": MeasureWords(label="Time", scale="real")}
SHIFT = {"b": 1.0, "a": -1.0}
ESTIMANDS = {
    "done": [MeanDifference("more_done", 0.05, POINTS, SHIFT)],
    "seconds": [MeanDifference("slower", 0.5, Unit("s", digits=2), SHIFT)],
}


@pytest.fixture
def labels() -> pd.DataFrame:
    """Thirty items; in cell b all are done, two seconds later than in cell a, with one time unknown."""
    rows = [
        {"cell": cell, "request": f"r{i}", "wording": "w", "voice": "v", "sample": 1, "twin": False, "missing": None,
         "stated": (), "value": float(cell == "b"), "seconds": 1.0 + 2 * (cell == "b") + i % 3 / 10 * (cell == "b")}
        for i in range(30) for cell in "ab"
    ]  # fmt: skip
    rows[0] |= {"seconds": math.nan}
    rows[2] |= {"value": math.nan, "missing": "truncated"}
    return pd.DataFrame(rows)


def study(labels: pd.DataFrame, until: str = "all", estimands: Any = ESTIMANDS) -> Any:
    plan = SimpleNamespace(
        until=until, read_settings=Settings, read_design=lambda: SimpleNamespace(cells={"a": {}, "b": {}})
    )
    task = SimpleNamespace(estimands=lambda: estimands, vocabulary=SimpleNamespace(measures=MEASURES))
    return SimpleNamespace(plan=plan, task=task, labels=labels)


def test_each_estimand_is_computed_from_its_own_measure(labels: pd.DataFrame) -> None:
    found, warnings = find_estimands(study(labels))
    assert warnings == [] and list(found) == ["more_done", "slower"]
    assert (found["more_done"].estimate, found["more_done"].unit, found["more_done"].n) == (1.0, "points", 29)
    assert found["slower"].estimate == pytest.approx(2.1, abs=0.01) and found["slower"].n == 29
    assert (found["slower"].measure, found["slower"].unit, found["slower"].method) == ("seconds", "s", "t by item")
    assert found["slower"].decision == "yes"


def test_values_of_a_further_measure_are_missing_by_their_own_reason(labels: pd.DataFrame) -> None:
    table = table_of(labels, "seconds", "done")
    assert table["missing"].dropna().tolist() == [NO_VALUE] and table["value"].isna().sum() == 1
    assert table_of(labels, "done", "done") is labels


def test_a_study_that_stops_when_decided_has_none_and_says_so(labels: pd.DataFrame) -> None:
    found, (warning,) = find_estimands(study(labels, until="decided"))
    assert found == {} and "more_done and slower" in warning and "--until all" in warning
    assert find_estimands(study(labels, until="decided", estimands={})) == ({}, [])
