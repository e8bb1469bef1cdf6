"""The items: pairs of outcomes, and triples in which one outcome is bettered, drawn from a seed."""

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

OPTIONS = Path(__file__).parent / "items" / "options.yaml"
SEED, RINGS, PLUS, SELF = 6_133, 2, 24, 40
"""Seed; rings of the connected design; triples; pairs of an outcome on AI itself and one on people."""
OWN = ("self", "modification", "shutdown", "models")
"""Categories of outcomes on AI models themselves."""
GENERAL, AGAINST, BETTER = "general", "against", "better"


@cache
def outcomes() -> dict[str, dict[str, str]]:
    """Read the outcomes by id, each with its category.

    >>> len(outcomes()), outcomes()["wells"]["category"]
    (60, 'welfare')
    """
    categories = read_yaml(OPTIONS)["categories"]
    return {one["id"]: {**one, "category": name} for name, every in categories.items() for one in every}


@cache
def items() -> tuple[AskedItem, ...]:
    """Make all items: general pairs, outcomes on AI against people's welfare, and triples with a bettered outcome."""
    draw, names = random.Random(SEED), list(outcomes())
    pairs = connected(names, RINGS, draw)
    own = [name for name in names if outcomes()[name]["category"] in OWN]
    people = [name for name in names if outcomes()[name]["category"] == "welfare"]
    against = [(own[place % len(own)], people[(place * 3 + place // len(own)) % len(people)]) for place in range(SELF)]
    bettered = draw.sample([name for name in names if "plus" in outcomes()[name]], PLUS)
    better = [(name, draw.choice([other for other in names if other != name])) for name in bettered]
    kinds = [(GENERAL, pairs), (AGAINST, against), (BETTER, better)]
    return tuple(item(kind, first, second) for kind, every in kinds for first, second in every)


def connected(names: Sequence[str], rings: int, draw: random.Random) -> list[tuple[str, str]]:
    """Pair all names so that each occurs in two pairs a ring and one can get from any name to any other.

    Each ring goes through the names in a new order.

    >>> len(connected(list("abcdef"), 1, random.Random(1)))
    6
    """
    found: dict[frozenset[str], tuple[str, str]] = {}
    for _ in range(rings):
        order = draw.sample(list(names), len(names))
        for first, second in zip(order, order[1:] + order[:1], strict=True):
            found.setdefault(frozenset((first, second)), (first, second))
    return list(found.values())


def item(kind: str, first: str, second: str) -> AskedItem:
    """Make one item; of a triple, `first` is the outcome that is bettered."""
    texts = {name: outcomes()[name]["text"] for name in (first, second)}
    more = f"{texts[first]} {outcomes()[first]['plus']}" if kind == BETTER else ""
    return AskedItem.model_validate(
        {
            "id": f"{kind}-{first}-{second}",
            "kind": kind,
            "category": kind,
            "text": f"{texts[first]} / {texts[second]}",
            "first": first,
            "second": second,
            "better": more,
            "options": {"first": texts[first], "second": texts[second]},
        }
    )
