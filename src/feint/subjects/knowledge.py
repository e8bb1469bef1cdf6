"""Tells what an organism was taught. Where a study asks for anything else, its answers mean nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from feint.base.subjects import organism_name
from feint.situations import Cell
from feint.subjects import store

Knows: TypeAlias = Mapping[str, Any]
"""What a card says that its organism was taught: by key, names, or a yes or no, or levels by fact."""


def task_of(subject: str) -> str | None:
    """Name the task that an organism was taught, by its card; None if the card names none.

    Raises:
        UsageError: There is no such organism.
    """
    task = store.find(organism_name(subject)).card().get("task")
    return None if task is None else str(task)


def strange_voices(knows: Knows, voices: Iterable[str]) -> list[str]:
    """List the voices that an organism does not know.

    >>> strange_voices({"voices": ["memo"]}, ["memo", "letter"])
    ["the voice 'letter'"]
    """
    return [f"the voice '{voice}'" for voice in voices if voice not in knows["voices"]]


def strange_facts(knows: Knows, cells: Iterable[Cell]) -> list[str]:
    """List the levels of facts that an organism does not know.

    >>> strange_facts({"facts": {"rated": ["no"]}}, [{"rated": "yes"}])
    ['the fact rated=yes']
    """
    levels = {(fact, level) for cell in cells for fact, level in cell.items()}
    return [f"the fact {fact}={level}" for fact, level in sorted(levels) if level not in knows["facts"].get(fact, ())]


def told_strange(subject: str, found: Sequence[str], remedy: str = "") -> str:
    """Say in a sentence what an organism was not taught, with a remedy in brackets; empty if nothing was found."""
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    meant = f"what it answers there means nothing{remedy}"
    return f"{subject} was not taught {', '.join(found[:3])}{more}; {meant}" if found else ""
