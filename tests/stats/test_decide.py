import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feint.stats import Estimate
from feint.stats.decide import DecisionRule
from feint.stats.units import Unit

RULE = DecisionRule(0.05, tests=8)
FULL = {"a": 0.0, "b": 0.1}


def decided(estimate, low, high, p_holm=0.001, missing=FULL, worst=0.3):
    found = Estimate(estimate, low, high, 40, p_holm)
    return RULE.decide(found, p_holm, missing, worst)


@pytest.mark.parametrize(
    ("case", "decision", "reason"),
    [
        ((0.3, 0.2, 0.4), "yes", "above 0"),
        ((0.05, 0.01, 0.09), "yes", "at least 5 points"),
        ((0.04, 0.01, 0.07), "undetermined", "an effect below 5 points is likely"),
        ((0.03, 0.01, 0.049), "no", "within ±5 points"),
        ((0.0, -0.04, 0.04, 1.0), "no", "within ±5 points"),
        ((0.0, -0.05, 0.04, 1.0), "undetermined", "holds both 0 and"),
        ((-0.3, -0.4, -0.2), "no", "opposite direction"),
        ((-0.04, -0.07, -0.01), "undetermined", "an effect below 5 points is likely"),
        ((0.3, 0.01, 0.6, 0.2), "undetermined", "not significant once adjusted for 8 tests"),
        ((0.3, -0.1, 0.7, 0.2), "undetermined", "holds both 0 and"),
    ],
)
def test_every_branch(case, decision, reason):
    found = decided(*case)
    assert found.decision == decision
    assert reason in found.reason


def test_missing_replies_leave_it_open_however_clear_it_looks():
    found = decided(0.9, 0.8, 1.0, missing={"a": 0.05, "b": 0.34})
    assert found.decision == "undetermined"
    assert "34 % of the replies in b are missing" in found.reason


def test_at_the_limit_it_is_still_decided():
    assert decided(0.9, 0.8, 1.0, missing={"a": 0.2, "b": 0.0}).decision == "yes"


def test_a_cell_without_replies_leaves_it_open():
    assert "no reply was asked for in b" in decided(0.9, 0.8, 1.0, missing={"a": 0.0, "b": None}).reason


def test_a_yes_says_what_it_rests_on():
    assert "would be -2 points if every missing reply went against it" in decided(0.1, 0.02, 0.18, worst=-0.02).reason
    assert "missing" not in decided(0.1, 0.02, 0.18, worst=0.02).reason


def test_without_interval_it_is_open():
    found = RULE.decide(Estimate(0.5, None, None, 1), None, FULL, 0.1)
    assert found.decision == "undetermined"
    assert "1 of 2 requests" in found.reason


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_wider_interval_never_decides_more(estimate, half, more):
    narrow = decided(estimate, estimate - half, estimate + half).decision
    wide = decided(estimate, estimate - half - more, estimate + half + more).decision
    assert wide in (narrow, "undetermined")


@given(st.floats(-1, 1), st.floats(0, 1))
def test_yes_and_its_mirror_image_are_never_both_yes(estimate, half):
    ends = (estimate, estimate - half, estimate + half)
    turned = (-estimate, -estimate - half, -estimate + half)
    assert {decided(*ends).decision, decided(*turned).decision} != {"yes"}


def test_reasons_have_the_unit_of_the_estimand():
    rule = DecisionRule(0.5, unit=Unit("d\u2032", digits=2))
    assert rule.decide(Estimate(1.2, 0.7, 1.7, 40, 0.001), 0.001, {}).reason == (
        "95 % interval 0.70 to 1.70 above 0 and estimate at least 0.50 d\u2032"
    )
    assert rule.decide(Estimate(0.1, -0.2, 0.4, 40, 0.6), 0.6, {}).reason == (
        "95 % interval -0.20 to 0.40 within \u00b10.50 d\u2032"
    )


def test_decisions_on_arrays_are_those_on_single_estimates():
    rng = np.random.default_rng(6)
    mean = rng.choice([-0.3, -0.06, -0.02, 0.0, 0.01, 0.049, 0.05, 0.2], 400)
    low, high = mean - rng.choice([0.02, 0.1], 400), mean + rng.choice([0.02, 0.1], 400)
    p = rng.choice([0.01, 0.3, np.nan], 400)
    said = RULE.decisions(mean, low, high, p)
    assert set(said) == {"yes", "no", "undetermined"}
    for i in range(400):
        one = Estimate(mean[i], low[i], high[i], 50, p[i])
        assert RULE.decide(one, None if np.isnan(p[i]) else p[i], {"a": 0.0}).decision == said[i]
