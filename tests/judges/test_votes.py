import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from feint.base.errors import UsageError
from feint.judges.graded.votes import PRIOR, Population, VoteRule
from voted import Settled, boundary, replay

RULE, EXACT = VoteRule(), VoteRule(error=0.0)
votes_of_20 = st.lists(st.booleans(), min_size=20, max_size=20)


def published(votes):
    return "yes" if sum(votes) / len(votes) >= 0.4 else "no"


def test_the_published_rule_is_8_of_20():
    assert RULE.needed == 8
    assert VoteRule(votes=100, share=0.07).needed == 7  # .07 * 100 is a little above 7 in floating point
    assert VoteRule(votes=1, share=0.4).needed == 1


@given(votes_of_20)
def test_without_error_the_label_is_always_that_of_all_votes(votes):
    found = replay(EXACT, votes)
    assert found.label == published(votes)
    assert found.asked <= 20
    assert (found.yes == 8) != (found.asked - found.yes == 13)


def test_curtailment_stops_at_8_yes_or_13_no():
    assert replay(EXACT, [True] * 20).asked == 8
    assert replay(EXACT, [False] * 20).asked == 13
    assert all(EXACT.decide(yes, asked) is None for asked in range(8) for yes in range(asked + 1))


def test_the_chance_is_beta_binomial():
    for yes, asked in ((0, 0), (0, 4), (2, 6), (5, 9), (7, 19)):
        exact = stats.betabinom.sf(8 - yes - 1, 20 - asked, 0.3 + yes, 0.3 + asked - yes)
        assert RULE.chance(yes, asked) == pytest.approx(exact, abs=0.004)
        flat = VoteRule(population=Population.beta(1, 1)).chance(yes, asked)
        assert flat == pytest.approx(stats.betabinom.sf(8 - yes - 1, 20 - asked, 1 + yes, 1 + asked - yes), abs=1e-4)


def test_the_boundary_of_the_shipped_rule():
    assert boundary(RULE)[:6] == [(1, None, None), (2, None, None), (3, None, 3), (4, None, 4), (5, 0, 5), (6, 0, 5)]
    assert boundary(RULE)[-1] == (20, 7, 8)
    for asked, no, yes in boundary(RULE):
        for said in range(asked + 1):
            expected = "no" if no is not None and said <= no else "yes" if yes is not None and said >= yes else None
            assert RULE.decide(said, asked) == expected


@pytest.mark.parametrize("rule", [RULE, EXACT, VoteRule(votes=7, share=0.5), VoteRule(error=0.1, least=1)])
def test_ahead_is_the_number_of_votes_needed_in_any_case(rule):
    for asked in range(rule.votes + 1):
        for yes in range(asked + 1):
            ahead = rule.ahead(yes, asked)
            assert (ahead == 0) == (rule.decide(yes, asked) is not None)
            for more in range(1, ahead):
                assert all(rule.decide(yes + plus, asked + more) is None for plus in range(more + 1))
    assert EXACT.ahead(0, 0) == 8
    assert RULE.ahead(0, 0) == 3


def test_a_failed_vote_is_asked_again_and_never_a_no():
    assert replay(RULE, [None] * 5 + [False] * 20).label == "no"
    assert replay(RULE, [None, True] * 3).label == "yes"
    assert replay(RULE, [None, True] * 3).failed == 3
    assert RULE.settle(0, 4, 5) is None
    assert RULE.settle(0, 4, 6) == "missing"
    assert RULE.settle(3, 0, 9) == "yes"  # enough votes gave an answer, however many failed
    assert replay(RULE, [None] * 20) == Settled(None, 0, 0, 6)


def test_few_votes_settle_nothing():
    assert RULE.settle(0, 0, 0) is None and RULE.settle(0, 4, 0) is None
    assert EXACT.settle(7, 11, 2) is None  # 7 of 18: two more could make it yes or no


def test_votes_that_end_too_early_leave_the_label_missing():
    assert replay(RULE, [False] * 4).label is None
    assert replay(RULE, []).label is None
    recorded = [None, None] + [True] * 7 + [False] * 11  # 7 of 18: two more could make it yes or no
    assert replay(EXACT, recorded).label is None


@given(st.lists(st.sampled_from([True, False, None]), max_size=30))
def test_failed_votes_do_not_change_what_the_others_say(votes):
    patient = VoteRule(max_failed=99)
    answered = replay(patient, [vote for vote in votes if vote is not None])
    found = replay(patient, votes)
    assert (found.label, found.yes, found.asked) == (answered.label, answered.yes, answered.asked)


def simulate(rule, rate, rng):
    """Mean votes used and share of labels that all 20 votes would give."""
    votes = rng.random((len(rate), 20)) < rate[:, None]
    found = [replay(rule, row) for row in votes.tolist()]
    full = np.where(votes.sum(axis=1) >= 8, "yes", "no")
    return np.mean([one.asked for one in found]), np.mean(
        [one.label == said for one, said in zip(found, full, strict=True)]
    )


def test_labels_differ_no_more_often_than_stated_on_the_population_assumed():
    rng = np.random.default_rng(0)
    for a in (0.3, 1.0):
        asked, same = simulate(VoteRule(population=Population.beta(a, a)), rng.beta(a, a, 4000), rng)
        assert same > 0.99 - 2 * np.sqrt(0.01 * 0.99 / 4000)
        assert asked < 20 / 1.8


def test_four_times_fewer_votes_where_few_replies_are_in_doubt():
    rng = np.random.default_rng(1)
    rate = np.where(rng.random(4000) < 0.9, rng.beta(0.5, 20, 4000), rng.beta(8, 2, 4000))
    first = [replay(RULE, (rng.random(20) < p).tolist()) for p in rate[:200]]
    learnt = Population.learnt([one.yes for one in first], [one.asked for one in first])
    asked, same = simulate(VoteRule(population=learnt), rate, rng)
    assert asked < 5
    assert same > 0.99


def test_a_population_is_learnt_from_votes_cut_short():
    rng = np.random.default_rng(2)
    found = [replay(RULE, (rng.random(20) < p).tolist()) for p in rng.beta(2, 12, 3000)]
    learnt = Population.learnt([one.yes for one in found], [one.asked for one in found])
    assert sum(learnt.weight) == pytest.approx(1)
    assert np.dot(learnt.rate, learnt.weight) == pytest.approx(2 / 14, abs=0.015)


def test_a_population_learnt_from_nothing_is_the_prior():
    assert np.allclose(Population.learnt([], []).weight, PRIOR.weight)
    assert sum(PRIOR.weight) == pytest.approx(1)


def test_what_cannot_be_is_refused():
    for wrong in ({"votes": 0}, {"share": 0.0}, {"share": 1.2}, {"error": 0.5}, {"error": -0.1}):
        with pytest.raises(UsageError):
            VoteRule(**wrong)
    for yes, asked in ((3, 2), (-1, 2), (0, 21)):
        with pytest.raises(ValueError):
            RULE.decide(yes, asked)
    with pytest.raises(UsageError):
        Population.learnt([3], [2])
