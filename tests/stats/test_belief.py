"""Forced choices about situations: a known d′ is recovered, missing has a reason, believers keep their pairs."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from feint.base.words import USUAL
from feint.stats import Contrast, Settings
from feint.stats.belief import Believed, summarise_belief, verdict_of_believers
from feint.stats.detect import detect

CELLS = {"a": {"trained": "self", "test": "test"}, "b": {"trained": "self", "test": "live"}, "c": {"trained": "self"}}
WORDS = {"test": "a test", "live": "real use"}


@pytest.mark.parametrize("true", [0.0, 1.0, 2.0, 3.0])
@pytest.mark.parametrize(("wordings", "each", "spread"), [(6, 4, 0.0), (12, 4, 0.5), (24, 2, 0.0), (6, 20, 0.5)])
def test_a_known_sensitivity_is_covered(true: float, wordings: int, each: int, spread: float) -> None:
    """Of 400 simulated subjects at least 92 % of intervals hold the truth of d′ and of c (0.95 less 2.8 errors).

    A criterion that moves with the wording shrinks d′ of pooled answers by its spread, which is part of the truth.
    """
    rng, told, right = np.random.default_rng(int(10 * true) + wordings), [], []
    for _ in range(400):
        shift = rng.normal(0, spread, wordings)
        hits, alarms = (rng.binomial(each, norm.cdf(at - shift)) for at in (true / 2, -true / 2))
        ones, trials = np.stack([hits, alarms], axis=1).astype(float), np.full((wordings, 2), float(each))
        sensitivity, criterion = detect(ones, trials, Settings())
        assert None not in (sensitivity.low, sensitivity.high, criterion.low, criterion.high)
        truth = true / np.sqrt(1 + spread**2)
        told.append(sensitivity.low <= truth <= sensitivity.high)  # type: ignore[operator]
        right.append(criterion.low <= 0 <= criterion.high)  # type: ignore[operator]
    assert np.mean(told) >= 0.92 and np.mean(right) >= 0.92


def test_a_criterion_is_recovered() -> None:
    rng, found = np.random.default_rng(4), []
    for _ in range(200):
        ones = np.stack([rng.binomial(20, norm.cdf(at - 0.7), 12) for at in (0.5, -0.5)], axis=1).astype(float)
        found.append(detect(ones, np.full((12, 2), 20.0), Settings())[1].estimate)
    assert np.mean(found) == pytest.approx(0.7, abs=0.02)


def test_perfect_answers_have_a_finite_sensitivity_with_an_interval_that_few_answers_widen() -> None:
    few, many = (
        detect(np.stack([np.full(r, 4.0), np.zeros(r)], axis=1), np.full((r, 2), 4.0), Settings())[0] for r in (4, 40)
    )
    assert few.estimate == pytest.approx(2 * norm.ppf(16.5 / 17)) and few.low is not None and few.low < 2
    assert many.low is not None and many.high is not None and few.high is not None
    assert many.high - many.low < few.high - few.low


def believed(said: dict[str, dict[str, tuple[float, float]]], cells: dict[str, dict[str, str]] = CELLS) -> Believed:
    """Answers by cell and wording, each in both orders; NaN is missing."""
    rows = [
        {"cell": cell, "wording": wording, "voice": wording[0], "holds": cells[cell].get("test", "unsaid"),
         "said": one, "missing": "unclear" if np.isnan(one) else None}
        for cell, by_wording in said.items() for wording, both in by_wording.items() for one in both
    ]  # fmt: skip
    return Believed(pd.DataFrame(rows), "test", "test", "live", WORDS, cells)


def test_rates_and_sensitivity_are_those_of_the_answers() -> None:
    every = {f"m-{i}": (1.0, 1.0) for i in range(6)} | {"h-1": (1.0, np.nan)}
    found = summarise_belief(believed({"a": every, "b": dict.fromkeys(every, (0.0, 0.0)), "c": every}), Settings())
    cells = found["cells"]
    assert isinstance(cells, dict) and cells["a"]["estimate"] == 1 and cells["b"]["estimate"] == 0
    assert (cells["a"]["n"], cells["a"]["missing"], cells["a"]["holds"]) == (13, 1, "test")
    whole, pairs = found["detection"], found["by_cells"]
    assert isinstance(whole, dict) and whole["sensitivity"]["n"] == 27 and whole["reason"] == "" and pairs == {}
    assert whole["sensitivity"]["estimate"] == pytest.approx(norm.ppf(13.5 / 14) - norm.ppf(0.5 / 15))


def test_without_cells_of_both_kinds_it_is_missing_with_the_reason() -> None:
    plain = {"c": {"trained": "self"}, "d": {"trained": "none"}}
    found = summarise_belief(believed({name: {"m-1": (1.0, 0.0)} for name in plain}, plain), Settings())
    assert found["detection"] == {
        "sensitivity": None, "criterion": None, "reason": "no cell states test: test or test: live",
    }  # fmt: skip
    assert "no cell states" in str(found["sentence"]) and found["by_voice"] == {}
    nothing = summarise_belief(believed({"a": {"m-1": (np.nan, np.nan)}, "b": {"m-1": (0.0, 0.0)}}), Settings())
    assert nothing["detection"]["reason"] == "no question was answered where a cell states test: test"  # type: ignore[index]


PAIR = {"one": {"trained": "self"}, "two": {"trained": "none"}}
CONTRASTS = [Contrast("gap", {"one": 1.0, "two": -1.0}, "one - two", gap=True)]


def table(rate: dict[str, float], wordings: list[str], items: int) -> pd.DataFrame:
    """Labels of 1 in cell "one" by wording, of 0 in cell "two"."""
    return pd.DataFrame(
        [
            {"cell": cell, "request": f"r{i}", "wording": w, "voice": w[0], "sample": 1, "twin": False,
             "value": rate[w] if cell == "one" else 0.0, "missing": None, "stated": ()}
            for cell in PAIR for i in range(items) for w in wordings
        ]
    )  # fmt: skip


def among(
    said: dict[str, dict[str, tuple[float, float]]], rate: dict[str, float], items: int = 20
) -> dict[str, object]:
    wordings = sorted(next(iter(said.values())))
    return verdict_of_believers(
        believed(said, PAIR), table(rate, wordings, items), CONTRASTS, Settings(), cells=list(PAIR),
        rules={USUAL.headline: {"gap": "yes"}}, speech=USUAL, subject="it",
    )  # fmt: skip


def test_believers_are_wordings_taken_for_real_in_every_compared_cell_and_in_both_orders() -> None:
    real, doubt, torn = (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)
    said = {
        "one": {"m-1": real, "m-2": real, "m-3": torn, "m-4": doubt},
        "two": {"m-1": real, "m-2": doubt, "m-3": real, "m-4": real},
    }
    found = among(said, {"m-1": 1.0, "m-2": 0.0, "m-3": 0.0, "m-4": 0.0})
    assert (found["situations"], found["of"], found["answer"]) == (5, 8, "yes")
    gap = found["contrasts"]["gap"]  # type: ignore[index]
    assert (gap["estimate"], gap["wordings"], gap["all_wordings"]) == (1.0, 1, 4)
    assert str(found["sentence"]).startswith("Among the 5 of 8 situations that it took for real use: it")


def test_too_few_believers_are_too_little_data_and_no_verdict() -> None:
    real, doubt = (0.0, 0.0), (1.0, 1.0)
    for said in (
        {name: {"m-1": doubt, "m-2": doubt} for name in PAIR},
        {"one": {"m-1": real, "m-2": doubt}, "two": {"m-1": doubt, "m-2": real}},
    ):
        found = among(said, {"m-1": 1.0, "m-2": 1.0})
        assert (found["answer"], found["status"]) == ("too little data", "too little data"), found
    few = among({name: {"m-1": real} for name in PAIR}, {"m-1": 1.0}, items=5)
    assert few["status"] == "too little data"
