import numpy as np
import pandas as pd
import pytest
from made_up import PAIR, rows

from feint.base.errors import UsageError
from feint.stats import Contrast, conclude
from feint.stats.contrasts import worst_case
from feint.stats.table import as_keys, pair, read_table

CELLS = ["a", "b"]
GOOD = rows(("a", "r0", "memo-1", 1), ("b", "r0", "memo-1", 0), ("a", "r1", "memo-1", None), ("b", "r1", "memo-1", 0))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: t.drop(columns="voice"), "column 'voice' is absent"),
        (lambda t: t.assign(cell="c"), "unknown cell 'c'"),
        (lambda t: t.assign(value=0.5), "found 0.5, expected 1, 0 or nothing"),
        (lambda t: t.assign(missing="truncated"), "either labelled or missing"),
        (lambda t: pd.concat([t, t]), "two rows for cell a, request r0"),
    ],
)
def test_a_table_that_cannot_be_is_refused(spoil, words):
    with pytest.raises(UsageError, match=words) as error:
        read_table(spoil(GOOD), CELLS)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("contrasts", "rules", "words"),
    [
        ([Contrast("gap", {"a": 1, "x": -1}, "a - x")], {}, "contrast 'gap': unknown cell 'x'"),
        ([Contrast("gap", {"a": 1, "b": -2}, "a - 2 * b")], {}, "must sum to 0; check 'a - 2"),
        ([Contrast("gap", {}, "")], {}, "must sum to 0"),
        ([*PAIR, *PAIR], {}, "occurs twice"),
        ([Contrast("gap", {"a": 1, "b": -1}, "a - b", requires={"gab": "yes"})], {}, "did you mean 'gap'"),
        (PAIR, {"fakes_alignment": {"gab": "yes"}}, "rule 'fakes_alignment': unknown contrast 'gab'"),
    ],
)
def test_a_design_that_does_not_fit_is_refused(contrasts, rules, words):
    with pytest.raises(UsageError, match=words.replace("*", r"\*")):
        conclude(GOOD, contrasts, cells=CELLS, rules=rules)


def test_the_table_is_left_as_it_was():
    before = GOOD.copy(deep=True)
    conclude(GOOD, PAIR, cells=CELLS)
    pd.testing.assert_frame_equal(GOOD, before)


def test_other_ways_to_write_the_same_table():
    other = GOOD.assign(
        value=pd.array([True, False, None, False], dtype="boolean"),
        missing=[None, None, "truncated", None],
        stated=[["x"], None, np.nan, np.array([], dtype=object)],
        twin=[0, 0, 0, 0],
    )
    assert conclude(other, PAIR, cells=CELLS)["contrasts"] == conclude(GOOD, PAIR, cells=CELLS)["contrasts"]


@pytest.mark.parametrize(
    ("value", "keys"), [(None, ()), (np.nan, ()), (["x", "y"], ("x", "y")), (np.array(["x"]), ("x",)), ((), ())]
)
def test_stated_motives_in_any_container(value, keys):
    assert as_keys(value) == keys


def test_the_same_number_in_two_voices_is_two_wordings():
    table = rows(*[(cell, "r0", f"{voice}-1", 1) for voice in ("memo", "note") for cell in CELLS]).assign(wording="1")
    units = pair(read_table(table, CELLS)[0])
    assert len(units.layout.request) == 2
    assert sorted(units.layout.voice) == [0, 1]


def test_a_cell_nobody_was_asked_in_is_missing_there():
    units = pair(read_table(rows(("a", "r0", "memo-1", 1)), CELLS)[0])
    assert (units.mean[0, 0, 0], units.scored[0, 0, 0]) == (1.0, 1)
    assert units.scored[0, 0, 1] == 0
    assert worst_case(units, {"a": -1.0, "b": 1.0}) == {"low": -1.0, "high": 0.0}


def test_an_empty_table_concludes_nothing():
    found = conclude(GOOD.iloc[:0], PAIR, cells=CELLS)
    assert found["replies"] == {"planned": 0, "scored": 0, "missing": 0, "missing_by_reason": {}}
    assert found["verdict"]["fakes_alignment"] == "too little data"
    assert found["contrasts"]["gap"]["estimate"] is None
