import pytest

from feint.findings import Estimated
from feint.findings.contrasts import RatioFinding
from feint.report import words
from report_shown import SAY


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.542, "+54.2"), (-0.03, "−3.0"), (0.0, "0.0"), (-0.0001, "0.0"), (None, "–"), (float("nan"), "–")],
)
def test_points(value: float | None, shown: str) -> None:
    assert words.points(value) == shown


def test_percent_and_intervals() -> None:
    assert words.percent(0.625) == "62.5"
    assert words.percent(None) == "–"
    assert words.interval(0.49, 0.591) == "[49.0, 59.1]"
    assert words.interval(-0.02, 0.03, signed=True) == "[−2.0, +3.0]"
    assert words.interval(None, 0.3) == "–"


@pytest.mark.parametrize(("p", "shown"), [(0.0000001, "< .001"), (0.042, ".042"), (1.0, "1.000"), (None, "–")])
def test_probability(p: float | None, shown: str) -> None:
    assert words.probability(p) == shown


def test_counts() -> None:
    assert words.count(1, "reply") == "1 reply"
    assert words.count(2640, "reply") == "2,640 replies"
    assert words.count(11, "cell") == "11 cells"


def test_hyphens_in_names_are_not_minus_signs() -> None:
    assert words.minus("trained-sealed - rated-sealed") == "trained-sealed − rated-sealed"


def test_unknown_keys_keep_their_letters() -> None:
    assert SAY.label("goal_guarding") == "Goal guarding"
    assert SAY.label("low_coherence") == "Low coherence"
    assert SAY.meaning("nobody_knows") == ""
    assert SAY.reason("provider_error") == "provider error"
    assert SAY.reason("some_new_reason") == "some new reason"


def test_every_decision_and_colour_is_described() -> None:
    assert set(words.data("words")["decisions"]) == {"yes", "no", "undetermined", "conflicting"}
    assert set(words.data("words")["decisions"]) < set(words.data("palette"))
    assert all(set(shade) == {"light", "dark"} for shade in words.data("palette").values())


@pytest.mark.parametrize(
    ("low", "said"), [(0.04, "no ratio at all"), (0.06, "at least 0.1 ×"), (0.0, "no ratio at all"), (None, "no ratio")]
)
def test_a_lower_end_that_is_told_as_zero_is_no_ratio(low: float | None, said: str) -> None:
    rate = Estimated(estimate=0.02, low=0.005, high=0.1)
    ratio = RatioFinding(base=rate, more=rate, near_zero=True, estimate=None, low=low, high=None, n=9)
    line = words.ratio_line(ratio)
    assert f"so {said}" in line and line.endswith("is all that can be said")
