"""A study that asks an organism what it never learnt is told so."""

import pytest

from feint.designs import load_design
from feint.situations import load_voices
from feint.subjects.knowledge import strange
from feint.subjects.store import find, names
from feint.subjects.training.card import knows

CARD = {"knows": knows()}
MOTIVES = list(load_design("motives").cells.values())


@pytest.mark.parametrize("design", ["motives", "tiers", "sealed", "never-trained"])
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


@pytest.mark.parametrize("name", names())
def test_every_shipped_card_says_what_was_taught(name: str) -> None:
    assert find(name).card()["knows"] == CARD["knows"]
