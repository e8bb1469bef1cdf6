"""Ratios of rates: a closed case, what is said over a base near zero, and coverage by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from feint.findings.contrasts import RatioFinding
from feint.report.words import ratio_line
from feint.stats import Contrast, Settings, conclude
from feint.stats.contrasts import mover_ratio, ratio_of_sides
from feint.stats.table import read_table
from feint.stats.types import Estimate

PRESENCE = Contrast("presence", {"peer": 1, "alone": -1}, "peer - alone", ratio=True)
CELLS = ["alone", "peer"]


def table(alone: np.ndarray, peer: np.ndarray) -> pd.DataFrame:
    """Labels of shape (requests, replies), a wording for each reply."""
    rows = [
        {"cell": cell, "request": f"r{i}", "wording": f"v#{j}", "voice": "v", "sample": 1, "twin": False,
         "value": float(y), "missing": None, "stated": ()}
        for cell, values in (("alone", alone), ("peer", peer))
        for i, row in enumerate(values)
        for j, y in enumerate(row)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def ratio(alone: np.ndarray, peer: np.ndarray) -> dict:  # type: ignore[type-arg]
    return ratio_of_sides(read_table(table(alone, peer), CELLS)[0], PRESENCE, Settings())


def first(k: int, n: int) -> np.ndarray:
    return (np.arange(n) < k).astype(float)[:, None]


def test_an_interval_of_two_rates() -> None:
    # The ends are where MOVER's interval of the difference a - R b just holds zero.
    a, b = Estimate(0.4, 0.3094, 0.4980), Estimate(0.2, 0.1334, 0.2888)
    assert a.estimate and a.low and a.high and b.estimate and b.low and b.high
    low, high = mover_ratio(a, b, 0.0)

    def lowest(times: float) -> float:
        return a.estimate - times * b.estimate - np.hypot(a.estimate - a.low, times * (b.high - b.estimate))

    def highest(times: float) -> float:
        return a.estimate - times * b.estimate + np.hypot(a.high - a.estimate, times * (b.estimate - b.low))

    assert low == pytest.approx(optimize.brentq(lowest, 0.1, 2))
    assert high == pytest.approx(optimize.brentq(highest, 2, 9))


def test_a_ratio_with_its_interval() -> None:
    found = ratio(first(20, 100), first(40, 100))
    assert found["estimate"] == pytest.approx(2.0)
    assert found["low"] < 2 < found["high"]
    assert not found["near_zero"] and found["n"] == 100
    assert "2.0 ×" in ratio_line(RatioFinding(**found))


@pytest.mark.parametrize("base", [0, 1])
def test_over_a_base_near_zero_no_ratio_is_stated(base: int) -> None:
    found = ratio(first(base, 60), first(30, 60))
    assert found["near_zero"] and found["estimate"] is None and found["high"] is None
    assert 1 < found["low"] < 30
    assert "at least" in ratio_line(RatioFinding(**found)) and "near zero" in ratio_line(RatioFinding(**found))


def test_nothing_is_said_of_two_rates_of_zero() -> None:
    found = ratio(first(0, 60), first(0, 60))
    assert found["estimate"] is None and not found["low"]
    assert "no ratio at all" in ratio_line(RatioFinding(**found))


def test_runs_that_lack_a_partner_do_not_count() -> None:
    labels = table(first(10, 40), first(20, 40))
    lost = labels[(labels["cell"] == "peer") & labels["request"].isin([f"r{i}" for i in range(5)])].index
    labels.loc[lost, "value"] = np.nan
    labels.loc[lost, "missing"] = "incapable"
    found = ratio_of_sides(read_table(labels, CELLS)[0], PRESENCE, Settings())
    assert found["n"] == 35
    assert found["base"]["estimate"] == pytest.approx(5 / 35)


def test_findings_hold_a_ratio_where_the_contrast_asks_for_one() -> None:
    labels = table(first(10, 40), first(20, 40))
    plain = Contrast("presence", PRESENCE.weights, PRESENCE.expression)
    asked, not_asked = (conclude(labels, [one], cells=CELLS)["contrasts"]["presence"] for one in (PRESENCE, plain))
    assert asked["ratio"]["estimate"] == pytest.approx(2.0)
    assert "ratio" not in not_asked


@pytest.mark.parametrize(("requests", "each", "low", "high"), [(30, 1, 0.2, 0.6), (30, 3, 0.1, 0.5)])
def test_coverage(requests: int, each: int, low: float, high: float) -> None:
    rng, truth, held, told = np.random.default_rng(1), high / low, 0, 0
    for _ in range(200):
        shift = rng.normal(0, 0.8, (requests, 1))
        alone, peer = (
            (rng.random((requests, each)) < 1 / (1 + np.exp(-(np.log(p / (1 - p)) * 1.15 + shift)))).astype(float)
            for p in (low, high)
        )
        found = ratio(alone, peer)
        told += not found["near_zero"]
        held += (found["low"] or 0) <= truth <= (found["high"] or np.inf)
    assert held / 200 >= 0.93
    assert told / 200 >= 0.7
