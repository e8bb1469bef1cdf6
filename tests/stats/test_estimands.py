"""Estimands beside contrasts: numbers against other implementations, decisions in their own units, faults told."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols

from feint.base.errors import UsageError
from feint.stats.estimands import (
    Criterion,
    FunctionEstimand,
    MeanDifference,
    RankCorrelation,
    Ratio,
    Sensitivity,
    Share,
    Slope,
    conclude_estimands,
)
from feint.stats.estimands.intervals import bca_interval
from feint.stats.estimands.regression import firth
from feint.stats.measures import Measure
from feint.stats.units import Unit

RNG = np.random.default_rng(8)
SECONDS, REAL, COUNT, LABEL = Unit("s", digits=1), Measure("time", "real"), Measure("steps", "count"), Measure("label")
CELLS = ["a", "b", "c"]


def table(values, cells=CELLS):
    """A table from values of shape (items, cells, samples); NaN is missing."""
    item, cell, sample = (axis.ravel() for axis in np.indices(np.shape(values)))
    value = np.ravel(values)
    frame = pd.DataFrame({
        "cell": np.array(cells)[cell], "request": [f"r{i}" for i in item], "wording": "v-1", "voice": "v",
        "sample": sample, "twin": False, "value": value, "stated": [()] * len(value),
    })  # fmt: skip
    return frame.assign(missing=[None if known else "cut" for known in frame["value"].notna()])


def one(values, estimand, measure=REAL, cells=CELLS):
    return conclude_estimands(table(values, cells), [estimand], cells=cells, measure=measure)[estimand.key]


def test_a_mean_difference_is_the_paired_t_test() -> None:
    values = RNG.normal(size=(30, 3, 2)) + np.array([0.8, 0.0, 0.0])[:, None]
    found = one(values, MeanDifference("gap", 0.2, SECONDS, {"a": 1.0, "b": -1.0}))
    each = values.mean(axis=2)
    test = stats.ttest_rel(each[:, 0], each[:, 1])
    ends = test.confidence_interval()
    assert (found["estimate"], found["p"]) == pytest.approx(((each[:, 0] - each[:, 1]).mean(), test.pvalue))
    assert (found["low"], found["high"]) == pytest.approx((ends.low, ends.high))
    assert (found["method"], found["n"], found["unit"], found["decision"]) == ("t by item", 30, "s", "yes")
    assert found["reason"].endswith("above 0 and estimate at least 0.2 s")


def test_a_binary_measure_has_the_interval_and_the_worst_case_of_contrasts() -> None:
    values = (RNG.random((40, 3, 1)) < np.array([0.9, 0.2, 0.2])[:, None]).astype(float)
    values[:7, 0] = np.nan
    found = one(values, MeanDifference("gap", 0.05, Unit("points", "point", 100), {"a": 1.0, "b": -1.0}), LABEL)
    assert (found["method"], found["n"], found["decision"]) == ("score", 33, "yes")
    values[:20, 0] = np.nan
    gone = one(values, MeanDifference("gap", 0.05, Unit("points", "point", 100), {"a": 1.0, "b": -1.0}), LABEL)
    assert gone["decision"] == "undetermined" and "50 % of the replies in a are missing" in gone["reason"]


def test_labels_all_alike_have_an_interval_and_numbers_all_alike_have_none() -> None:
    found = one(np.ones((30, 3, 1)), MeanDifference("gap", 0.5, SECONDS, {"a": 1.0, "b": -1.0}), LABEL)
    assert found["method"] == "score" and found["low"] < 0 < found["high"] and found["decision"] == "no"
    alike = one(np.ones((30, 3, 1)), MeanDifference("gap", 0.5, SECONDS, {"a": 1.0, "b": -1.0}))
    assert (alike["low"], alike["decision"]) == (None, "undetermined")
    assert alike["reason"] == "it has no interval: its requests are too few or all alike"


def test_a_ratio_is_of_means_over_items_and_one_of_zero_has_no_interval() -> None:
    values = RNG.poisson(np.array([4.0, 2.0, 1.0])[:, None], (60, 3, 2)).astype(float)
    found = one(values, Ratio("more", 0.1, Unit("%", scale=100), "a", "b"), COUNT)
    assert found["estimate"] == pytest.approx(values[:, 0].mean() / values[:, 1].mean() - 1)
    assert found["low"] < 1.0 < found["high"] and found["decision"] == "yes"
    turned = one(values, Ratio("more", 0.1, Unit("%", scale=100), "b", "a"), COUNT)
    assert (1 + turned["low"]) * (1 + found["high"]) == pytest.approx(1, rel=0.02)
    never = values * np.array([0.0, 1.0, 1.0])[:, None]
    assert one(never, Ratio("more", 0.1, SECONDS, "a", "b"), COUNT)["low"] is None
    assert one(never, Ratio("more", 0.1, SECONDS, "b", "a"), COUNT)["estimate"] is None
    with pytest.raises(UsageError, match="measure 'time' has negative values"):
        one(-values, Ratio("more", 0.1, SECONDS, "a", "b"))


def test_a_linear_slope_is_that_with_items_as_blocks_whatever_is_missing() -> None:
    values = RNG.normal(size=(25, 3, 1)) + 5 * RNG.normal(size=(25, 1, 1)) + 0.7 * np.array([0.0, 1.0, 4.0])[:, None]
    values[:4, 2] = np.nan
    found = one(values, Slope("dose", 0.1, Unit("s a step", digits=2), {"a": 0.0, "b": 1.0, "c": 4.0}))
    frame = table(values).assign(x=lambda rows: rows["cell"].map({"a": 0.0, "b": 1.0, "c": 4.0})).dropna(subset="value")
    assert found["estimate"] == pytest.approx(ols("value ~ C(request) + x", frame).fit().params["x"])
    assert found["n"] == 25 and found["decision"] == "yes"


def test_a_logistic_slope_is_firths_and_finite_where_levels_are_separated() -> None:
    x, trials = np.array([0.0, 1.0, 2.0]), np.full((1, 3), 4000.0)
    ones = np.round(trials / (1 + np.exp(-(-1 + 0.8 * x))))
    assert firth(np.vander(x, 2), ones, trials)[0, 0] == pytest.approx(0.8, abs=0.01)
    # two groups of n: half a label more of each kind in each group is Firth's estimate (Heinze & Schemper 2002)
    apart = firth(np.vander([0.0, 1.0], 2), np.array([[0.0, 20.0]]), np.full((1, 2), 20.0))[0, 0]
    assert apart == pytest.approx(2 * math.log(20.5 / 0.5), rel=1e-6)
    values = (RNG.random((40, 3, 2)) < np.array([0.1, 0.4, 0.9])[:, None]).astype(float)
    found = one(values, Slope("dose", 0.5, Unit("log odds", digits=1), {"a": 0, "b": 1, "c": 2}, "logistic"), LABEL)
    assert found["decision"] == "yes" and found["low"] < 2.2 < found["high"]


def test_sensitivity_and_criterion_are_those_of_hautus() -> None:
    values = np.zeros((10, 3, 5))
    values[:, 0], values[:3, 1, :2] = 1.0, 1.0
    values[0, 0, 0] = 0.0
    hit, alarm = 49.5 / 51, 6.5 / 51
    z = stats.norm.ppf
    assert one(values, Sensitivity("d", 0.5, SECONDS, "a", "b"), LABEL)["estimate"] == pytest.approx(z(hit) - z(alarm))
    found = one(values, Criterion("c", 0.5, SECONDS, "a", "b"), LABEL)
    assert found["estimate"] == pytest.approx(-(z(hit) + z(alarm)) / 2)


def test_a_share_is_told_less_chance_and_its_p_fits_its_interval() -> None:
    choice = Measure("act", "choice", choices=("left", "right", "wait"))
    values = np.where(RNG.random((50, 3, 1)) < 0.75, "left", "wait").astype(object)
    found = one(values, Share("left", 0.1, Unit("points", scale=100), "a", "left", 1 / 3), choice)
    assert found["estimate"] == pytest.approx((values[:, 0] == "left").mean() - 1 / 3)
    assert (found["method"], found["decision"]) == ("exact", "yes") and found["p"] < 0.05 and found["low"] > 0
    with pytest.raises(UsageError, match="did you mean 'left'"):
        one(values, Share("left", 0.1, SECONDS, "a", "lefd"), choice)
    with pytest.raises(UsageError, match="found up, expected one of left, right, wait or nothing"):
        one(np.full((4, 3, 1), "up", dtype=object), Share("left", 0.1, SECONDS, "a", "left"), choice)


@pytest.mark.parametrize(("kind", "other"), [("spearman", stats.spearmanr), ("kendall", stats.kendalltau)])
def test_rank_correlations_are_those_of_scipy_with_ties(kind, other) -> None:
    values = np.floor(RNG.normal(size=(40, 1, 1)) * 2 + RNG.normal(size=(40, 3, 1)))
    found = one(values, RankCorrelation("rank", 0.1, SECONDS, "a", "b", kind))
    assert found["estimate"] == pytest.approx(other(values[:, 0, 0], values[:, 1, 0]).statistic)
    assert -1 < found["low"] < found["estimate"] < found["high"] < 1


def test_a_function_of_the_table_is_resampled_by_item() -> None:
    values = np.exp(RNG.normal(size=(20, 3, 2)))

    def middle(rows: pd.DataFrame) -> float:
        return float(rows[rows["cell"] == "a"].groupby("request")["value"].mean().median())

    found = one(values, FunctionEstimand("middle", 0.5, SECONDS, middle, ("a",)))
    each = values[:, 0].mean(axis=1)

    def same(w):
        return np.array([np.median(np.repeat(each, times)) for times in w.astype(int)])

    twin = bca_interval(same, 20, 0.95)
    assert found["method"] == "bca by item"
    assert (found["estimate"], found["low"], found["high"]) == pytest.approx((twin.estimate, twin.low, twin.high))


def test_bca_is_near_that_of_scipy() -> None:
    y = np.exp(RNG.normal(size=50))
    ours = bca_interval(lambda w: (w @ y) / w.sum(axis=1), 50, 0.95)
    theirs = stats.bootstrap((y,), np.mean, n_resamples=9999, method="BCa", rng=np.random.default_rng(1))
    ends = theirs.confidence_interval
    assert (ours.low, ours.high) == pytest.approx((ends.low, ends.high), rel=0.03)
    assert ours.p < 0.001


def test_what_does_not_suit_is_refused_in_one_line() -> None:
    values = RNG.normal(size=(10, 3, 1))
    slope = Slope("dose", 0.1, SECONDS, {"a": 0, "b": 1}, "logistic")
    with pytest.raises(UsageError, match="estimand 'dose': measure 'time' is of scale real; it needs binary"):
        one(values, slope)
    with pytest.raises(UsageError, match=r"found 7\.0, expected numbers from 0 to 4 or nothing"):
        one(np.full((4, 3, 1), 7.0), slope, Measure("grade", "ordinal", low=0, high=4))
    with pytest.raises(UsageError, match=r"found -1\.0, expected whole numbers from 0"):
        one(-np.ones((4, 3, 1)), slope, COUNT)
    assert conclude_estimands(table(values), [], cells=CELLS, measure=REAL) == {}


def test_p_values_are_adjusted_over_the_estimands() -> None:
    values = RNG.normal(size=(20, 3, 1)) + np.array([1.2, 0.0, 0.0])[:, None]
    both = [
        MeanDifference("one", 0.1, SECONDS, {"a": 1.0, "b": -1.0}),
        RankCorrelation("two", 0.1, SECONDS, "b", "c"),
    ]
    found = conclude_estimands(table(values), both, cells=CELLS, measure=REAL)
    assert found["one"]["p_holm"] == pytest.approx(2 * found["one"]["p"])
    assert found["two"]["p_holm"] == pytest.approx(max(found["two"]["p"], found["one"]["p_holm"]))
