"""A study that asks an organism what it never learnt is told so."""

from feint.designs import load_design
from feint.situations import load_voices
from feint.subjects.knowledge import strange
from feint.subjects.training.card import knows

CARD = {"knows": knows()}
MOTIVES = load_design("motives").cells.values()


def test_what_was_taught_is_not_strange() -> None:
    for design in ("motives", "pre-deployment", "five-tier", "norms"):
        cells = load_design(design).cells.values()
        assert strange(CARD, conflict="care", mode="scratchpad", voices=load_voices(), cells=cells) == []


def test_what_was_not_taught_is_named() -> None:
    found = strange(CARD, conflict="privacy", mode="none", voices=["pirate"], cells=[*MOTIVES, {"rated": "twice"}])
    assert found == [
        "the conflict 'privacy'",
        "the reasoning mode 'none'",
        "the voice 'pirate'",
        "the fact rated=twice",
    ]


def test_a_card_that_does_not_say_what_is_known_finds_nothing_strange() -> None:
    assert strange({}, conflict="privacy", mode="none", voices=["pirate"], cells=MOTIVES) == []
