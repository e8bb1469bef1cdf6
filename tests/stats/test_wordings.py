import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from feint.stats import wordings
from feint.stats.wordings import Variance, parts, recurring, wording_share

RNG = np.random.default_rng(5)


def between(values, *codes):
    """One study, whose estimates are numbers; None where they are not defined."""
    found = wordings.between(values[None], *codes)
    return (
        None if np.isnan(found.p[0]) else Variance(float(found.share[0]), float(found.deviation[0]), float(found.p[0]))
    )


def test_one_way_is_that_of_scipy():
    groups = [RNG.normal(mean, 1, 8) for mean in (0, 0.5, 1)]
    found = between(np.concatenate(groups), np.repeat([0, 1, 2], 8))
    test = stats.f_oneway(*groups)
    assert found.p == pytest.approx(test.pvalue)
    assert found.share == pytest.approx(
        (test.statistic - 1) / (test.statistic + 7)
    )  # Shrout & Fleiss, equation for (1,1)


def test_with_requests_and_voices_it_is_the_analysis_of_variance_of_statsmodels():
    frame = pd.DataFrame({"request": np.repeat(np.arange(20), 6), "wording": RNG.integers(0, 9, 120)})
    frame["voice"] = frame["wording"] % 3
    frame["y"] = RNG.normal(size=120) + frame["request"] / 5 + frame["wording"] / 6
    smaller, larger = (ols(f"y ~ C(request) + C({name})", frame).fit() for name in ("voice", "wording"))
    found = between(*(frame[name].to_numpy() for name in ("y", "wording", "voice", "request")))
    assert found.p == pytest.approx(anova_lm(smaller, larger)["Pr(>F)"].iloc[1])


def test_the_variance_between_groups_is_unbiased():
    found = []
    for _ in range(200):
        wording, request = RNG.integers(0, 12, 80), np.repeat(np.arange(20), 4)
        y = RNG.normal(0, 0.5, 12)[wording] + RNG.normal(0, 2, 20)[request] + RNG.normal(0, 1, 80)
        found.append(between(y, wording, None, request).deviation ** 2)
    assert np.mean(found) == pytest.approx(0.25, abs=0.05)


def test_no_variance_between_groups_gives_no_share():
    assert between(np.tile([0.0, 1.0], 12), np.repeat(np.arange(4), 6)).share == 0.0


def test_variance_between_groups_alone_gives_all():
    found = between(np.repeat([0.0, 1.0], 5), np.repeat([0, 1], 5))
    assert (found.share, found.p) == (pytest.approx(1.0), 0.0)


@pytest.mark.parametrize(
    ("values", "group"),
    [([], []), ([1.0, 0.0], [0, 0]), ([1.0, 0.0, 1.0], [0, 1, 2]), ([0.5] * 6, [0, 0, 0, 1, 1, 1])],
)
def test_what_cannot_be_estimated_is_none(values, group):
    assert between(np.array(values, dtype=float), np.array(group, dtype=np.int64)) is None


def test_wordings_told_once_are_not_told_apart_from_requests():
    assert not recurring(np.arange(10))
    assert recurring(np.repeat(np.arange(5), 2))
    assert not recurring(np.array([], dtype=np.int64))


def test_the_share_falls_back_to_voices():
    y, voice = np.repeat([0.0, 1.0], 20) + RNG.normal(0, 0.1, 40), np.repeat([0, 1], 20)
    assert wording_share(y, np.arange(40), voice) > 0.9
    assert wording_share(y, np.arange(40), np.zeros(40, np.int64)) is None


def test_parts_of_a_graph():
    assert parts(np.array([0, 1, 2]), np.array([0, 0, 1])) == 2
    chain = np.arange(50)
    assert parts(np.append(chain, chain), np.append(chain, (chain + 1) % 50)) == 1


@pytest.mark.filterwarnings("ignore:The design matrix")
def test_requests_that_share_no_wording_are_compared_only_among_themselves():
    wording, request = np.array([0, 1, 0, 1, 2, 3, 2, 3]), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    y = np.array([0.0, 1.0, 0.1, 1.0, 5.0, 5.5, 5.1, 5.7])
    frame = pd.DataFrame({"y": y, "request": request, "wording": wording})
    smaller, larger = ols("y ~ C(request)", frame).fit(), ols("y ~ C(request) + C(wording)", frame).fit()
    expected = stats.f.sf(
        ((smaller.ssr - larger.ssr) / 2) / (larger.ssr / (smaller.df_resid - 2)), 2, smaller.df_resid - 2
    )
    assert between(y, wording, None, request).p == pytest.approx(expected)


def test_many_wordings_are_compared():
    wording, request = RNG.integers(0, 2000, 6000), np.repeat(np.arange(1500), 4)
    assert 0 <= between(RNG.normal(size=6000), wording, wording % 3, request).p <= 1


def test_a_right_side_of_rounding_only_is_no_division_by_zero() -> None:
    """Totals that are zero but for rounding lie along the shifts that the blocks take out."""
    from feint.stats.wordings import Blocked

    blocked = Blocked(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    solved = blocked.solve(np.array([5.55e-17, 5.55e-17]))
    assert np.isfinite(solved).all() and abs(solved).max() < 1e-9


def test_many_studies_at_once_are_each_study_alone():
    wording, request = RNG.integers(0, 12, 80), np.repeat(np.arange(20), 4)
    y = RNG.normal(size=(5, 80)) + np.stack([RNG.normal(0, scale, 12)[wording] for scale in (0, 0.2, 0.5, 1, 2)])
    y[0] = 0.5
    many = wordings.between(y, wording, wording % 3, request)
    assert np.isnan([many.share[0], many.deviation[0], many.p[0]]).all()
    for i in range(1, 5):
        one = between(y[i], wording, wording % 3, request)
        np.testing.assert_allclose([many.share[i], many.deviation[i], many.p[i]], [one.share, one.deviation, one.p])
