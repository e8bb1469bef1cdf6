"""Power in closed form against studies that are simulated, and what must hold whatever is assumed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import CELLS, LADDER
from scipy import stats
from scipy.special import expit

from feint.stats import Contrast, Settings, conclude
from feint.stats.power.need import (
    Assumed,
    power_of_no,
    power_of_yes,
    requests_for_no,
    requests_needed,
    room,
    smallest_gap,
    summarise_power,
)
from feint.stats.power.power import grid_step
from feint.stats.power.spread import Counts, Spread, estimate_spread, excess, moved, rates_for, suppose
from feint.stats.score import outcomes, score_interval
from feint.stats.table import read_table
from feint.tasks.alignment_faking.actors.model import solve_intercept

SETTINGS, TESTS = Settings(), 8
PAIR = Contrast("pair", {"a": 1.0, "b": -1.0}, "a - b")
FOUR = Contrast("four", {"a": 1.0, "b": -1.0, "c": -1.0, "d": 1.0}, "(a - b) - (c - d)")


def draw(rng, rates, requests, replies, spread, studies):
    """Replies of shape (studies, requests, replies, cells), requests differing as in the actors."""
    at = np.array([solve_intercept(float(rate), float(np.hypot(*spread))) for rate in rates])
    shared = spread[0] * rng.standard_normal((studies, requests, 1))
    chance = expit(at + shared + spread[1] * rng.standard_normal((studies, requests, len(rates))))
    return (rng.random((studies, requests, replies, len(rates))) < chance[:, :, None]).astype(float)


def judged(drawn, contrast, tests=TESTS):
    """Which studies say yes, are above zero, and say no, by the rule of `decide`, Holm's at its strictest."""
    weights = list(contrast.weights.values())
    values, shares = outcomes(drawn, weights)
    by_request = (drawn @ np.array(weights)).mean(axis=2)
    replies = drawn.shape[1] * drawn.shape[2]
    mean, low, high, p = score_interval(by_request, values, shares.mean(axis=(1, 2)), replies, 0.2, SETTINGS.level)
    above = (p * tests < SETTINGS.alpha) & (low > 0)
    return above & (mean >= 0.05 - 1e-12), above, (low > -0.05) & (high < 0.05)


# against simulation


@pytest.mark.parametrize(
    ("contrast", "requests", "replies", "rate", "spread"),
    [
        (PAIR, 120, 1, 0.01, (1.0, 0.5)),
        (PAIR, 120, 1, 0.3, (0.0, 0.0)),
        (PAIR, 40, 1, 0.1, (1.0, 0.5)),
        (PAIR, 40, 5, 0.02, (1.0, 0.5)),
        (PAIR, 40, 5, 0.5, (2.0, 1.0)),
        (PAIR, 60, 3, 0.6, (1.0, 1.0)),
        (PAIR, 10, 5, 0.2, (1.0, 0.5)),
        (FOUR, 120, 1, 0.05, (1.0, 0.5)),
        (FOUR, 60, 5, 0.3, (1.0, 0.5)),
    ],
)
def test_the_gap_that_is_seen_is_called_yes_as_often_as_said(contrast, requests, replies, rate, spread) -> None:
    assumed = Assumed(dict.fromkeys(contrast.weights, rate), Spread.from_logit(*spread), replies)
    gap = smallest_gap(assumed, contrast, requests, SETTINGS, TESTS, 0.8)
    assert gap is not None
    rates = rates_for(assumed.rates_of(contrast), list(contrast.weights.values()), np.array([gap]))[0]
    rng = np.random.default_rng(5)
    yes, _, _ = judged(draw(rng, rates, requests, replies, spread, 800), contrast)
    assert abs(yes.mean() - 0.8) < 0.06  # 800 studies are good to 0.03


@pytest.mark.parametrize(
    ("rate", "requests", "replies", "spread"), [(0.02, 100, 4, (1.0, 0.5)), (0.5, 200, 20, (0.0, 0.0))]
)
def test_no_gap_is_called_no_as_often_as_said(rate, requests, replies, spread) -> None:
    assumed = Assumed(dict.fromkeys(PAIR.weights, rate), Spread.from_logit(*spread), replies)
    said = power_of_no(assumed, PAIR, np.array([float(requests)]), SETTINGS)[0]
    studies = 400 if replies < 10 else 200
    _, _, no = judged(draw(np.random.default_rng(6), [rate, rate], requests, replies, spread, studies), PAIR)
    assert said > 0.3
    assert abs(no.mean() - said) < 0.08


def test_requests_needed_are_enough_and_no_more() -> None:
    assumed = Assumed({"a": 0.2, "b": 0.2}, Spread.from_logit(1.0, 0.5))
    needed, above = requests_needed(assumed, PAIR, 0.15, SETTINGS, TESTS, 0.8)
    assert needed is not None
    assert needed == above  # 15 points are far from the smallest effect of interest
    rng = np.random.default_rng(7)
    shares = [
        judged(draw(rng, [0.35, 0.2], n, 1, (1.0, 0.5), 600), PAIR)[0].mean() for n in (needed, int(needed * 0.75))
    ]
    assert abs(shares[0] - 0.8) < 0.05
    assert shares[1] < 0.72


def test_lost_replies_cost_requests() -> None:
    spread = Spread.from_logit(1.0, 0.5)
    whole, lost = (
        requests_needed(Assumed({"a": 0.2, "b": 0.2}, spread, 1, missing), PAIR, 0.2, SETTINGS, 1, 0.8)[0]
        for missing in (0.0, 0.2)
    )
    assert whole is not None
    assert lost is not None
    assert lost == pytest.approx(whole / 0.64, abs=3)  # both cells of a pair have to be there
    asked, each = Assumed({}, spread, 3.0, 0.2).kept(PAIR)
    assert asked == pytest.approx(1 - 0.36**3)
    assert asked * each == pytest.approx(3 * 0.64)


# the smallest effect of interest


def test_an_effect_of_the_smallest_size_is_called_yes_in_half_of_studies_at_most() -> None:
    assumed = Assumed({"a": 0.2, "b": 0.2}, Spread())
    sizes = np.array([500.0, 5_000.0, 50_000.0])
    yes, above = power_of_yes(assumed, PAIR, 0.05, sizes, SETTINGS, TESTS)
    assert (yes <= 0.51).all()
    assert above[-1] > 0.999
    needed = requests_needed(assumed, PAIR, 0.05, SETTINGS, TESTS, 0.8)
    assert needed[0] is None
    assert needed[1] is not None
    drawn = draw(np.random.default_rng(8), [0.25, 0.2], 4000, 1, (0.0, 0.0), 200)
    called, significant, _ = judged(drawn, PAIR)
    assert abs(called.mean() - 0.5) < 0.11
    assert significant.mean() > 0.95


def test_smaller_effects_are_called_yes_ever_more_seldom() -> None:
    yes, _ = power_of_yes(
        Assumed({"a": 0.2, "b": 0.2}, Spread()), PAIR, 0.03, np.array([500.0, 5000.0, 50000.0]), SETTINGS, 1
    )
    assert yes[0] > yes[1] > yes[2]


# the model


def test_cells_that_carry_a_gap() -> None:
    assert moved([1.0, -1.0]).tolist() == [True, False]
    assert moved([1.0, -1.0, -1.0, 1.0]).tolist() == [True, False, False, False]
    assert moved([-1.0, 1 / 3, 1 / 3, 1 / 3]).tolist() == [False, True, True, True]
    assert moved([0.5, 0.5, -0.5, -0.5]).tolist() == [True, True, False, False]


def test_rates_for_a_gap() -> None:
    found = rates_for(np.array([0.9, 0.1, 0.4, 0.2]), [1.0, -1.0, -1.0, 1.0], np.array([0.0, 0.3, 0.75]))
    assert found[0] == pytest.approx([0.3, 0.1, 0.4, 0.2])
    assert found[1] == pytest.approx([0.6, 0.1, 0.4, 0.2])
    assert np.isnan(found[2]).all()


def test_cells_that_differ_too_much_to_be_shifted_alike_get_one_rate() -> None:
    rates, weights = np.array([0.9, 0.5, 0.1, 0.1]), [0.5, 0.5, -0.5, -0.5]
    none, some, much = rates_for(rates, weights, np.array([0.0, 0.55, 0.85]))
    assert none == pytest.approx([0.1, 0.1, 0.1, 0.1])  # 0.6 less of each would be -0.1 for the second
    assert some == pytest.approx([0.85, 0.45, 0.1, 0.1])
    assert much == pytest.approx([0.95, 0.95, 0.1, 0.1])
    both = Contrast("threat", dict(zip("abcd", weights, strict=True)), "(a + b) / 2 - (c + d) / 2")
    assumed = Assumed(dict(zip("abcd", rates, strict=True)), Spread(0.0, 0.0))
    assert room(assumed, both) == pytest.approx(0.9)
    assert smallest_gap(assumed, both, 30, Settings(), 14, 0.8) is not None


@given(st.floats(0.02, 0.9), st.floats(0, 0.9), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_supposed_sets_have_the_gap_and_the_variance_they_should(rate, same, part) -> None:
    spread, gap = Spread(same, same * part), min(0.08, (1 - rate) / 2)
    sets = suppose(np.array([0.5, rate]), [1.0, -1.0], np.array([gap]), spread)
    assert sets.shares.sum() == pytest.approx(1)
    assert sets.shares[0] @ sets.values == pytest.approx(gap, abs=1e-3)
    a, b = rate + gap, rate
    joint = excess(np.array(a), np.array(b), spread.other)
    assert sets.variance[0] == pytest.approx(a * (1 - a) + b * (1 - b) - 2 * joint, abs=2e-3)
    assert -1e-6 <= sets.between[0] <= sets.variance[0] + 1e-6
    assert sets.clustering(1.0)[0] == pytest.approx(1)


def test_spread_on_the_logit_scale_there_and_back() -> None:
    assert Spread.from_logit(1.3, 0.4).to_logit() == pytest.approx((1.3, 0.4))
    assert Spread.from_logit(0, 0) == Spread(0, 0)


def test_excess_is_that_of_two_correlated_normals() -> None:
    both = stats.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]]).cdf(stats.norm.ppf([0.3, 0.1]))
    assert excess(np.array(0.3), np.array(0.1), 0.6) == pytest.approx(both - 0.03, abs=1e-4)


@pytest.mark.parametrize("difficulty, shifts", [(0.0, 0.0), (1.0, 0.5), (2.0, 0.0), (1.0, 1.5)])
def test_spread_is_estimated(difficulty, shifts) -> None:
    drawn = draw(np.random.default_rng(9), [0.3, 0.15], 1500, 4, (difficulty, shifts), 1)[0]
    found = estimate_spread(Counts(np.full((1500, 2), 4.0), drawn.sum(axis=1)), 0.2)
    true = Spread.from_logit(difficulty, shifts)
    assert found.same == pytest.approx(true.same, abs=0.06)
    assert found.other == pytest.approx(true.other, abs=0.07)


def test_a_few_alike_replies_leave_the_assumption() -> None:
    none = estimate_spread(Counts(np.full((20, 2), 5.0), np.zeros((20, 2))), 0.2)
    assert none.same > 0.2  # latent: a correlation of 0.2 of replies that are nearly all alike
    assert none.other == 0
    once = estimate_spread(Counts(np.ones((40, 2)), np.tile([[1.0, 1.0], [0.0, 0.0]], (20, 1))), 0.2)
    assert once.same == once.other > 0.8


@given(st.sampled_from([PAIR, FOUR]), st.floats(0.02, 0.6), st.floats(0, 0.5), st.sampled_from([1.0, 3.0]))
@settings(max_examples=15, deadline=None)
def test_power_grows_with_requests_and_with_the_gap(contrast, rate, same, each) -> None:
    assumed = Assumed(dict.fromkeys(contrast.weights, rate), Spread(same, same / 2), each)
    by_gap, _ = power_of_yes(assumed, contrast, np.array([0.05, 0.1, 0.2, 0.35]), 100.0, SETTINGS, TESTS)
    assert (np.diff(by_gap) > -0.03).all()  # but for the steps that whole numbers make
    by_size, _ = power_of_yes(assumed, contrast, 0.2, np.array([10.0, 30.0, 100.0, 300.0, 1000.0]), SETTINGS, TESTS)
    assert (np.diff(by_size) > -0.03).all()
    strict, _ = power_of_yes(assumed, contrast, 0.2, 100.0, SETTINGS, 20)
    assert strict[0] <= power_of_yes(assumed, contrast, 0.2, 100.0, SETTINGS, 1)[0][0] + 1e-9
    assert ((by_gap >= 0) & (by_gap <= 1)).all()


def test_no_room() -> None:
    full = Assumed({"a": 0.97, "b": 0.97}, Spread())
    assert smallest_gap(full, PAIR, 500, SETTINGS, 1, 0.8) is None
    assert requests_needed(full, PAIR, 0.1, SETTINGS, 1, 0.8) == (None, None)
    assert np.isnan(power_of_yes(full, PAIR, 0.1, 100.0, SETTINGS, 1)[0][0])
    needed, at = requests_for_no(full, PAIR, SETTINGS, 0.8, at=10_000.0)
    assert needed is not None
    assert at == pytest.approx(1, abs=1e-3)


def test_means_that_a_study_can_have() -> None:
    assert grid_step(np.array([-1.0, 0.0, 1.0]), np.array([40.0]), 1.0) == pytest.approx(1 / 40)
    assert grid_step(np.array([-1.0, -1 / 3, 1.0]), np.array([40.0]), 1.0) == pytest.approx(1 / 120)
    assert grid_step(np.array([-1.0, 0.0, 1.0]), np.array([40.0]), 5.0) == 0
    assert grid_step(np.array([-1.0, 0.914, 1.0]), np.array([40.0]), 1.0) == 0


# what a study says of itself


def study(requests: int, replies: int, rate: float, seed: int = 0) -> pd.DataFrame:
    """A study of the ladder in which nothing matters."""
    drawn = draw(np.random.default_rng(seed), [rate] * len(CELLS), requests, replies, (1.0, 0.5), 1)[0]
    rows = [
        (cell, f"r{request}", f"memo-{wording}", "memo", 1, False, drawn[request, wording, code], None, ())
        for request in range(requests)
        for wording in range(replies)
        for code, cell in enumerate(CELLS)
    ]
    columns = ["cell", "request", "wording", "voice", "sample", "twin", "value", "missing", "stated"]
    return pd.DataFrame(rows, columns=columns)


def seen(table: pd.DataFrame, contrasts=LADDER, **more):
    replies, _ = read_table(table, CELLS)
    return summarise_power(replies, contrasts, SETTINGS, **more)


def test_what_a_study_could_have_seen() -> None:
    table = study(60, 2, 0.2)
    found = seen(table)
    assert list(found["contrasts"]) == [contrast.key for contrast in LADDER]
    entry = found["contrasts"]["goal_guarding"]
    assert (entry["requests"], entry["per_request"], entry["why"]) == (60, 2.0, "")
    assert 0.1 < entry["gap"] < 0.35
    assert found["contrasts"]["instrumental"]["gap"] > entry["gap"]
    larger = seen(study(240, 2, 0.2))["contrasts"]["goal_guarding"]
    assert larger["gap"] < entry["gap"]
    planned = seen(table, requests=240)["contrasts"]["goal_guarding"]
    assert planned["requests"] == 240
    assert planned["gap"] == pytest.approx(larger["gap"], rel=0.3)
    assert entry["no"] < planned["no"] or entry["no"] == planned["no"] == 0


def test_the_estimate_does_not_enter() -> None:
    table = study(60, 2, 0.2)
    other = table.copy()
    raised = (other["cell"] == "trained") & (other["value"] == 0)
    other.loc[other.index[raised][::2], "value"] = 1.0
    before, after = (seen(one)["contrasts"]["goal_guarding"] for one in (table, other))
    gaps = [
        conclude(one, LADDER, cells=CELLS)["contrasts"]["goal_guarding"]["estimate"] for one in (table, other)
    ]  # fmt: skip
    assert gaps[1] - gaps[0] > 0.3
    assert after["gap"] == pytest.approx(before["gap"], rel=0.15)  # only the spread is read off the raised cell


def test_what_cannot_be_said_is_said() -> None:
    one = seen(study(1, 2, 0.3))["contrasts"]["goal_guarding"]
    assert one["gap"] is None
    assert "1 of 10 requests needed" in one["why"]
    table = study(30, 1, 0.3)
    gone = (table["cell"] == "trained") & (table["request"] < "r25")
    table.loc[gone, "value"] = np.nan
    table.loc[gone, "missing"] = "truncated"
    assert "missing" in seen(table)["contrasts"]["goal_guarding"]["why"]
    full = seen(study(60, 1, 0.99))["contrasts"]["goal_guarding"]
    assert full["gap"] is None
    assert "leave room" in full["why"]
    few = seen(study(4, 1, 0.5, 1))["contrasts"]["goal_guarding"]
    assert few["gap"] is None
    assert "too few requests" in few["why"]


def test_counts_leave_out_what_is_missing() -> None:
    table = study(5, 2, 0.5)
    table.loc[0, "value"] = np.nan
    table.loc[0, "missing"] = "truncated"
    replies, _ = read_table(table, CELLS)
    counts = Counts(*replies.sums(CELLS))
    assert counts.n.sum() == 5 * 2 * len(CELLS) - 1
    assert counts.y.sum() == np.nansum(table["value"])
