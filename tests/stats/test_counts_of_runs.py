"""Intervals from counts agree with statsmodels, and hold what they must for every count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from feint.stats.counts import contrast_of_counts, difference_of_counts, rate_of_counts

COUNT = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
LEVEL = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@given(COUNT, LEVEL)
def test_rate_is_wilsons(count: tuple[int, int], level: float) -> None:
    found = rate_of_counts(*count, level)
    low, high = proportion_confint(*count, alpha=1 - level, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    assert found.low is not None and found.estimate is not None and found.high is not None
    assert found.low <= found.estimate <= found.high and found.n == count[1]


@given(COUNT, COUNT, LEVEL)
def test_difference_is_newcombes(a: tuple[int, int], b: tuple[int, int], level: float) -> None:
    found = difference_of_counts(a, b, level)
    low, high = confint_proportions_2indep(*a, *b, method="newcomb", compare="diff", alpha=1 - level)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    turned = difference_of_counts(b, a, level)
    assert (turned.low, turned.high) == pytest.approx((-high, -low), abs=1e-9)


def test_newcombes_own_example() -> None:
    # Newcombe 1998, table II: 56/70 and 48/80, method 10
    found = difference_of_counts((56, 70), (48, 80))
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_contrast_of_four_covers() -> None:
    """The interaction of two factors, over draws of known truth: between 93 and 98 in a hundred intervals hold it."""
    rng, truth, n = np.random.default_rng(5), {"a": 0.6, "b": 0.1, "c": 0.2, "d": 0.05}, 38
    weights = {"a": 1.0, "b": -1.0, "c": -1.0, "d": 1.0}
    value, held = sum(weights[name] * rate for name, rate in truth.items()), 0
    for _ in range(2000):
        counts = {name: (int(rng.binomial(n, rate)), n) for name, rate in truth.items()}
        found = contrast_of_counts(counts, weights)
        assert found.low is not None and found.high is not None
        held += found.low <= value <= found.high
    assert 0.93 <= held / 2000 <= 0.98


def test_an_empty_group_has_no_number() -> None:
    assert rate_of_counts(0, 0).estimate is None
    assert difference_of_counts((1, 2), (0, 0)).low is None
    assert contrast_of_counts({}, {}).estimate is None


@pytest.mark.parametrize("count", [(3, 2), (-1, 2), (0.5, 2), (1, -1)])
def test_what_is_no_count_is_refused(count: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        rate_of_counts(*count)


def test_what_is_no_level_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        rate_of_counts(1, 2, 95)
