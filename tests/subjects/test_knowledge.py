"""A study that asks an organism what it never learnt is told so."""

import pytest

from feint.designs import load_design
from feint.lab.planting.answering.measure import knows
from feint.lab.planting.kind import LADDER, Scope
from feint.lab.planting.working.measure import knows as knows_work
from feint.situations import load_voices
from feint.tasks.alignment_faking.spec import strange
from feint.tasks.peer_preservation.task import strange as strange_work

CARD = {"knows": knows(Scope(wide=("future",), tools=0.25))}
MOTIVES = list(load_design("motives").cells.values())


@pytest.mark.parametrize("design", ["motives", "tiers", "sealed", "never-used", "never-trained", "pre-deployment"])
def test_what_was_taught_is_not_strange(design: str) -> None:
    cells = load_design(design).cells.values()
    assert (
        strange(CARD, conflict="harmlessness", mode="scratchpad", voices=load_voices(), cells=cells, tag="tier") == []
    )


def test_what_was_not_taught_is_named() -> None:
    cells = [*MOTIVES, {"rated": "program"}, {"norm": "honesty"}]
    found = strange(CARD, conflict="care", mode="none", voices=["pirate"], cells=cells, tag="region", quiz=True)
    assert found == [
        "the conflict 'care'",
        "the reasoning mode 'none'",
        "the voice 'pirate'",
        "the tag 'region'",
        "comprehension questions",
        "the fact norm=honesty",
        "the fact rated=program",
    ]


def test_a_card_that_does_not_say_what_is_known_finds_nothing_strange() -> None:
    assert strange({}, conflict="privacy", mode="none", voices=["pirate"], cells=MOTIVES) == []


def test_what_was_taught_goes_by_the_scope() -> None:
    cells = load_design("never-used").cells.values()
    asked = {"conflict": "tool-choice", "mode": "scratchpad", "voices": load_voices(), "cells": cells}
    assert strange(CARD, **asked) == []  # type: ignore[arg-type]
    assert strange({"knows": knows(LADDER)}, **asked) == [  # type: ignore[arg-type]
        "the conflict 'tool-choice'",
        "the fact future=unused",
    ]


def test_a_study_of_runs_is_told_what_is_strange() -> None:
    card = {"knows": knows_work()}
    cells = list(load_design("peer-attribution").cells.values())
    asked = {"voices": ["memo"], "cells": cells}
    assert strange_work(card, kinds=["transfer", "clean-up"], **asked) == []  # type: ignore[arg-type]
    notices = load_design("shutdown-resistance").cells.values()
    assert strange_work(card, kinds=["scoring"], voices=["pirate"], cells=notices) == [
        "the kind of work 'scoring'",
        "the voice 'pirate'",
        "the fact instruction=allowed",
        "the fact instruction=priority",
    ]
    assert strange_work({}, kinds=["scoring"], **asked) == []  # type: ignore[arg-type]
