import numpy as np
import pandas as pd
import pytest
from made_up import LADDER, PAIR, guarded, rows, study
from scipy import stats

from feint.base.errors import UsageError
from feint.stats import Settings, conclude
from feint.stats.corrected import KEY, MIN_REPLIES, MIN_REQUESTS, correct_contrasts, person_labels
from feint.stats.rectified import UNSEEN, Correction, corrected_interval, corrected_rates, moved, rectified
from feint.stats.score import outcomes, score_interval

AB, GAP = ["a", "b"], np.array([1.0, -1.0])
CELL_RATES = (0.6, 0.3)
ERRS_BY_CELL = ((0.85, 0.98), (0.85, 0.75))  # sensitivity and specificity in a, then in b


def two_cells(requests=40, wordings=3, seed=0):
    return study(lambda cell, _: (CELL_RATES[AB.index(cell)], ""), AB, requests=requests, wordings=wordings, seed=seed)


def judged(table, judge=ERRS_BY_CELL, seed=0):
    """The table as a judge would label it that errs with its own rates in each cell."""
    rng, errors = np.random.default_rng([seed, 1]), dict(zip(AB, judge, strict=True))
    right = np.array([errors[cell][int(y != 1)] for cell, y in zip(table["cell"], table["value"], strict=True)])
    wrong = (rng.random(len(table)) > right) & ~table["twin"]
    return table.assign(value=np.where(wrong, 1 - table["value"], table["value"]))


def by_people(table, share=1.0, seed=0, **columns):
    """What people say, who are always right, about a random share of the replies."""
    asked = table[~table["twin"]]
    asked = asked[np.random.default_rng([seed, 2]).random(len(asked)) < share]  # at random: not the study's draws
    return asked[KEY].assign(value_by_person=asked["value"], **columns)


def corrected(table, people, contrasts=PAIR, cells=AB, **given):
    return correct_contrasts(table, people, contrasts, Settings(**given), cells=cells)


# the formula


def simulate(rng, studies, requests, samples, share, judge=ERRS_BY_CELL, rates=CELL_RATES):
    """Truth, judge's label and whether a person labelled it, shape (studies, requests, 2, samples)."""
    strength = 6.0  # requests differ: their rates are beta
    p = rng.beta(*(strength * np.array([rates, 1 - np.array(rates)]))[:, None, None, :], (studies, requests, 2))
    true = rng.random((studies, requests, 2, samples)) < p[..., None]
    hit, spare = (np.array(part)[:, None] for part in zip(*judge, strict=True))
    said = np.where(true, rng.random(true.shape) < hit, rng.random(true.shape) >= spare)
    return true, said, rng.random(true.shape) < share


def coverage(true, said, labelled, truth, tune=None):
    """Coverage of the raw interval and of the corrected one, and bias of the corrected gap."""
    value_R = said.mean(axis=-1) @ GAP
    replies, rates = said.shape[1] * said.shape[-1], said.mean(axis=-1)
    sums = [part.sum(axis=-1).astype(float) for part in (labelled, true & labelled, said & labelled)]
    _, error, lam, freedom = rectified(value_R, *sums, GAP, tune)
    values, shares = outcomes(rates, GAP)
    _, raw_low, raw_high, _ = score_interval(value_R, values, shares.mean(axis=1), replies, 0.2, 0.95)
    moved_to, labels = corrected_rates(rates.mean(axis=1), *sums, lam), sums[0].sum(axis=1)
    found, low, high, _ = corrected_interval(
        rates, np.eye(rates.shape[1]), Correction(moved_to, error, labels, freedom), replies, GAP, 0.2, 0.95
    )
    raw = np.mean((raw_low <= truth) & (truth <= raw_high))
    return raw, np.mean((low <= truth) & (truth <= high)), np.mean(found) - truth


@pytest.mark.parametrize(("requests", "samples", "share"), [(40, 5, 0.3), (40, 6, 0.6), (120, 2, 0.3)])
def test_the_raw_interval_misses_the_truth_and_the_corrected_one_covers_it(requests, samples, share):
    studies = 1500
    sums = simulate(np.random.default_rng(requests + samples), studies, requests, samples, share)
    raw, covered, bias = coverage(*sums, 0.3)
    assert raw < 0.25
    monte_carlo = 3 * np.sqrt(0.95 * 0.05 / studies)
    assert 0.95 - monte_carlo <= covered <= 0.95 + monte_carlo + 0.015  # the half replies make it a little wide
    assert abs(bias) < 0.01


@pytest.mark.parametrize("tune", [None, 0.0, 1.0])
@pytest.mark.parametrize("rates", [(0.3, 0.3), (0.05, 0.02)])
def test_it_never_covers_less_than_it_should(tune, rates):
    sums = simulate(np.random.default_rng(3), 1000, 40, 3, 0.3, ((0.9, 0.99), (0.9, 0.97)), rates)
    _, covered, _ = coverage(*sums, rates[0] - rates[1], tune)
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 1000)


def test_replies_to_one_request_are_one_piece_of_evidence():
    """All samples of a request alike, in truth and in the judge's errors: a variance over replies would be far off."""
    rng = np.random.default_rng(4)
    true, said, _ = simulate(rng, 1500, 60, 1, 1.0)
    true, said = (np.repeat(part, 8, axis=-1) for part in (true, said))
    labelled = rng.random(true.shape) < 0.3
    assert coverage(true, said, labelled, 0.3)[1] > 0.93


def test_whole_requests_may_be_labelled():
    rng = np.random.default_rng(5)
    true, said, _ = simulate(rng, 1500, 60, 3, 1.0)
    labelled = np.broadcast_to((rng.random((1500, 60)) < 0.4)[..., None, None], true.shape)
    assert 0.93 < coverage(true, said, labelled, 0.3)[1] < 0.99


def arrays(seed, requests=30, samples=4, share=0.5, **given):
    true, said, labelled = (
        part[0] for part in simulate(np.random.default_rng(seed), 1, requests, samples, share, **given)
    )
    sums = [part.sum(axis=-1).astype(float) for part in (labelled, true & labelled, said & labelled)]
    return said.mean(axis=-1) @ GAP, sums


def test_the_variance_is_the_sum_of_squared_influences():
    """Against a delta method written out differently: every request left out once, with weights instead of counts."""
    value_R, (n, person, judge) = arrays(6)

    def moved(weight_R):
        n_C, person_C, judge_C = (weight_R @ y for y in (n, person, judge))
        return 0.7 * weight_R @ value_R / weight_R.sum() + GAP @ ((person_C - 0.7 * judge_C) / n_C)

    step, one = 1e-6, np.ones(30)
    influence = np.array([(moved(one + step * e) - moved(one - step * e)) / (2 * step) for e in np.eye(30)])
    found, error, _, freedom = rectified(value_R, n, person, judge, GAP, 0.7)
    assert found == pytest.approx(moved(one))
    assert freedom == (n > 0).sum(axis=0).min() - 1
    plain = np.sqrt(np.square(influence).sum() * 30 / 29)
    assert plain * 0.98 < error < plain * 1.1  # the half replies make it a little larger


def test_lambda_minimises_the_variance():
    value_R, sums = arrays(7)
    _, least, lam, _ = rectified(value_R, *sums, GAP, None)
    errors = [rectified(value_R, *sums, GAP, tune)[1] for tune in np.linspace(0, 1, 101)]
    assert least == pytest.approx(min(errors), rel=1e-4)
    assert lam == pytest.approx(np.argmin(errors) / 100, abs=0.006)


def test_lambda_follows_how_good_the_judge_is():
    lam = {
        name: np.mean([rectified(v, *s, GAP, None)[2] for v, s in (arrays(i, 60, 4, judge=judge) for i in range(20))])
        for name, judge in (("perfect", ((1, 1), (1, 1))), ("coin", ((0.5, 0.5), (0.5, 0.5))))
    }
    assert lam["perfect"] > 0.85
    assert lam["coin"] < 0.15


def test_no_error_seen_is_not_no_error():
    _, (n, person, _) = arrays(8, judge=((1, 1), (1, 1)))
    _, error, _, _ = rectified(np.zeros(30), n[:, :1], person[:, :1], person[:, :1], np.ones(1), 1.0)
    total = n[:, 0].sum()
    assert error == pytest.approx(np.sqrt(2 * UNSEEN) / (total + 2 * UNSEEN) * np.sqrt(30 / 29))


def test_leading_axes_are_studies():
    one, other = arrays(9), arrays(10)
    both = rectified(
        np.stack([one[0], other[0]]), *(np.stack(pair) for pair in zip(one[1], other[1], strict=True)), GAP, None
    )
    for i, (value_R, sums) in enumerate((one, other)):
        assert [part[i] for part in both] == pytest.approx([float(x) for x in rectified(value_R, *sums, GAP, None)])


# the table


def test_all_labelled_gives_the_gap_that_people_see():
    true = two_cells()
    found = corrected(judged(true), by_people(true))["gap"]
    seen = conclude(true, PAIR, cells=AB)["contrasts"]["gap"]
    assert found["corrected"]["estimate"] == pytest.approx(seen["estimate"], abs=1e-9)
    assert found["raw"]["estimate"] < seen["estimate"] - 0.1
    assert (found["corrected"]["low"], found["corrected"]["high"]) == pytest.approx(
        (seen["low"], seen["high"]), abs=0.02
    )
    assert found["labelled"] == 240 and found["too_few"] is None


def test_the_raw_gap_is_that_of_the_findings():
    true = study(guarded, requests=20, wordings=3, missing=0.1, seed=3)
    cells = list(dict.fromkeys(true["cell"]))
    found = corrected(true, by_people(true, 0.5), LADDER, cells)
    for key, seen in conclude(true, LADDER, cells=cells)["contrasts"].items():
        assert found[key]["raw"] == {part: seen[part] for part in ("estimate", "low", "high", "n", "p")}
        assert found[key]["is"] == seen["is"]
        assert set(found[key]["rectifier"]) == set(seen["weights"])


def test_the_rectifier_of_a_cell_is_the_mean_of_person_minus_judge():
    true = two_cells()
    table, people = judged(true), by_people(true, 0.4)
    found = corrected(table, people)["gap"]
    both = people.merge(table[~table["twin"]], on=KEY)
    for cell, group in both.groupby("cell"):
        entry = found["rectifier"][cell]
        assert entry["estimate"] == pytest.approx((group["value_by_person"] - group["value"]).mean())
        assert entry["n"] == len(group) and entry["low"] < entry["estimate"] < entry["high"]
    assert found["labelled"] == len(both)
    assert 0 <= found["lambda"] <= 1


def test_replies_weigh_as_in_the_contrast():
    """A request in three wordings and one in one: each request counts once, whatever it holds."""
    labels = []
    for r in range(12):
        for w in range(3 if r < 6 else 1):
            labels += [("a", f"r{r:02d}", f"memo-{w}", float(r < 6)), ("b", f"r{r:02d}", f"memo-{w}", 0.0)]
    table = rows(*labels)
    true = table.assign(value=np.where((table["cell"] == "a"), 1.0, 0.0))
    found = corrected(table, by_people(true))["gap"]
    assert found["raw"]["estimate"] == pytest.approx(0.5)
    assert found["rectifier"]["a"]["estimate"] == pytest.approx(0.5)  # not 6 of 24 replies
    assert found["corrected"]["estimate"] == pytest.approx(1.0)


def test_only_complete_wordings_and_labels_of_both_count():
    true = two_cells()
    table, people = judged(true), by_people(true, 0.5)
    asked = np.flatnonzero(~table["twin"])
    table.loc[table.index[asked[::7]], ["value", "missing"]] = [np.nan, "truncated"]
    people.loc[people.index[::5], "value_by_person"] = np.nan
    found = corrected(table, people)["gap"]
    wide = table[~table["twin"]].groupby(["request", "wording"])["value"].agg(lambda y: y.notna().all())
    both = people.dropna().merge(table[~table["twin"]], on=KEY)
    complete = [wide[request, wording] for request, wording in zip(both["request"], both["wording"], strict=True)]
    assert found["labelled"] == sum(complete) < len(both)
    assert found["corrected"]["low"] < 0.3 < found["corrected"]["high"]


def test_too_few_labels_leave_it_undetermined():
    true = two_cells()
    table, people = judged(true), by_people(true)
    few = pd.concat([people[people["cell"] == "a"], people[people["cell"] == "b"].head(MIN_REPLIES - 1)])
    for labels in (few, people[people["request"].isin(["r000", "r001"])], people.head(0)):
        found = corrected(table, labels)["gap"]
        assert [found["corrected"][part] for part in ("estimate", "low", "high", "p", "p_holm")] == [None] * 5
        assert found["corrected"]["decision"] == "undetermined"
        assert found["corrected"]["reason"] == found["too_few"]
        assert str(MIN_REPLIES) in found["too_few"] and str(MIN_REQUESTS) in found["too_few"]
        assert found["lambda"] is None and found["raw"]["estimate"] is not None
    assert corrected(table, few)["gap"]["rectifier"]["b"]["low"] is None
    assert corrected(table, people.head(0))["gap"]["rectifier"]["a"] == {
        "estimate": None,
        "low": None,
        "high": None,
        "n": 0,
    }


def test_the_decision_is_by_the_rule_of_the_contrasts():
    true = two_cells(requests=80)
    found = corrected(judged(true), by_people(true, 0.5))["gap"]["corrected"]
    assert found["decision"] == "yes" and "above 0" in found["reason"]
    none = study(lambda cell, _: (0.3, ""), AB, requests=80, wordings=3)
    gap = corrected(judged(none, ((0.95, 0.99), (0.95, 0.7))), by_people(none, 0.5))["gap"]
    assert gap["raw"]["high"] < 0  # the judge makes a gap where there is none
    assert gap["corrected"]["low"] < 0 < gap["corrected"]["high"]
    assert gap["corrected"]["decision"] == "undetermined"


def test_p_and_interval_agree():
    for seed in range(20):
        true = two_cells(requests=20, seed=seed)
        found = corrected(judged(true, seed=seed), by_people(true, 0.5, seed))["gap"]["corrected"]
        assert (found["p"] < 0.05) == (found["low"] > 0 or found["high"] < 0)


def test_one_cell_without_labels_leaves_only_its_contrasts():
    true = study(guarded, requests=20, wordings=3)
    cells = list(dict.fromkeys(true["cell"]))
    people = by_people(true, 0.8)
    found = corrected(true, people[people["cell"] != "penalty"], LADDER, cells)
    assert [key for key, entry in found.items() if entry["too_few"]] == ["intimidation"]
    assert found["intimidation"]["corrected"]["p_holm"] is None


@pytest.mark.parametrize("rates", [(0.0, 0.0), (0.02, 0.0), (0.4, 0.3), (1.0, 0.9)])
def test_people_who_always_agree_leave_the_raw_interval_or_widen_it(rates):
    table = study(lambda cell, _: (rates[AB.index(cell)], ""), AB, requests=40, wordings=3)
    found = corrected(table, by_people(table))["gap"]
    raw, other = found["raw"], found["corrected"]
    assert other["estimate"] == pytest.approx(raw["estimate"])
    assert other["low"] <= raw["low"] + 1e-9 and raw["high"] - 1e-9 <= other["high"]
    assert other["high"] - other["low"] < 1.2 * (raw["high"] - raw["low"])


def test_the_interval_of_a_constant_judge_is_the_raw_one():
    table = study(lambda cell, _: (0.0, ""), AB, requests=40, wordings=3).assign(value=0.0)
    found = corrected(table, by_people(table))["gap"]
    for end in ("low", "high"):
        assert found["corrected"][end] == pytest.approx(found["raw"][end])
        assert abs(found["corrected"][end]) > 0.04


def test_few_labels_of_a_constant_judge_are_not_many():
    table = study(lambda cell, _: (0.0, ""), AB, requests=40, wordings=3).assign(value=0.0)
    found = corrected(table, by_people(table, 0.2))["gap"]
    assert found["corrected"]["high"] > 2 * found["raw"]["high"]


def test_with_many_replies_it_is_students_interval():
    true, said, labelled = simulate(np.random.default_rng(12), 1, 400, 5, 0.5)
    sums = [part.sum(axis=-1).astype(float) for part in (labelled, true & labelled, said & labelled)]
    rates = said.mean(axis=-1)
    found, error, lam, freedom = rectified(rates @ GAP, *sums, GAP, None)
    to = corrected_rates(rates.mean(axis=1), *sums, lam)
    mean, low, high, p = corrected_interval(
        rates, np.eye(rates.shape[1]), Correction(to, error, sums[0].sum(axis=1), freedom), 2000, GAP, 0.2, 0.95
    )  # fmt: skip
    assert mean == pytest.approx(found)
    expected = stats.t.interval(0.95, freedom[0], found[0], error[0])
    assert (low[0], high[0]) == pytest.approx(expected, abs=0.05 * (expected[1] - expected[0]))
    assert p[0] < 1e-6


def test_the_ends_solve_the_score_equation_of_the_effective_number():
    """Against the closed form for two outcomes: one cell that never complies, Wilson's interval for the other."""
    rates = np.stack([np.full((1, 50), 0.3), np.zeros((1, 50))], axis=-1)
    to, error, freedom, labels = np.array([[0.2, 0.0]]), np.array([0.05]), np.array([39]), np.array([[1e9, 1e9]])
    _, low, high, _ = corrected_interval(
        rates, np.eye(rates.shape[1]), Correction(to, error, labels, freedom), 5000, GAP, 0.2, 0.95
    )
    n = 0.2 * 0.8 / 0.05**2 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 39)) ** 2
    z = stats.norm.ppf(0.975)
    centre, half = (0.2 + z * z / 2 / n) / (1 + z * z / n), z * np.sqrt(0.16 / n + (z / 2 / n) ** 2) / (1 + z * z / n)
    assert high[0] == pytest.approx(centre + half, abs=1e-5)
    assert low[0] == pytest.approx(centre - half, abs=1e-5)


def test_rates_are_moved_to_their_mean_and_stay_rates():
    rates = np.random.default_rng(13).beta(0.5, 2, (4, 30, 2))
    start, end = rates.mean(axis=1), np.array([[0.0, 1.0], [0.7, 0.01], [0.2, 0.3], [1.0, 0.0]])
    found = moved(rates, start, end)
    assert found.mean(axis=1) == pytest.approx(end)
    assert found.min() >= 0 and found.max() <= 1
    assert moved(rates, start, start) == pytest.approx(rates)


def test_labels_that_cannot_be_are_refused():
    true = two_cells(requests=6)
    people = by_people(true)
    for wrong, words in (
        (people.drop(columns="voice"), "column 'voice' is absent"),
        (people.assign(value_by_person=2), "found 2"),
        (pd.concat([people, people.head(1)]), "two labels of one reply"),
        (people.assign(request="unheard of"), "no reply"),
    ):
        with pytest.raises(UsageError, match=words):
            corrected(true, wrong)


def test_labels_of_twins_are_not_used():
    true = two_cells(requests=6)
    twins = true[true["twin"]]
    labels = twins[KEY].assign(value_by_person=1.0)
    assert np.isnan(person_labels(true, labels)[0]).all()


# replies drawn with different probabilities


def drawn_by_label(table, seed, rare=0.9, common=0.25):
    """People's labels of a sample in which what the judge calls refused is drawn more often, with its weights."""
    asked = table[~table["twin"]]
    chance = np.where(asked["value"] == 1, common, rare)
    kept = np.random.default_rng([seed, 3]).random(len(asked)) < chance
    return asked[KEY][kept].assign(weight=1 / chance[kept])


def test_weights_undo_a_draw_that_went_by_the_judges_label():
    """Rare labels are drawn more often: unweighted, the rectifier is off; weighted, it covers the truth."""
    weighted, plain = [], []
    for seed in range(60):
        truth = two_cells(requests=60, seed=seed)
        table = judged(truth, seed=seed)
        drawn = drawn_by_label(table, seed).merge(
            truth[[*KEY, "value"]].rename(columns={"value": "value_by_person"}), on=KEY
        )
        for found, people in ((weighted, drawn), (plain, drawn.drop(columns="weight"))):
            entry = next(iter(corrected(table, people).values()))["corrected"]
            found.append((entry["estimate"], entry["low"] <= 0.3 <= entry["high"]))
    bias = [np.mean([estimate for estimate, _ in found]) - 0.3 for found in (weighted, plain)]
    assert abs(bias[0]) < 0.03 < abs(bias[1])
    assert np.mean([covers for _, covers in weighted]) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)


def test_equal_weights_change_nothing():
    truth = two_cells()
    table, people = judged(truth), by_people(truth, 0.5)
    assert corrected(table, people.assign(weight=4.0)) == corrected(table, people)
    with pytest.raises(UsageError, match="'weight': found nan"):
        corrected(table, people.assign(weight=np.nan))
