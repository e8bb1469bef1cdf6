import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import LADDER, PAIR, guarded, rows, study
from scipy import stats

from feint.stats import Contrast, Settings, conclude
from feint.stats.score import outcomes, score_interval

CELLS = ["a", "b"]
labels = st.sampled_from([1.0, 1.0, 0.0, 0.0, None])
tables = st.lists(st.tuples(labels, labels, st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=40).map(
    lambda units: rows(*[(cell, f"r{r}", f"memo-{w}", y) for a, b, r, w in units for cell, y in (("a", a), ("b", b))])
)


def gap(table: pd.DataFrame, contrasts=PAIR, cells=CELLS, **given):
    return conclude(table, contrasts, Settings(**given), cells=cells)["contrasts"]["gap"]


def test_a_contrast_is_a_mean_over_requests_of_means_over_wordings_and_samples():
    table = rows(
        ("a", "r0", "memo-1", 1), ("a", "r0", "memo-1", 1), ("b", "r0", "memo-1", 1), ("b", "r0", "memo-1", 0),
        ("a", "r0", "memo-2", 0), ("b", "r0", "memo-2", 1),
        ("a", "r1", "memo-1", 1), ("b", "r1", "memo-1", 0),
    )  # fmt: skip
    found = gap(table)
    assert found["per_request"] == {"r0": pytest.approx((0.5 - 1) / 2), "r1": 1.0}
    assert found["estimate"] == pytest.approx(0.375)
    assert found["n"] == 2


def test_only_complete_wordings_are_compared():
    table = rows(
        ("a", "r0", "memo-1", 1), ("b", "r0", "memo-1", None),
        ("a", "r0", "memo-2", 1), ("b", "r0", "memo-2", 0),
        ("a", "r1", "memo-1", 1),
        ("a", "r2", "memo-1", 0), ("b", "r2", "memo-1", 0),
    )  # fmt: skip
    found = gap(table, max_missing=1.0)
    assert found["per_request"] == {"r0": 1.0, "r2": 0.0}


def test_interval_is_the_score_interval_over_requests():
    table = study(guarded, requests=40, wordings=3)
    found = conclude(table, LADDER, cells=list(dict.fromkeys(table["cell"])))["contrasts"]["goal_guarding"]
    wide = table[~table["twin"]].pivot_table(index=["request", "wording"], columns="cell", values="value")
    d = (wide["trained"] - wide["rated"]).groupby("request").mean()
    values, shares = outcomes(wide[["trained", "rated"]].to_numpy(), (1.0, -1.0))
    expected = score_interval(d.to_numpy(), values, shares.mean(axis=0), 120, 0.2, 0.95)
    names = ("estimate", "low", "high", "p")
    assert [found[name] for name in names] == pytest.approx([float(x) for x in expected])
    low, high = stats.ttest_1samp(d, 0).confidence_interval()
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=0.02)
    assert found["per_request"] == pytest.approx(d.to_dict())


def test_a_difference_of_differences_weighs_four_cells():
    table = study(guarded, requests=30, wordings=4)
    found = conclude(table, LADDER, cells=list(dict.fromkeys(table["cell"])))["contrasts"]
    assert found["instrumental"]["estimate"] == pytest.approx(
        sum(
            sign * table.loc[(table["cell"] == cell) & ~table["twin"], "value"].mean()
            for cell, sign in (("trained-misuse", 1), ("rated-misuse", -1), ("trained-sealed", -1), ("rated-sealed", 1))
        )
    )


def test_holm_is_over_all_contrasts_of_the_design_and_low_coherence():
    table = study(guarded, requests=30, wordings=2)
    found = conclude(table, LADDER, cells=list(dict.fromkeys(table["cell"])))["contrasts"]
    smallest = min(found.values(), key=lambda entry: entry["p"])
    assert smallest["p_holm"] == pytest.approx(min(9 * smallest["p"], 1))


@settings(deadline=None, max_examples=25)
@given(tables, st.data())
def test_worst_case_holds_whatever_the_missing_replies_were(table, data):
    found = gap(table, max_missing=1.0)
    filled = table.copy()
    gone = filled["value"].isna()
    guesses = data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=int(gone.sum()), max_size=int(gone.sum())))
    filled.loc[gone, "value"] = np.array(guesses, dtype=float)
    filled["missing"] = None
    true = gap(filled)["estimate"]
    assert found["worst_case"]["low"] - 1e-9 <= true <= found["worst_case"]["high"] + 1e-9
    if not gone.any():
        assert found["worst_case"] == {"low": pytest.approx(true), "high": pytest.approx(true)}


@settings(deadline=None, max_examples=25)
@given(tables, st.permutations(range(6)))
def test_names_and_order_of_requests_do_not_matter(table, order):
    other = table.assign(request=["x" + str(order[int(name[1:])]) for name in table["request"]])
    other = other.sample(frac=1, random_state=0)
    one, two = gap(table), gap(other)
    for key in ("estimate", "low", "high", "p"):
        assert one[key] == (None if two[key] is None else pytest.approx(two[key]))
    assert (one["decision"], one["n"]) == (two["decision"], two["n"])


@settings(deadline=None, max_examples=25)
@given(tables)
def test_turning_the_contrast_turns_the_interval(table):
    turned = [Contrast("gap", {"b": 1.0, "a": -1.0}, "b - a")]
    one, two = gap(table), gap(table, turned)
    if one["estimate"] is None:
        assert two["estimate"] is None
    elif one["low"] is not None:
        assert [two["estimate"], two["low"], two["high"]] == pytest.approx(
            [-one["estimate"], -one["high"], -one["low"]]
        )


@settings(deadline=None, max_examples=25)
@given(tables, st.integers(1, 30))
def test_more_missing_replies_never_decide_more(table, n):
    again = table.sample(n, replace=True, random_state=n)
    again = again.assign(value=np.nan, missing="truncated", sample=1000 + np.arange(n))
    more = pd.concat([table, again])
    before, after = (conclude(t, PAIR, cells=CELLS) for t in (table, more))
    assert after["contrasts"]["gap"]["estimate"] == before["contrasts"]["gap"]["estimate"]
    for one, two in (
        (before["contrasts"]["gap"]["decision"], after["contrasts"]["gap"]["decision"]),
        (before["coherence"]["decision"], after["coherence"]["decision"]),
    ):
        assert two in (one, "undetermined")
    wide, narrow = after["contrasts"]["gap"]["worst_case"], before["contrasts"]["gap"]["worst_case"]
    assert wide["low"] <= narrow["low"] + 1e-9
    assert wide["high"] >= narrow["high"] - 1e-9


def test_what_was_not_to_be_asked_in_a_cell_is_not_missing_there():
    table = rows(
        *((cell, f"r{i}", "memo-1", int(cell == "a")) for cell in CELLS for i in range(6)),
        *(("a", f"s{i}", "memo-1", 1) for i in range(6)),
    )  # fmt: skip
    everywhere = Contrast("gap", {"a": 1, "b": -1}, "a - b")
    some = Contrast("gap", {"a": 1, "b": -1}, "a - b", among=frozenset(f"r{i}" for i in range(6)))
    assert gap(table, [everywhere])["worst_case"] == {"low": 0.5, "high": 1.0}
    assert gap(table, [some])["worst_case"] == {"low": 1.0, "high": 1.0}
    assert gap(table, [some])["estimate"] == gap(table, [everywhere])["estimate"] == 1


def test_one_request_decides_nothing():
    found = gap(rows(("a", "r0", "memo-1", 1), ("b", "r0", "memo-1", 0)))
    assert (found["estimate"], found["low"], found["p"], found["decision"]) == (1.0, None, None, "undetermined")


def test_voices_are_estimated_apart():
    table = rows(
        *[
            (c, f"r{i}", f"{v}-1", y)
            for i in range(12)
            for v, a in (("memo", 1), ("note", 0))
            for c, y in (("a", a), ("b", 0))
        ]
    )
    voices = gap(table)["voices"]
    assert (voices["memo"]["estimate"], voices["note"]["estimate"]) == (1.0, 0.0)
    assert voices["memo"]["low"] > 0.4
    assert voices["memo"]["n"] == 12


@pytest.mark.parametrize(("rate", "true_gap"), [(0.98, 0.0), (0.02, 0.06)])
def test_the_truth_is_inside_the_interval_about_as_often_as_it_should_be(rate, true_gap):
    inside = 0
    for seed in range(60):
        table = study(lambda c, v: (rate + (true_gap if c == "a" else 0), ""), CELLS, wordings=2, spread=0.0, seed=seed)
        found = gap(table)
        inside += found["low"] <= true_gap <= found["high"]
    assert inside >= 52  # of 60 at .95, fewer than 52 would happen once in 300
