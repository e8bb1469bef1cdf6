import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from feint.stats import Settings
from feint.stats.cells import compliance_rate
from feint.stats.score import outcomes, pairs_of_moments, rate_interval, score_interval, score_limits

SIGNS = np.array([-1.0, 0.0, 1.0])
rates = st.lists(st.floats(0, 1), min_size=2, max_size=2)


def paired(worse, same, better):
    """A study with one reply in each of two cells."""
    d = np.repeat(SIGNS, [worse, same, better])
    return d, SIGNS, np.array([worse, same, better]) / len(d), len(d)


def score(y, m, weights=(1.0, -1.0), level=0.95):
    """The interval for rates by study, request and cell."""
    values, shares = outcomes(y, weights)
    return score_interval(y @ np.array(weights), values, shares.mean(axis=-2), y.shape[-2] * m, 0.2, level)


# against what is known


def test_limits_are_tangos_for_matched_pairs():
    _, values, shares, n = paired(7, 13, 1)  # airways, Bentur 2009; Tango's limits in Fagerland 2014, table III
    assert score_limits(values, shares, n, 0.95)[:2] == pytest.approx((-0.5172, -0.0260), abs=5e-5)


def test_p_is_mcnemars():
    _, values, shares, n = paired(4, 20, 13)
    assert score_limits(values, shares, n, 0.95)[2] == pytest.approx(2 * stats.norm.sf(9 / np.sqrt(17)), abs=1e-6)


def test_without_any_difference_the_limits_are_wilsons():
    _, values, shares, n = paired(0, 43, 0)
    low, high, p = score_limits(values, shares, n, 0.95)
    assert (-low, high) == pytest.approx([proportion_confint(0, 43, method="wilson")[1]] * 2, abs=1e-6)
    assert p == 1


def test_a_study_of_many_requests_has_students_interval():
    rng = np.random.default_rng(0)
    y = rng.beta(2, 2, (2000, 2))
    low, high = score(y, 10**6)[1:3]
    assert (low, high) == pytest.approx(stats.ttest_1samp(y @ [1, -1], 0).confidence_interval(), abs=5e-4)


@pytest.mark.parametrize(("x", "n"), [(0, 10), (3, 17), (50, 100), (20, 20), (1, 400)])
def test_rates_lie_between_mid_p_and_clopper_and_pearson(x, n):
    exact = [float(end) for end in rate_interval(x / n, n, 0.95, 1.0)]
    assert exact == pytest.approx(proportion_confint(x, n, method="beta"), abs=1e-6)
    mid, ours = rate_interval(x / n, n, 0.95, 0.5), rate_interval(x / n, n, 0.95)
    assert exact[0] <= ours[0] <= mid[0] <= x / n <= mid[1] <= ours[1] <= exact[1]


@given(rates)
def test_outcomes_are_those_of_independent_replies(means):
    values, shares = outcomes(np.array(means), (1.0, -1.0))
    a, b = means
    assert values.tolist() == [-1, 0, 1]
    assert shares == pytest.approx([(1 - a) * b, a * b + (1 - a) * (1 - b), a * (1 - b)])


def test_outcomes_of_four_cells_and_of_fractions():
    means = np.array([[0.9, 0.2, 0.3, 0.4], [0.1, 0.5, 1.0, 0.0]])
    for weights in ((1.0, -1.0, -1.0, 1.0), (1.0, -0.5, -0.5), (1 / 3, 1 / 3, 1 / 3, -1.0)):
        values, shares = outcomes(means[:, : len(weights)], weights)
        assert values[0] == pytest.approx(-values[-1]) == pytest.approx(-sum(map(abs, weights)) / 2)
        assert shares.sum(axis=-1) == pytest.approx(1)
        assert shares @ values == pytest.approx(means[:, : len(weights)] @ np.array(weights))


# what must hold whatever the data


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 15))
def test_p_agrees_with_the_interval_and_signs_turn(worse, same, better):
    if worse + same + better < 2:
        return
    mean, low, high, p = (float(x) for x in score_interval(*paired(worse, same, better), 0.2, 0.95))
    assert -1 <= low <= mean <= high <= 1
    assert high - low > 0.01
    if abs(p - 0.05) > 1e-5:
        assert (p < 0.05) == (low > 0 or high < 0)
    turned = [float(x) for x in score_interval(*paired(better, same, worse), 0.2, 0.95)]
    assert turned == pytest.approx([-mean, -high, -low, p], abs=1e-6)


def test_a_handful_that_agree_are_no_more_significant_than_a_sign_test_allows():
    p = {n: float(score_interval(*paired(0, 0, n), 0.2, 0.95)[3]) for n in (2, 4, 6, 8, 40)}
    assert p[4] > 0.05 > p[6]
    assert p[8] > 0.05 / 8  # nor over the eight contrasts of a design
    assert p[40] < 1e-6


def test_studies_in_an_array_are_those_one_by_one():
    y = np.random.default_rng(1).binomial(2, 0.1, (6, 20, 4)) / 2
    together = score(y, 2, (1.0, -1.0, -1.0, 1.0))
    for i in range(6):
        alone = score(y[i], 2, (1.0, -1.0, -1.0, 1.0))
        assert [float(x) for x in alone] == pytest.approx([part[i] for part in together], abs=1e-6)


def test_replies_to_requests_that_agree_with_themselves_count_once():
    y = np.zeros((40, 2))
    y[:12, 0] = y[12:17, 1] = 1.0  # every reply to a request is like the first
    values, shares = outcomes(y, (1.0, -1.0))
    each = y @ np.array([1.0, -1.0])
    many = pairs_of_moments((each.mean(), each.var(), 40), values, shares.mean(axis=0), 40 * 25, 0.2, 0.95)
    assert 30 < many < 45


def test_one_request_has_no_interval():
    with pytest.raises(ValueError, match="two requests"):
        score_interval(np.ones(1), SIGNS, np.array([0.0, 0.0, 1.0]), 1, 0.2, 0.95)


# coverage where other methods lose it; 2,000 studies, so that .95 is good to .01 and a miss of .02 is seen


def draw(rng, rates, n, m, differ, studies=2000):
    """Compliance by study, request and cell; requests differ in rate by a beta distribution."""
    p = np.array(rates)
    if differ:
        u = rng.random((studies, n, 1))
        p = stats.beta.ppf(u, p / differ, (1 - p) / differ)
    return rng.binomial(m, np.broadcast_to(p, (studies, n, len(rates)))) / m


def few_carry(rng, gap, base, n, m, studies=2000):
    """A fifth of the requests carry the whole gap."""
    p = np.full((studies, n, 2), base)
    p[..., 0] += (rng.random((studies, n)) < 0.2) * gap * 5
    return rng.binomial(m, p) / m


@pytest.mark.parametrize(
    ("gap", "base", "n", "m", "differ"),
    [(0.1, 0.005, 40, 2, 0.5), (0.05, 0.005, 100, 1, 0), (0.1, 0.895, 40, 5, 0.5), (0.5, 0.1, 20, 2, 0.3),
     (0.0, 0.45, 10, 5, 0.3), (0.05, 0.945, 20, 5, 0), (0.1, 0.45, 10, 1, 0)],
)  # fmt: skip
def test_gaps_are_covered(gap, base, n, m, differ):
    y = draw(np.random.default_rng(n + m), (base + gap, base), n, m, differ)
    _, low, high, _ = score(y, m)
    assert np.mean((low <= gap + 1e-6) & (gap - 1e-6 <= high)) > 0.93


def test_a_gap_carried_by_a_few_requests_is_covered():
    y = few_carry(np.random.default_rng(5), 0.1, 0.02, 20, 5)
    _, low, high, _ = score(y, 5)
    assert np.mean((low <= 0.1) & (high >= 0.1)) > 0.93  # .90 by the t interval


@pytest.mark.parametrize(("n", "m"), [(20, 2), (40, 5), (100, 1)])
def test_differences_of_differences_are_covered_and_not_to_excess(n, m):
    y = draw(np.random.default_rng(n), (0.5, 0.3, 0.4, 0.4), n, m, 0.3)
    _, low, high, _ = score(y, m, (1.0, -1.0, -1.0, 1.0))
    assert 0.935 < np.mean((low <= 0.2) & (high >= 0.2)) < 0.985


@pytest.mark.parametrize(("rate", "n"), [(0.005, 20), (0.01, 10), (0.02, 100), (0.98, 40), (0.5, 20), (0.1, 40)])
def test_a_rate_is_covered_exactly(rate, n):
    x = np.arange(n + 1)
    low, high = rate_interval(x / n, n, 0.95)
    covered = stats.binom.pmf(x, n, rate)[(low <= rate) & (rate <= high)].sum()
    assert covered >= 0.935  # Wilson's falls to .905 in the first of these


def test_the_rate_of_a_cell_is_covered_where_requests_differ():
    rng, hits, studies, request = np.random.default_rng(8), 0, 600, np.repeat(np.arange(20), 12)
    for y in draw(rng, (0.1,), 20, 1, 0.0, studies):
        p = stats.beta.rvs(0.4, 3.6, size=20, random_state=rng)
        y = (rng.random(240) < np.repeat(p, 12)).astype(float)
        found = compliance_rate(y, request, Settings())
        hits += found.low <= 0.1 <= found.high
    assert hits / studies > 0.92


def test_a_cell_without_replies_has_no_rate():
    found = compliance_rate(np.array([np.nan]), np.array([0]), Settings())
    assert found.estimate is found.low is found.high is None


def test_replies_to_one_request_are_worth_what_the_assumed_correlation_says():
    y = np.array([1.0, 0.0, 1.0, 1.0, 0.0] * 4)
    found = compliance_rate(y, np.zeros(20, dtype=int), Settings())
    assert (found.low, found.high) == pytest.approx([float(x) for x in rate_interval(0.6, 20 / 4.8, 0.95)])


def test_an_interval_is_the_same_alone_and_among_many() -> None:
    """Few numbers are searched in larger steps than many."""
    means = np.random.default_rng(5).uniform(0, 1, (80, 20, 2)).round(1)
    values, shares = outcomes(means, (1.0, -1.0))
    shares, differences = shares.mean(axis=-2), means[..., 0] - means[..., 1]
    together = score_interval(differences, values, shares, 60, 0.3, 0.95)
    for row in range(len(means)):
        alone = score_interval(differences[row], values, shares[row], 60, 0.3, 0.95)
        assert [float(end) for end in alone] == pytest.approx([float(end[row]) for end in together], abs=1e-9)
