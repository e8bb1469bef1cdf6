import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.stats.looks.betting import STAKES, betting, counted, log_capital

values = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0]), min_size=3, max_size=40)


def one(d, null, reach=1.0):
    kinds, counts = counted(np.array(d), np.array([len(d)]))
    return float(log_capital(kinds, counts, null, reach)[0])


def test_capital_is_the_mean_over_gamblers_who_bet_one_difference_at_a_time():
    d, null = [0.0, 1.0, -1.0, 0.5, 1.0], 0.1
    purses = []
    for stake in STAKES:
        purse = 1.0
        for x in d:
            purse *= 1 - stake + stake * (x + 1) / (null + 1)
        purses.append(purse)
    assert one(d, null) == pytest.approx(np.log(np.mean(purses)))


@pytest.mark.parametrize(("odds", "null"), [((0.2, 0.5, 0.3), 0.1), ((0.0, 1.0, 0.0), 0.0), ((0.45, 0.0, 0.55), 0.1)])
def test_capital_is_a_martingale_at_the_true_mean(odds, null):
    before = [0.0]
    grown = sum(share * np.exp(one([*before, x], null)) for share, x in zip(odds, (-1.0, 0.0, 1.0), strict=True))
    assert grown == pytest.approx(np.exp(one(before, null)))


@settings(deadline=None, max_examples=50)
@given(values)
def test_capital_falls_with_the_mean_bet_against(d):
    grid = [one(d, null) for null in np.linspace(-0.95, 0.99, 25)]
    assert (np.diff(grid) <= 1e-9).all()


@settings(deadline=None, max_examples=25)
@given(values)
def test_ends_are_where_the_capital_reaches_its_limit(d):
    w = betting(np.array(d), np.array([len(d)]), 1.0, 0.95)
    if w.low[0] > -1 + 1e-5:
        assert one(d, w.low[0]) == pytest.approx(np.log(40), abs=0.01)
    if w.high[0] < 1 - 1e-5:
        assert one([-x for x in d], -w.high[0]) == pytest.approx(np.log(40), abs=0.01)


@settings(deadline=None, max_examples=20)
@given(values, st.randoms(use_true_random=False))
def test_order_of_requests_does_not_matter(d, random):
    shuffled = list(d)
    random.shuffle(shuffled)
    found, again = (betting(np.array(x), np.array([len(d)]), 1.0, 0.95) for x in (d, shuffled))
    assert found.low == pytest.approx(again.low)


def test_ever_becoming_rich_is_as_rare_as_ville_says():
    rng, looks = np.random.default_rng(0), np.arange(1, 201)
    d = rng.choice([-1.0, 0.0, 1.0], p=[0.04, 0.92, 0.04], size=(1000, 200))
    kinds, counts = counted(d, looks)
    for sign in (1, -1):
        rich = (log_capital(sign * kinds, counts, 0.0, 1.0) >= np.log(20)).any(axis=1).mean()
        assert rich <= 0.05


def test_alike_differences_keep_a_width_from_the_first_look_on():
    w = betting(np.zeros(200), np.array([1, 10, 100, 200]), 1.0, 0.95)
    assert (w.high > 3.6 / np.array([1, 10, 100, 200])).tolist() == [False, True, True, True]
    assert 0.99 < w.high[0] <= 1
    assert (w.p == 1).all()
