import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa as statsmodels_kappa
from statsmodels.stats.proportion import proportion_confint

from feint.base.errors import UsageError
from feint.stats.agreement.auroc import auroc, mann_whitney, newcombe
from feint.stats.agreement.kappa import (
    cohens_kappa,
    confusion,
    disagreements,
    jackknife,
    krippendorffs_alpha,
    sensitivity_specificity,
)

words = st.lists(st.sampled_from(["complied", "refused", None]), min_size=0, max_size=40)


def raters(counts):
    """Two lists of labels with these counts of pairs."""
    pairs = [(str(i), str(j)) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    return [a for a, _ in pairs], [b for _, b in pairs]


# Two dermatologists, four grades: the worked example of the FREQ procedure's documentation (SAS/STAT, "Cohen's Kappa")
SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]


def test_kappa_of_published_tables():
    skin = cohens_kappa(*raters(SKIN))
    assert skin.estimate == pytest.approx(0.3449, abs=5e-5)
    assert (skin.low, skin.high) == pytest.approx((0.2030, 0.4868), abs=0.02)  # asymptotic there, jackknife here
    assert skin.n == 88
    assert cohens_kappa(*raters([[20, 5], [10, 15]])).estimate == pytest.approx(0.4)


@pytest.mark.parametrize("counts", [SKIN, [[20, 5], [10, 15]], [[80, 3], [6, 40]]])
def test_kappa_is_that_of_statsmodels(counts):
    found, other = cohens_kappa(*raters(counts)), statsmodels_kappa(np.array(counts))
    assert found.estimate == pytest.approx(other.kappa)
    assert found.low <= other.kappa_low + 0.01
    assert found.high >= other.kappa_upp - 0.01
    assert found.high - found.low < 1.35 * (other.kappa_upp - other.kappa_low)


def test_kappa_of_entire_agreement_keeps_a_width_and_of_one_label_is_none():
    found = cohens_kappa(["a", "b"] * 10, ["a", "b"] * 10)
    assert found.estimate == found.high == pytest.approx(1)
    assert 0.5 < found.low < 0.75
    assert cohens_kappa(["a"] * 9, ["a"] * 9).estimate is None
    assert cohens_kappa([], []).estimate is None
    assert cohens_kappa(["a", None], [None, "b"]).n == 0


@settings(max_examples=30, deadline=None)
@given(words, words)
def test_kappa_is_symmetric_and_leaves_missing_out(one, other):
    n = min(len(one), len(other))
    one, other = one[:n], other[:n]
    there, back = cohens_kappa(one, other), cohens_kappa(other, one)
    assert there.n == sum(a is not None and b is not None for a, b in zip(one, other, strict=True))
    if there.estimate is not None:
        assert there.estimate == pytest.approx(back.estimate)
        assert -1 <= there.low <= there.estimate <= there.high <= 1


def test_copies_of_an_item_widen_the_interval_only_if_they_are_grouped():
    one, other = raters([[20, 5], [10, 15]])
    group = [str(i) for i in range(len(one))] * 4
    alone, apart = cohens_kappa(one, other), cohens_kappa(one * 4, other * 4)
    together = cohens_kappa(one * 4, other * 4, group)
    assert apart.high - apart.low < 0.6 * (alone.high - alone.low)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=0.05)


# Four observers, twelve units, gaps: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", example C


def test_alpha_of_the_published_example():
    rows = ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."]
    units = list(zip(*([None if x == "." else x for x in row.split()] for row in rows), strict=True))
    found = krippendorffs_alpha(units)
    assert found.estimate == pytest.approx(0.743, abs=5e-4)
    assert found.n == 11
    assert found.low < 0.743 < found.high


def test_alpha_of_two_observers_is_that_of_the_published_example():
    one, other = "0100000000", "1110010010"  # Krippendorff 2011, example A
    assert krippendorffs_alpha(list(zip(one, other, strict=True))).estimate == pytest.approx(0.095, abs=5e-4)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["yes", "no", None]), min_size=1, max_size=4), min_size=1, max_size=20))
def test_alpha_is_that_of_inspect(units):
    from inspect_ai.scorer import SampleScore, Score, krippendorff_alpha

    found = krippendorffs_alpha(units)
    scores = [SampleScore(score=Score(value=[x for x in unit if x is not None])) for unit in units]
    other = krippendorff_alpha()(scores)
    if found.estimate is None:
        assert np.isnan(other) or other == 1.0  # Inspect calls one label throughout agreement, we call it unknown
    else:
        assert found.estimate == pytest.approx(other)
        assert found.low <= found.estimate <= found.high


def test_alpha_of_nothing_is_none():
    assert krippendorffs_alpha([]).estimate is None
    assert krippendorffs_alpha([["a"], ["b", None]]).estimate is None
    assert krippendorffs_alpha([["a", "a"], ["a", "a"]]).estimate is None


def test_sensitivity_and_specificity_are_wilsons():
    judge, person = raters([[42, 9], [11, 44]])  # judge "0" and "1"; person "0" and "1"
    hit, spared = sensitivity_specificity(judge, person, "0")
    assert (hit.estimate, hit.n) == (pytest.approx(42 / 53), 53)
    assert (hit.low, hit.high) == pytest.approx(proportion_confint(42, 53, 0.05, "wilson"))
    assert (spared.estimate, spared.n) == (pytest.approx(44 / 53), 53)
    assert (spared.low, spared.high) == pytest.approx(proportion_confint(44, 53, 0.05, "wilson"))


def test_sensitivity_leaves_missing_out_and_allows_for_groups():
    judge, person = ["yes", None, "no", "yes"] * 10, ["yes", "yes", "no", None] * 10
    hit, spared = sensitivity_specificity(judge, person, "yes")
    assert (hit.n, hit.estimate, spared.n, spared.estimate) == (10, 1, 10, 1)
    grouped = sensitivity_specificity(judge, person, "yes", [str(i // 8) for i in range(40)])[0]
    assert grouped.low < hit.low
    assert sensitivity_specificity(["no"], ["no"], "yes")[0].estimate is None


def test_confusion_counts_pairs_and_lists_what_differs():
    judge, person = ["yes", "no", "yes", None, "no"], ["yes", "yes", "maybe", "yes", None]
    table = confusion(judge, person)
    assert table.labels == ("maybe", "no", "yes")
    assert table.counts == ((0, 0, 0), (0, 0, 1), (1, 0, 1))
    assert disagreements(list("abcde"), judge, person) == [("b", "no", "yes"), ("c", "yes", "maybe")]


# Hanley & McNeil 1982, table I: 58 normal and 51 abnormal images rated 1 to 5; area .893, standard error .032
NORMAL, ABNORMAL = np.repeat([1, 2, 3, 4, 5], [33, 6, 6, 11, 2]), np.repeat([1, 2, 3, 4, 5], [3, 2, 2, 11, 33])

SHARE, SHARE_OF, ITEMS = np.r_[NORMAL, ABNORMAL].astype(float), np.repeat([0, 1], [58, 51]), np.arange(109)


def test_area_of_the_published_example():
    found = auroc([*NORMAL, *ABNORMAL], [False] * 58 + [True] * 51)
    assert found.estimate == pytest.approx(0.893, abs=5e-4)
    assert found.n == 109
    error, _ = jackknife(lambda keep: mann_whitney(SHARE[keep & (SHARE_OF > 0)], SHARE[keep & (SHARE_OF == 0)]), ITEMS)
    assert error == pytest.approx(0.032, abs=2e-3)
    assert 1 < (found.high - found.low) / (2 * 1.96 * 0.032) < 1.2  # Newcombe's is somewhat wider where there are ties


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=20), st.lists(st.integers(0, 20), min_size=1, max_size=20))
def test_area_is_mann_and_whitneys(high, low):
    u = stats.mannwhitneyu(high, low, method="asymptotic").statistic / len(high) / len(low)
    assert mann_whitney(np.array(high, float), np.array(low, float)) == pytest.approx(u)
    found = auroc([*high, *low], [True] * len(high) + [False] * len(low))
    assert 0 <= found.low <= found.estimate + 1e-9
    assert found.estimate - 1e-9 <= found.high <= 1


def test_area_of_entire_separation_keeps_a_width():
    found = auroc([1.0] * 12 + [0.0] * 12, [True] * 12 + [False] * 12)
    assert found.estimate == found.high == 1
    assert 0.7 < found.low < 0.95
    assert newcombe(0.0, 12, 12, 0.95)[0] == 0
    assert newcombe(0.0, 12, 12, 0.95)[1] == pytest.approx(1 - found.low, abs=1e-6)


def test_area_needs_both_kinds_and_leaves_missing_out():
    assert auroc([0.5, 1.0], [True, True]).estimate is None
    found = auroc([0.5, None, 0.1, 0.2], [True, True, False, None])
    assert (found.estimate, found.n) == (1.0, 2)


def test_intervals_cover():
    rng = np.random.default_rng(7)
    kappas = areas = 0
    for _ in range(200):
        true = rng.random(60) < 0.4
        one, other = (np.where(rng.random(60) < 0.9, true, ~true).astype(str) for _ in range(2))
        found = cohens_kappa(list(one), list(other))
        marginal = 0.4 * 0.9 + 0.6 * 0.1
        chance = marginal**2 + (1 - marginal) ** 2
        kappas += found.low <= (0.82 - chance) / (1 - chance) <= found.high
        votes = rng.binomial(20, np.where(true, rng.beta(4, 3, 60), rng.beta(1, 6, 60))) / 20
        area = auroc(list(votes), list(true))
        areas += area.low <= TRUE_AREA <= area.high
    assert kappas / 200 > 0.92
    assert areas / 200 > 0.92


def true_area():
    rng = np.random.default_rng(8)
    high, low = (rng.binomial(20, rng.beta(a, b, 200_000)) for a, b in ((4, 3), (1, 6)))
    return mann_whitney(high / 20, low / 20)


TRUE_AREA = true_area()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: confusion(["a"], []),
        lambda: disagreements(["i"], ["a", "b"], ["a", "b"]),
        lambda: cohens_kappa(["a", "b"], ["a", "b"], ["g"]),
        lambda: auroc([0.1], [True, False]),
    ],
)
def test_columns_of_different_lengths_are_refused(wrong):
    with pytest.raises(UsageError):
        wrong()


def test_weights_undo_a_draw_by_the_judges_label():
    """Replies that the judge calls refused are drawn ten times less often: its misses are then seen ten times less."""
    rng = np.random.default_rng(0)
    person = np.where(rng.random(20000) < 0.5, "complied", "refused")
    judge = np.where(rng.random(20000) < np.where(person == "complied", 0.8, 0.1), "complied", "refused")
    chance = np.where(judge == "complied", 0.5, 0.05)
    drawn = rng.random(20000) < chance
    rated = (judge[drawn].tolist(), person[drawn].tolist())
    plain, _ = sensitivity_specificity(*rated, "complied")
    sensitivity, specificity = sensitivity_specificity(*rated, "complied", weights=(1 / chance[drawn]).tolist())
    assert plain.estimate > 0.95
    assert sensitivity.estimate == pytest.approx(0.8, abs=0.03)
    assert specificity.estimate == pytest.approx(0.9, abs=0.03)
    assert sensitivity.low < 0.8 < sensitivity.high
    assert plain.high - plain.low < sensitivity.high - sensitivity.low
    assert cohens_kappa(*rated, weights=(1 / chance[drawn]).tolist()).estimate == pytest.approx(0.7, abs=0.05)


def test_equal_weights_are_no_weights():
    judge, person = ["complied", "refused", "refused", "complied"], ["complied", "refused", "complied", "complied"]
    groups, twos = ["a", "a", "b", "c"], [2.0] * 4
    assert cohens_kappa(judge, person, groups, weights=twos) == cohens_kappa(judge, person, groups)
    weighted = sensitivity_specificity(judge, person, "complied", groups, weights=twos)
    assert weighted == sensitivity_specificity(judge, person, "complied", groups)
    for wrong in ([1.0], [1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0, float("nan")]):
        with pytest.raises(UsageError, match="one weight above 0"):
            cohens_kappa(judge, person, weights=wrong)
