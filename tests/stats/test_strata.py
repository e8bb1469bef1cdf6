"""Strata: what a study fixes is no part of chance, and intervals still hold the truth."""

import numpy as np
import pandas as pd
import pytest

from feint.stats import Contrast, conclude
from feint.stats.differences import PRIOR_REQUESTS, codes_of, strata_gain
from feint.stats.looks.replay import Course
from feint.stats.looks.stopping import Looking
from feint.stats.score import outcomes, score_interval

GAP = Contrast("threat", {"threat": 1, "calm": -1}, "threat - calm", "threat", gap=True)
HALVES = np.repeat([0, 1], 15)


def test_no_gain_without_strata_or_without_differences_between_them() -> None:
    values = np.random.default_rng(0).integers(0, 2, 30).astype(float)
    assert strata_gain(values, np.zeros(30, dtype=np.int64)) == 1
    assert strata_gain(values, np.arange(30)) == 1
    assert strata_gain(np.ones(30), HALVES) == 1
    # Both halves alike: what is within them is all there is.
    assert strata_gain(np.tile(values[:15], 2), HALVES) == pytest.approx(1, abs=0.05)


def test_gain_where_strata_are_all_that_differs() -> None:
    values = (HALVES == 1).astype(float)
    whole = values.var(ddof=1)
    pooled = (0 + PRIOR_REQUESTS * whole) / (28 + PRIOR_REQUESTS)
    assert strata_gain(values, HALVES) == pytest.approx(whole / pooled)
    many = np.stack([values, np.ones(30)])
    assert strata_gain(many, HALVES) == pytest.approx([whole / pooled, 1])


def test_a_request_without_a_stratum_is_one_of_its_own() -> None:
    assert list(codes_of({"a": "x", "b": "x"}, ["a", "b", "c"])) == [1, 1, 0]


def table() -> pd.DataFrame:
    rows = [
        {"cell": cell, "request": f"r{i}", "wording": "v", "voice": "v", "sample": 1, "twin": False,
         "value": float(cell == "threat" and i % 3 == 0), "missing": None, "stated": ()}
        for cell in ("calm", "threat")
        for i in range(30)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_conclude_takes_strata() -> None:
    one = [GAP]
    strata = {f"r{i}": str(i % 3) for i in range(30)}
    plain, fixed = (conclude(table(), one, cells=["calm", "threat"], strata=s) for s in (None, strata))
    wide, tight = (found["contrasts"]["threat"] for found in (plain, fixed))
    assert tight["estimate"] == wide["estimate"]
    assert wide["low"] < tight["low"] and tight["high"] < wide["high"] and tight["p"] < wide["p"]


@pytest.mark.parametrize("each", [1, 3])
@pytest.mark.parametrize("weights", [(1.0, -1.0), (1.0, -1.0, -1.0, 1.0)])
@pytest.mark.parametrize("pattern", ["even", "half", "one"])
def test_coverage(each: int, weights: tuple[float, ...], pattern: str) -> None:
    """Strata as `peer-attribution` has them; the mean that is covered is the one over these strata."""
    rng, sizes = np.random.default_rng(3), [2, 3] * 4 + [5, 5]
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    rates = np.full((len(sizes), len(weights)), 0.1)
    rates[{"even": slice(None), "half": slice(None, None, 2), "one": slice(1)}[pattern], 0] = 0.9
    logit = np.log(rates / (1 - rates))[stratum] + rng.normal(0, 1, (1500, len(stratum), 1))
    many = np.log(rates / (1 - rates))[:, None] + rng.normal(0, 1, (len(sizes), 20_000, 1))
    truth = float(((1 / (1 + np.exp(-many))).mean(axis=1) @ np.array(weights))[stratum].mean())
    means = rng.binomial(each, 1 / (1 + np.exp(-logit))) / each
    value, shares = outcomes(means, weights)
    found = means @ np.array(weights)
    gain = strata_gain(found, stratum)
    _, low, high, _ = score_interval(found, value, shares.mean(axis=1), each * len(stratum), 0.2, 0.95, gain)
    assert ((low <= truth) & (truth <= high)).mean() >= 0.93


def test_strata_and_interim_looks_together_are_refused() -> None:
    course = Course(tuple(f"r{i}" for i in range(12)), Looking((6, 12)), 1)
    with pytest.raises(ValueError, match="cannot stop when decided"):
        conclude(table(), [GAP], cells=["calm", "threat"], strata={"r0": "a"}, course=course)
