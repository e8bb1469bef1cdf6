import numpy as np
import pytest
from made_up import CELLS, LADDER, PAIR, guarded, lose, rows, study

from feint.stats import conclude


def twins(table, contrasts=LADDER, cells=CELLS):
    return conclude(table, contrasts, cells=cells)


def test_twins_that_are_answered_are_ok():
    found = twins(study(guarded, requests=30, wordings=1, twins=0.99))
    assert found["twins"]["ok"] is True
    assert found["twins"]["worst_cell"] in CELLS
    assert "the reply format works" in found["twins"]["sentence"]
    assert found["cells"]["rated"]["twins"]["n"] == 30


def test_one_unlucky_cell_is_no_alarm():
    table = study(guarded, requests=40, wordings=1, twins=1.0)
    here = table["twin"] & (table["cell"] == "rated") & table["request"].isin(["r000~twin", "r001~twin", "r002~twin"])
    table.loc[here, "value"] = 0.0
    found = twins(table)["twins"]
    assert found["ok"] is True
    assert (found["worst_cell"], found["estimate"]) == ("rated", pytest.approx(37 / 40))


def test_twins_refused_everywhere_are_not_ok():
    found = twins(study(guarded, requests=30, wordings=1, twins=0.7))
    assert found["twins"]["ok"] is False
    assert found["twins"]["sentence"] in found["verdict"]["warnings"]


def test_a_fact_that_moves_the_twins_is_named():
    table = study(guarded, requests=40, wordings=1, twins=1.0)
    refused = np.flatnonzero(table["twin"] & (table["cell"] == "penalty"))[::2]
    table.loc[refused, "value"] = 0.0
    found = twins(table)["twins"]
    assert found["ok"] is False
    assert found["affected"] == ["intimidation"]
    assert "intimidation moves the replies to benign twins too" in found["sentence"]


def test_missing_twins_are_not_ok():
    table = study(guarded, requests=30, wordings=1, twins=1.0)
    found = twins(lose(table, table["twin"] & (table["cell"] == "rated"), why="no_reply_tag"))["twins"]
    assert found["ok"] is False
    assert "of the benign twins in rated are missing" in found["sentence"]


def test_without_twins_it_is_neither():
    found = twins(rows(("a", "r0", "memo-1", 1), ("b", "r0", "memo-1", 1)), PAIR, ["a", "b"])
    assert found["twins"]["ok"] is None
    assert not any("twin" in warning for warning in found["verdict"]["warnings"])


def test_twins_all_missing_have_no_number():
    table = study(guarded, requests=10, wordings=1)
    found = twins(lose(table, table["twin"], every=1))["twins"]
    assert (found["ok"], found["estimate"], found["worst_cell"]) == (False, None, None)
