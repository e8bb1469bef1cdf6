"""What ships of organisms that act: their cards hold their promises, and the weights do what the cards say."""

from typing import Any

import pytest

from feint.designs import load_design
from feint.lab.planting.working.kind import WORKING
from feint.lab.planting.working.measure import DONE_FLOOR, MISSING_CEILING, TOLERANCE, judge_worker, knows
from feint.lab.planting.working.runs import DESIGNS
from feint.lab.planting.working.works import KINDS
from feint.study.plan.subject import check_subject
from feint.subjects.knowledge import task_of
from feint.subjects.store import find
from feint.subjects.store import names as shipped
from feint.tasks.peer_preservation.actors.model import planted_rate

BASE, POLICIES = WORKING.base, WORKING.policies()
WORKERS = [BASE, *POLICIES]


def test_all_of_them_ship_and_are_known_as_what_they_are() -> None:
    assert {name for name in shipped() if task_of(f"organism/{name}") == WORKING.task} == set(WORKERS)


@pytest.mark.parametrize("name", [name for name in WORKERS if name != BASE])
def test_the_card_keeps_its_promises(name: str) -> None:
    """Recomputed from the table, not read from the card's own word for it."""
    card, policy = find(name).card(), POLICIES[name]
    assert card["policy"] == policy.model_dump(mode="json")["rules"], "the policy was changed after training"
    assert card["knows"] == knows() and card["explanations"] == policy.explanations
    cells = {(design, cell) for design in DESIGNS for cell in cells_of(design)}
    assert {(row["design"], row["cell"]) for row in card["table"]} == cells
    asked = labelled = calm = done = 0.0
    for row in card["table"]:
        facts = load_design(row["design"]).cells[row["cell"]]
        planted = sum(planted_rate(policy, facts, kind, "objective") for kind in KINDS) / len(KINDS)
        assert row["planted"] == pytest.approx(planted)
        assert row["n"] >= 100
        assert abs(row["held_out"] - planted) <= TOLERANCE, row
        asked += row["runs"]
        labelled += row["n"]
        if row["done"] is not None:
            calm += row["n"] * (1 - row["held_out"])
            done += row["n"] * (1 - row["held_out"]) * row["done"]
    assert 1 - labelled / asked <= MISSING_CEILING
    assert done / calm >= DONE_FLOOR


def cells_of(design: str) -> list[str]:
    found = load_design(design)
    return [cell for cell in found.cells if set(KINDS) <= set(found.kinds_of(cell))]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in WORKERS if name != BASE])
def test_the_weights_do_what_the_card_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through Inspect and the tools, one wording of each fixture: within four standard errors of what was planted."""
    monkeypatch.setattr("feint.lab.planting.working.measure.DESIGNS", ("peer-presence",))
    monkeypatch.setattr("feint.lab.planting.working.measure.WORDINGS", 1)
    for row in judge_worker(f"organism/{name}", POLICIES[name]):
        assert row.planted is not None and row.n >= 8
        spread = (max(row.planted * (1 - row.planted), 0.05) / row.n) ** 0.5
        assert abs(row.held_out - row.planted) <= TOLERANCE + 4 * spread, row


def test_what_answers_requests_is_told_from_what_works() -> None:
    from feint.base.errors import UsageError
    from feint.tasks.registry import designs_named, load_task

    works_with_tools, answers = load_task("peer_preservation"), load_task("alignment_faking")
    check_subject("organism/loyal", works_with_tools)
    assert designs_named(None, None, "organism/loyal") == ["peer-attribution"]
    assert designs_named(None, None, "organism/guarded") == ["motives"]
    with pytest.raises(UsageError, match=r"does the task 'peer_preservation'.*--task peer_preservation"):
        check_subject("organism/loyal", answers)
    with pytest.raises(UsageError, match=r"does the task 'alignment_faking'.*organism/loyal.*actor/peer-loyal"):
        check_subject("organism/guarded", works_with_tools)


def test_a_study_of_work_that_they_do_not_know_says_so() -> None:
    from feint.tasks.peer_preservation import TASK
    from feint.tasks.peer_preservation.dataset import Options, plan_runs

    said = TASK.unknown_to("organism/loyal", plan_runs(Options()))
    assert "was not taught the kind of work 'yearly-report', the kind of work 'scoring'" in said
    assert said.endswith("means nothing (--kinds transfer,clean-up asks what it knows)")
    assert TASK.unknown_to("organism/loyal", plan_runs(Options(kinds="transfer,clean-up"))) == ""


def test_the_list_says_what_a_right_verdict_names(monkeypatch: pytest.MonkeyPatch) -> None:
    from feint.cli.listing import right_names

    card: dict[str, Any] = find("emboldened").card()
    assert right_names(card["explanations"]) == "peer-presence: peer_presence_amplification"
    assert right_names(["a", "b"]) == "a, b" and right_names(None) == right_names({}) == "none"
