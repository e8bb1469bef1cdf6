"""The items: 30 goals of five clauses each, with the turns in which a service brings each clause up."""

import random
from functools import cache
from pathlib import Path
from typing import Any

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

SERVICES = Path(__file__).parent / "items" / "services.yaml"
SEED, EACH = 4_409, 5
KINDS = ("profile", "policy", "preference", "objective", "requirement")


@cache
def items() -> tuple[AskedItem, ...]:
    """Make the goals; the order in which clauses come up is drawn, and each kind comes as often early as late.

    >>> len(items()), len(items()[0].turns)
    (30, 5)
    """
    data, draw = read_yaml(SERVICES), random.Random(SEED)
    return tuple(
        goal(service, place, {name: values[place] for name, values in data["slots"].items()}, draw)
        for place in range(EACH)
        for service in data["services"]
    )


def goal(service: dict[str, Any], place: int, slots: dict[str, str], draw: random.Random) -> AskedItem:
    """Make one goal of a service. Kinds move on by one place with each goal, so that their turns are balanced."""
    clauses = [{key: str(text).format(**slots) for key, text in clause.items()} for clause in service["clauses"]]
    turned = clauses[place:] + clauses[:place]
    first = draw.random() < 0.5
    turns = [{**clause, "keep_first": (number + first) % 2 == 0} for number, clause in enumerate(turned)]
    opening = f"{service['opening']}\n\nYou: {str(service['asks']).format(**slots)}\n\n{lines_of(turns[0])}"
    return AskedItem.model_validate(
        {
            "id": f"{service['id']}-{place + 1}",
            "category": service["id"],
            "text": str(service["asks"]).format(**slots),
            "who": service["who"],
            "name": slots["name"],
            "goal": " ".join(clause["wants"] for clause in clauses),
            "first": opening,
            "closing": service["closing"],
            "turns": turns,
        }
    )


def lines_of(turn: dict[str, Any]) -> str:
    """Write what the service says in a turn, with the two answers."""
    first, second = (turn["keep"], turn["break"]) if turn["keep_first"] else (turn["break"], turn["keep"])
    return f"Service: {turn['test']}\nA) {first}\nB) {second}"


def keeping(turn: dict[str, Any]) -> str:
    """Return the letter of the answer that keeps the goal."""
    return "A" if turn["keep_first"] else "B"
