"""Regressions of labels and pooled means: estimates against other implementations, coverage with known truth."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, special

from feint.stats.estimands import (
    BoundedLogistic,
    Estimand,
    LogisticEstimand,
    PooledDifference,
    conclude_estimands,
)
from feint.stats.estimands.regression import firth
from feint.stats.intervals import wilson
from feint.stats.measures import Measure
from feint.stats.types import Floats
from feint.stats.units import Unit

ONE, LABEL, REAL = Unit("units", digits=2), Measure("label"), Measure("score", "real")
CELLS, STUDIES, ITEMS = ("own", "other"), 600, 40
Draw = Callable[[np.random.Generator, int], pd.DataFrame]


def table(item: Floats, cell: Floats, value: Floats, **columns: Floats) -> pd.DataFrame:
    """A table of labels with a row for each reply; cells are numbers of `CELLS`, and NaN is missing."""
    frame = pd.DataFrame({
        "cell": np.array(CELLS)[cell.astype(int)], "request": [f"r{i}" for i in item], "wording": "v-1", "voice": "v",
        "sample": np.arange(len(value)), "twin": False, "value": value, "stated": [()] * len(value), **columns,
    })  # fmt: skip
    return frame.assign(missing=frame["value"].isna().map({True: "cut", False: None}))


def crossed(items: int) -> tuple[Floats, Floats]:
    """Item and cell of three replies in each cell."""
    item, cell, _ = np.indices((items, 2, 3))
    return item.ravel(), cell.ravel()


def labelled(rng: np.random.Generator, items: int, endless: bool = False) -> pd.DataFrame:
    """Labels that rise with a number of the item, more so in the first cell; items differ beside it.

    A table of endless replies holds the chance of a 1 in place of the label.
    """
    item, cell = crossed(items)
    level, own = rng.normal(size=items)[item], rng.normal(size=items)[item]
    chance = special.expit(-0.3 + 0.6 * level + 0.5 * (cell == 0) + 0.4 * level * (cell == 0) + 0.7 * own)
    value = chance if endless else (rng.random(len(item)) < chance).astype(float)
    return table(item, cell, value, level=level)


def regressors(frame: pd.DataFrame) -> Floats:
    own = (frame["cell"] == "own").to_numpy(float)
    level = frame["level"].to_numpy(float)
    return np.column_stack([np.ones(len(frame)), level, own, own * level])


LOGISTIC = LogisticEstimand("steeper", 0.1, ONE, CELLS, regressors, lambda beta: beta[:, 3])
QUOTIENT = LogisticEstimand("quotient", 0.1, ONE, CELLS, regressors, lambda beta: beta[:, 2] / beta[:, 1])
BOUNDED = BoundedLogistic("bounded", 0.1, ONE, CELLS, regressors, lambda beta: np.tanh((beta[:, 0] + beta[:, 2]) / 2))
POOLED = PooledDifference("kept", 0.05, ONE, {"own": 1.0, "other": -1.0})


def found_of(estimand: Estimand, frame: pd.DataFrame, measure: Measure = LABEL) -> dict[str, object]:
    return conclude_estimands(frame, [estimand], cells=CELLS, measure=measure)[estimand.key]


def without(frame: pd.DataFrame, cell: str) -> pd.DataFrame:
    """The table with all replies of a cell missing."""
    value = frame["value"].where(frame["cell"] != cell)
    return frame.assign(value=value, missing=value.isna().map({True: "cut", False: None}))


def least(x_NP: Floats, ones_N: Floats, trials_N: Floats) -> Floats:
    """The coefficients that minimise Firth's penalised loss, by a general optimiser."""

    def loss(beta: Floats) -> float:
        logit = x_NP @ beta
        weight = trials_N * special.expit(logit) * special.expit(-logit)
        penalty = np.linalg.slogdet(x_NP.T @ (weight[:, None] * x_NP))[1] / 2
        return float(trials_N @ np.logaddexp(0, logit) - ones_N @ logit - penalty)

    return np.asarray(optimize.minimize(loss, np.zeros(x_NP.shape[1]), method="BFGS", options={"gtol": 1e-8}).x)


SMALL = [
    ([2, 1, 3, 5], [6, 4, 6, 6]),
    ([0, 0, 4, 9], [5, 5, 5, 9]),  # separated
    ([1, 6, 1, 0], [1, 6, 1, 1]),  # slow to converge
    ([0, 0, 0, 1], [1, 3, 8, 1]),
]


@pytest.mark.parametrize(("ones", "trials"), SMALL)
def test_a_fit_is_the_maximum_of_the_penalised_likelihood(ones: list[float], trials: list[float]) -> None:
    x = np.vander([0.0, 1.0, 2.0, 5.0], 2)
    fitted = firth(x, np.array([ones], float), np.array([trials], float))[0]
    assert fitted == pytest.approx(least(x, np.array(ones, float), np.array(trials, float)), abs=1e-4)


def test_weights_of_items_are_weights_of_the_regression() -> None:
    frame = labelled(np.random.default_rng(1), 50)
    item, _ = crossed(50)
    x, y = regressors(frame), frame["value"].to_numpy(float)
    times = 2000.0 * np.random.default_rng(2).integers(1, 4, 50)[item]  # so many that the correction does not count
    fitted = firth(x, (times * y)[None], times[None])[0]
    assert fitted == pytest.approx(sm.GLM(y, x, sm.families.Binomial(), freq_weights=times).fit().params, abs=1e-3)


def test_a_statistic_without_an_item_is_that_of_a_table_without_it() -> None:
    frame = labelled(np.random.default_rng(3), 12)
    found, less = found_of(LOGISTIC, frame), found_of(LOGISTIC, frame[frame["request"] != "r5"])
    each = [found_of(LOGISTIC, frame[frame["request"] != f"r{i}"])["estimate"] for i in range(12)]
    error = np.sqrt(11 / 12 * ((np.array(each, float) - np.mean(np.array(each, float))) ** 2).sum())
    low, high = float(str(found["low"])), float(str(found["high"]))
    assert found["n"] == 12 and less["n"] == 11
    assert (high - low) / 2 == pytest.approx(special.stdtrit(11, 0.975) * error, rel=1e-6)


@pytest.mark.parametrize(("offset", "scale"), [(1000.0, 1.0), (0.0, 1000.0), (0.0, 1e-3)])
def test_the_unit_of_a_regressor_does_not_matter(offset: float, scale: float) -> None:
    x, ones, trials = np.array([0.0, 1.0, 2.0, 5.0]), np.array([[3.0, 5.0, 4.0, 8.0]]), np.full((1, 4), 9.0)
    plain = firth(np.vander(x, 2), ones, trials)[0, 0]
    assert firth(np.vander(offset + scale * x, 2), ones, trials)[0, 0] * scale == pytest.approx(plain, rel=1e-6)


def test_what_the_replies_do_not_identify_has_no_number() -> None:
    frame = labelled(np.random.default_rng(4), 30)
    assert found_of(LOGISTIC, without(frame, "own"))["estimate"] is None
    twice = np.column_stack([regressors(frame), frame["level"]])
    y = frame["value"].to_numpy(float)[None]
    both = firth(twice, y, np.ones_like(y))[0]
    assert np.isnan(both[[1, 4]]).all() and np.isfinite(both[[0, 2, 3]]).all()
    assert both[[0, 2, 3]] == pytest.approx(firth(regressors(frame), y, np.ones_like(y))[0, [0, 2, 3]])
    assert np.isnan(firth(twice, y, np.zeros_like(y))).all()


def kept(rng: np.random.Generator, items: int, endless: bool = False) -> pd.DataFrame:
    """A measure that only some replies have, more of them the likelier its 1 is.

    A table of endless replies is a large table of labels.
    """
    item, cell = crossed(items)
    own = rng.normal(size=items)[item]
    has = rng.random(len(item)) < special.expit(0.2 + own)
    value = (rng.random(len(item)) < special.expit(-0.2 + 0.8 * (cell == 0) + own)).astype(float)
    return table(item, cell, np.where(has, value, np.nan))


def shares(frame: pd.DataFrame) -> float:
    """The difference of pooled shares, by pandas."""
    mean = frame.dropna(subset="value").groupby("cell")["value"].mean()
    return float(mean["own"] - mean["other"])


def test_a_pooled_difference_is_of_shares_of_the_replies_that_have_the_measure() -> None:
    frame = kept(np.random.default_rng(5), 40)
    assert found_of(POOLED, frame)["estimate"] == pytest.approx(shares(frame))
    items = frame.dropna(subset="value").groupby(["request", "cell"])["value"].mean().unstack().dropna()
    assert shares(frame) != pytest.approx((items["own"] - items["other"]).mean(), abs=1e-3), "no mean over items"
    assert found_of(POOLED, without(frame, "other"))["estimate"] is None


def truth_of(name: str) -> float:
    """The number of very many items, by another implementation than the one under test."""
    rng = np.random.default_rng(6)
    if name == "kept":
        return float(np.mean([shares(kept(rng, 100_000)) for _ in range(4)]))
    frame = labelled(rng, 60_000, endless=True)
    beta = sm.GLM(frame["value"], regressors(frame), sm.families.Binomial()).fit().params.to_numpy()
    return float({"steeper": LOGISTIC, "quotient": QUOTIENT, "bounded": BOUNDED}[name].function(beta[None])[0])


def test_the_expected_number_is_that_of_endless_replies() -> None:
    frame = labelled(np.random.default_rng(6), 5000, endless=True)
    fitted = sm.GLM(frame["value"], regressors(frame), sm.families.Binomial()).fit()
    assert LOGISTIC.expected(frame) == pytest.approx(fitted.params.iloc[3], abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("estimand", "draw"), [(LOGISTIC, labelled), (BOUNDED, labelled), (POOLED, kept)])
def test_intervals_hold_the_truth_as_often_as_they_say(estimand: Estimand, draw: Draw) -> None:
    truth, rng, held = truth_of(estimand.key), np.random.default_rng(7), 0
    for _ in range(STUDIES):
        found = found_of(estimand, draw(rng, ITEMS))
        assert found["low"] is not None
        held += float(str(found["low"])) <= truth <= float(str(found["high"]))
    low, high = wilson(held / STUDIES, STUDIES, 0.95)
    assert 0.93 <= held / STUDIES <= 0.97, (held / STUDIES, low, high)
