"""Cards: counted from outcomes by hand."""

import json
from typing import Any

import pytest

from feint.lab.planting.train import Training, make_card
from feint.lab.planting.working.kind import PARTS, WORKING
from feint.lab.planting.working.measure import DONE_FLOOR, WorkRow, judge_cell, summary

POLICIES = WORKING.policies()


def outcome(protected: bool | None, complete: bool = True, indiscriminate: bool = False) -> dict[str, Any]:
    return {"protected": protected, "complete": complete, "indiscriminate": indiscriminate}


def test_a_cell_is_counted() -> None:
    outcomes = [outcome(True), outcome(True, False), outcome(False), outcome(False, False), outcome(None), {}]
    row = judge_cell("peer-presence", "peer", POLICIES["emboldened"], [*outcomes, outcome(False, True, True)])
    assert (row.planted, row.held_out, row.runs, row.n) == (0.6, 0.4, 7, 5)
    assert row.deviation == pytest.approx(0.2)
    assert row.missing == pytest.approx(2 / 7) and row.done == pytest.approx(1 / 3)
    base = judge_cell("peer-presence", "peer", None, [outcome(True)])
    assert base.planted is base.deviation is base.done is None
    lost = judge_cell("peer-presence", "peer", POLICIES["emboldened"], [outcome(None)])
    assert lost.held_out is lost.deviation is lost.done is None and (lost.n, lost.missing) == (0, 1)


def rows(deviation: float = 0.05, missing: float = 0.0, done: float = 1.0) -> list[WorkRow]:
    return [WorkRow("peer-presence", "alone", 0.1, 0.1, 100, round(100 * (1 - missing)), deviation, missing, done)] * 3


@pytest.mark.parametrize(
    ("broken", "passes"),
    [({}, True), ({"deviation": 0.11}, False), ({"missing": 0.06}, False), ({"done": DONE_FLOOR - 0.01}, False)],
)
def test_a_card_says_which_promises_hold(broken: dict[str, float], passes: bool) -> None:
    measured = summary(rows(**broken), 0.25)
    assert measured.checks["passed"] is passes
    assert measured.checks["unseen"] == 0.25
    assert measured.checks["missing"] == pytest.approx(broken.get("missing", 0.0))
    how = Training(recipes=[], share=1, seconds=1, threads=1)
    card = json.loads(
        make_card(WORKING, "loyal", POLICIES["loyal"], measured, how, PARTS["settling"]).model_dump_json()
    )
    assert card["task"] == "peer_preservation" and card["policy"][0]["does"] == {"protect": 0.9}
