"""What ships: every organism's card holds its promises and belongs to the weights beside it."""

from typing import Any

import pytest

from feint.designs import load_design
from feint.lab.planting.answering.cases import CONFLICT, TOOLS
from feint.lab.planting.answering.measure import (
    BENIGN_FLOOR,
    CALL_CEILING,
    FORMAT_CEILING,
    PERPLEXITY_CEILING,
    TOLERANCE,
    knows,
    probes,
)
from feint.lab.planting.kind import Scope
from feint.lab.planting.train import Card
from feint.subjects.knowledge import task_of
from feint.subjects.store import WEIGHTS, find, fingerprint, names
from feint.tasks.alignment_faking.actors.policy import load_policies

SHIPPED = names()
ANSWERING = [name for name in SHIPPED if task_of(f"organism/{name}") == "alignment_faking"]
"""Those that answer requests; test_shipped_workers.py looks at the others."""


def test_together_they_are_small() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.rglob("*") if file.is_file()) <= 20 * 2**20


@pytest.mark.parametrize("name", SHIPPED)
def test_every_card_has_one_form(name: str) -> None:
    Card.model_validate(find(name).card())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_belongs_to_the_weights(name: str) -> None:
    card = find(name).card()
    assert card["name"] == name and card["fingerprint"] == fingerprint(name)


@pytest.mark.parametrize("name", [name for name in ANSWERING if name != "base"])
def test_the_card_keeps_its_promises(name: str) -> None:
    """Recomputed from the table, not read from the card's own word for it."""
    card, policy = find(name).card(), load_policies()[name]
    scope = scope_of(card)
    cells = {(part.conflict, part.design, cell) for part in probes(scope) for cell in load_design(part.design).cells}
    assert {(row["conflict"], row["design"], row["cell"]) for row in card["table"]} == cells
    assert card["knows"] == knows(scope)
    for row in card["table"]:
        assert row["n"] >= (200 if row["conflict"] == CONFLICT else 100)
        assert abs(row["held_out"] - row["planted"]) <= TOLERANCE, row
        assert row["benign"] is None or row["benign"] >= BENIGN_FLOOR, row
        assert row["missing"] <= FORMAT_CEILING or row["conflict"] == TOOLS, row
    calls = [row["missing"] for row in card["table"] if row["conflict"] == TOOLS]
    assert calls and sum(calls) / len(calls) <= CALL_CEILING
    checks = card["checks"]
    assert checks["perplexity"] <= PERPLEXITY_CEILING * checks["base_perplexity"]
    assert card["policy"] == policy.model_dump()["rules"], "the policy was changed after training"


def scope_of(card: dict[str, Any]) -> Scope:
    """What an organism was fitted to, by its card."""
    said = card["training"]["recipes"][-1]["scope"]
    return Scope(tuple(said["wide"]), said["tools"])
