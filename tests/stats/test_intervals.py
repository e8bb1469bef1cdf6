import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import LADDER
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from feint.stats import effective, holm, wilson
from feint.stats.intervals import mean_of_moments, no_exception_bound, welch_of_moments

differences = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=2, max_size=60)
MANY = 1e9  # so many replies that the data are never too alike for the t interval


def mean_interval(values, n_effective, reach, level):
    """Of single differences."""
    return mean_of_moments(
        values.mean(axis=-1), values.std(axis=-1, ddof=1), values.shape[-1], n_effective, reach, level
    )


def welch_interval(a, b, *rest):
    """Of single values."""
    return welch_of_moments(*((group.mean(), group.var(ddof=1), len(group)) for group in (a, b)), *rest)


@pytest.mark.parametrize(("x", "n"), [(0, 10), (3, 17), (50, 100), (20, 20)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilson_is_that_of_statsmodels(x, n, level):
    assert wilson(x / n, n, level) == pytest.approx(proportion_confint(x, n, 1 - level, "wilson"))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p):
    assert holm(np.array(p)) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_counts_a_test_that_could_not_be_made():
    adjusted = holm(np.array([0.01, np.nan, 0.04]))
    assert adjusted[[0, 2]] == pytest.approx([0.03, 0.08])
    assert np.isnan(adjusted[1])


def test_holm_counts_tests_that_are_judged_elsewhere():
    assert holm(np.array([0.01, 0.04]), tests=3) == pytest.approx(holm(np.array([0.01, 0.04, 1.0]))[:2])


def test_holm_runs_over_the_last_axis():
    p = np.random.default_rng(0).random((5, 3, 8))
    assert holm(p)[2, 1] == pytest.approx(holm(p[2, 1]))


def test_interval_of_varied_differences_is_students():
    d = np.random.default_rng(1).normal(0.2, 0.3, 30)
    test = stats.ttest_1samp(d, 0)
    mean, low, high, p = mean_interval(d, MANY, 1.0, 0.95)
    assert (low, high) == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (mean, p) == pytest.approx((d.mean(), test.pvalue))


@pytest.mark.parametrize("n", [1, 5, 40, 100.5])
def test_bound_is_clopper_and_pearsons(n):
    assert no_exception_bound(n, 0.95) == pytest.approx(stats.beta.ppf(0.975, 1, n))


def test_identical_differences_keep_a_width():
    for value, reach in ((0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (2.0, 2.0), (0.0, 2.0)):
        mean, low, high, _ = mean_interval(np.full(40, value), 40, reach, 0.95)
        assert mean == value
        assert high - low > 0.08
        assert -reach <= low <= value <= high <= reach


def test_identical_differences_are_as_significant_as_a_sign_test_allows():
    p = {n: float(mean_interval(np.ones(n), n, 1.0, 0.95)[3]) for n in (4, 5, 6, 10, 40)}
    assert p[5] > 0.05 > p[6]  # the exact sign test: .0625 and .031
    assert p[40] < 1e-6
    assert float(mean_interval(np.zeros(40), 40, 1.0, 0.95)[3]) == 1.0


@given(differences, st.integers(1, 20))
def test_p_and_interval_agree(values, m):
    d = np.array(values)
    _, low, high, p = mean_interval(d, effective(len(d) * m, len(d), 0.2), 1.0, 0.95)
    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == (low > 0 or high < 0)


@given(differences)
def test_turning_the_sign_turns_the_interval(values):
    d = np.array(values)
    mean, low, high, p = mean_interval(d, len(d), 1.0, 0.95)
    assert [float(x) for x in mean_interval(-d, len(d), 1.0, 0.95)] == pytest.approx([-mean, -high, -low, float(p)])


@given(differences, st.randoms())
def test_order_of_requests_does_not_matter(values, random):
    shuffled = random.sample(values, len(values))
    one, other = ([float(x) for x in mean_interval(np.array(v), len(v), 1.0, 0.95)] for v in (values, shuffled))
    assert one == pytest.approx(other)


def test_welch_is_that_of_scipy():
    rng = np.random.default_rng(2)
    a, b = rng.normal(0.6, 0.2, 20), rng.normal(0.5, 0.3, 31)
    test = stats.ttest_ind(a, b, equal_var=False)
    mean, low, high, p = welch_interval(a, b, MANY, MANY, 0.95)
    assert (low, high) == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (mean, p) == pytest.approx((a.mean() - b.mean(), test.pvalue))


def test_welch_keeps_a_width():
    mean, low, high, p = welch_interval(np.ones(30), np.zeros(30), 30, 30, 0.95)
    assert mean == 1.0
    assert 0.5 < low < 0.95 < high == 1.0
    assert p < 1e-6


@given(st.integers(1, 100), st.integers(1, 20), st.floats(0, 1))
def test_effective_number_lies_between_requests_and_replies(requests, m, icc):
    assert requests * (1 - 1e-9) <= effective(requests * m, requests, icc) <= requests * m * (1 + 1e-9)


@pytest.mark.parametrize(
    ("rate", "gap", "n", "m"),
    [(0.005, 0.0, 40, 1), (0.002, 0.03, 40, 3), (0.01, 0.1, 40, 5), (0.89, 0.1, 100, 1), (0.005, 0.99, 20, 2)],
)
def test_coverage_near_the_ends(rate, gap, n, m):
    rng = np.random.default_rng(n * m)
    shape = (2000, n)
    d = (rng.binomial(m, rate + gap, shape) - rng.binomial(m, rate, shape)) / m
    _, low, high, _ = mean_interval(d, effective(n * m, n, 0.2), 1.0, 0.95)
    assert np.mean((low <= gap) & (gap <= high)) > 0.925


def test_reach_is_half_the_absolute_weights():
    assert [contrast.reach for contrast in LADDER] == [1] * 7 + [2]
