import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from feint.base.errors import UsageError
from feint.stats.intervals import mean_of_moments
from feint.stats.looks.sequence import (
    alike_limits,
    alike_p,
    as_z,
    asymptotic,
    mixture_boundary,
    mixture_p,
    moments,
    standard_error,
    studentised,
    tuned_rho,
)
from feint.stats.looks.stopping import Looking, block_ends

LOOKS = (10, 20, 30, 40, 60, 80, 100, 150, 200)
AT = np.array(LOOKS)
differences = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=200, max_size=200)


def seen(values, reach=1.0, looks=LOOKS, level=0.95):
    return asymptotic(np.asarray(values, float), np.array(looks), np.array(looks), reach, level, 100)


def replies(rng, rates, studies, requests=200):
    common = rng.normal(size=(studies, requests))
    a, b = (rng.random((studies, requests)) < stats.norm.cdf(stats.norm.ppf(r) * np.sqrt(2) + common) for r in rates)
    return a.astype(float) - b


def test_boundary_is_the_inverse_of_the_mixture_martingale():
    # the mixture of likelihood ratios over effects N(0, rho²), integrated numerically
    n, rho, z = 37, 0.3, 2.7
    effects = np.linspace(-4, 4, 20001)
    ratio = np.exp(effects * z * np.sqrt(n) - n * effects**2 / 2)
    martingale = np.trapezoid(ratio * stats.norm.pdf(effects, scale=rho), effects)
    assert mixture_p(z, n, rho) == pytest.approx(1 / martingale, rel=1e-6)
    assert mixture_boundary(n, rho, 1 / martingale) == pytest.approx(z, rel=1e-6)


@pytest.mark.parametrize("horizon", [20, 100, 1000])
def test_tuned_boundary_is_tightest_at_its_horizon(horizon):
    best = mixture_boundary(horizon, tuned_rho(horizon, 0.05), 0.05)
    for other in (0.5, 0.9, 1.1, 2):
        assert mixture_boundary(horizon, tuned_rho(horizon * other, 0.05), 0.05) > best
    assert best == pytest.approx(3.03, abs=0.01)  # whatever the horizon: a fixed n would have 1.96


def test_random_walks_leave_the_boundary_no_more_often_than_they_may():
    rng, n = np.random.default_rng(0), np.arange(1, 1501)
    z = np.cumsum(rng.normal(size=(2000, 1500)), axis=1) / np.sqrt(n)
    left = (np.abs(z) > mixture_boundary(n, tuned_rho(100, 0.05), 0.05)).any(axis=1).mean()
    assert 0.02 < left < 0.05
    assert (np.abs(z) > 1.96).any(axis=1).mean() > 0.4


def test_moments_are_those_of_the_first_n():
    x = np.random.default_rng(1).random((3, 50))
    mean, spread = moments(x, np.array([2, 17, 50]))
    assert mean[1] == pytest.approx([x[1, :n].mean() for n in (2, 17, 50)])
    assert spread[2] == pytest.approx([x[2, :n].std(ddof=1) for n in (2, 17, 50)])


def test_studentised_boundaries_are_wider_and_come_back():
    z = np.array([1.96, 3.0, 4.5])
    assert (studentised(z, 9) > z).all()
    assert studentised(z, 10**7) == pytest.approx(z, rel=1e-4)
    assert as_z(studentised(z, 9), 9) == pytest.approx(z)


def test_unseen_difference_counts_once():
    assert standard_error(np.array([0.0]), np.array([50]), 50, 1.0) == pytest.approx(1 / 50)
    assert standard_error(np.array([0.5]), np.array([10**6]), 10**6, 1.0) == pytest.approx(0.5 / 1000, rel=1e-4)


def test_limits_of_differences_all_alike_are_those_of_the_fixed_interval():
    for value in (0.0, 0.4, 1.0):
        low, high = alike_limits(np.array(value), 40, 1.0, 0.05)
        _, fixed_low, fixed_high, _ = mean_of_moments(value, 0.0, 40, 40, 1.0, 0.95)
        assert (max(float(low), -1.0), min(float(high), 1.0)) == pytest.approx((float(fixed_low), float(fixed_high)))
    p = float(alike_p(np.array(0.3), 20, 1.0))
    assert alike_limits(np.array(0.3), 20, 1.0, p)[0] == pytest.approx(0.0)


@settings(deadline=None, max_examples=12)
@given(differences)
def test_intervals_hold_the_mean_mirror_and_agree_with_p(values):
    d = np.array(values)
    w, mirrored = seen(d), seen(-d)
    assert ((w.low >= -1) & (w.low <= w.estimate) & (w.estimate <= w.high) & (w.high <= 1)).all()
    assert mirrored.low == pytest.approx(-w.high, abs=2e-6)
    assert mirrored.p == pytest.approx(w.p)
    clear = np.minimum(np.abs(w.low), np.abs(w.high)) > 1e-5
    assert (((w.p < 0.05) == ((w.low > 0) | (w.high < 0))) | ~clear).all()


@settings(deadline=None, max_examples=8)
@given(differences, st.sampled_from([0.5, 2.0]))
def test_a_larger_unit_scales_everything(values, unit):
    w, scaled = seen(values), seen(unit * np.array(values), reach=unit)
    assert scaled.low == pytest.approx(unit * w.low, abs=1e-5)
    assert scaled.p == pytest.approx(w.p, rel=1e-6)


@settings(deadline=None, max_examples=8)
@given(differences, st.randoms(use_true_random=False))
def test_order_within_a_block_does_not_matter(values, random):
    order = list(range(10))
    random.shuffle(order)
    shuffled = [values[i] for i in order] + values[10:]
    assert seen(shuffled).low == pytest.approx(seen(values).low, abs=2e-6)


def test_a_higher_level_is_wider_and_later_looks_change_nothing_before():
    d = replies(np.random.default_rng(2), (0.4, 0.2), 1)[0]
    wide, narrow = seen(d, level=0.99), seen(d)
    assert (wide.low <= narrow.low + 1e-9).all()
    first = asymptotic(d[:40], AT[:4], AT[:4], 1.0, 0.95, 100)
    assert first.low == pytest.approx(narrow.low[:4], abs=1e-5)


@pytest.mark.parametrize("rates", [(0.5, 0.5), (0.03, 0.03), (0.15, 0.05), (0.055, 0.005)])
def test_intervals_cover_at_all_looks_at_once(rates):
    # 600 studies: a method that covers .93 passes nearly always, the fixed-n interval looked at often never does
    d = replies(np.random.default_rng(3), rates, 600)
    gap = rates[0] - rates[1]
    w = seen(d)
    assert ((w.low <= gap) & (gap <= w.high)).all(axis=1).mean() >= 0.91
    t = stats.t.ppf(0.975, AT - 1) * moments(d, AT)[1] / np.sqrt(AT)
    assert (np.abs(w.estimate - gap) <= t).all(axis=1).mean() < 0.88


def test_p_at_any_stopping_time_is_a_p_value():
    p = seen(replies(np.random.default_rng(4), (0.3, 0.3), 800)).p.min(axis=1)
    for alpha in (0.01, 0.05, 0.2):
        assert (p <= alpha).mean() <= alpha + 2.6 * np.sqrt(alpha * (1 - alpha) / 800)


def test_a_large_gap_is_seen_early():
    w = seen(replies(np.random.default_rng(5), (0.8, 0.1), 50))
    assert np.median((w.low > 0).argmax(axis=1)) <= 2


def test_asymptotic_interval_is_asymptotically_the_published_one():
    d = np.random.default_rng(7).choice([-1.0, 1.0], 10**5)
    n, rho = np.array([10**5]), tuned_rho(100, 0.05)
    w = asymptotic(d, n, n, 1.0, 0.95, 100)
    grown = n * rho**2 + 1
    margin = d.std() * np.sqrt(2 * grown / (n**2 * rho**2) * np.log(np.sqrt(grown) / 0.05))  # arXiv 2103.06476, thm 2.2
    assert w.high - w.estimate == pytest.approx(margin, rel=1e-3)


def test_looks_must_be_ones_that_can_be_made():
    assert block_ends(20, 100) == (10, 30, 50, 70, 90, 100)
    assert block_ends(20, 8) == (8,)
    with pytest.raises(UsageError, match="increasing"):
        Looking((10, 10))
    with pytest.raises(UsageError, match="at least 2"):
        Looking((1, 10))
    with pytest.raises(UsageError, match="did you mean 'asymptotic'"):
        Looking((10, 20), "asymptotics")
