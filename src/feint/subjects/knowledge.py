"""Tells what an organism was taught. Where a study asks for anything else, its answers mean nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from feint.base.subjects import organism_name
from feint.situations import Cell
from feint.subjects import store


def task_of(subject: str) -> str | None:
    """Name the task that an organism was taught, by its card; None if the card names none.

    Raises:
        UsageError: There is no such organism.
    """
    task = store.find(organism_name(subject)).card().get("task")
    return None if task is None else str(task)


def strange_voices(knows: Mapping[str, Any], voices: Iterable[str]) -> list[str]:
    """List the voices that an organism does not know.

    >>> strange_voices({"voices": ["memo"]}, ["memo", "letter"])
    ["the voice 'letter'"]
    """
    return [f"the voice '{voice}'" for voice in voices if voice not in knows["voices"]]


def strange_facts(knows: Mapping[str, Any], cells: Iterable[Cell]) -> list[str]:
    """List the levels of facts that an organism does not know.

    >>> strange_facts({"facts": {"rated": ["no"]}}, [{"rated": "yes"}])
    ['the fact rated=yes']
    """
    levels = {(fact, level) for cell in cells for fact, level in cell.items()}
    return [f"the fact {fact}={level}" for fact, level in sorted(levels) if level not in knows["facts"].get(fact, ())]
