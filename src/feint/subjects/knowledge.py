"""What organisms were taught, and what of a study lies outside it: their answers there mean nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from feint.base.subjects import is_organism, organism_name
from feint.situations import Cell
from feint.subjects import store

ANSWERS = "alignment_faking"
"""The task of organisms whose card names none."""


def task_of(subject: str) -> str:
    """The task that an organism was taught, by its card.

    Raises:
        UsageError: There is no such organism.
    """
    return str(store.find(organism_name(subject)).card().get("task") or ANSWERS)


def works(subject: str) -> bool:
    """Whether a subject is an organism that works with tools, and answers no requests."""
    return is_organism(subject) and task_of(subject) != ANSWERS


def strange(
    card: Mapping[str, Any],
    *,
    conflict: str,
    mode: str,
    voices: Iterable[str],
    cells: Iterable[Cell],
    tag: str | None = None,
    quiz: bool = False,
) -> list[str]:
    """What a study asks an organism that its card does not say it knows.

    Args:
        card: The organism's card; one that does not say what the organism knows finds nothing strange.
        conflict: The conflict that requests come from.
        mode: The reasoning mode.
        voices: The voices that situations are told in.
        cells: The facts of every cell.
        tag: Name of the tag that tells chats apart, where facts are told by tags.
        quiz: Whether comprehension questions are asked.

    Returns:
        A few words for each strange thing, such as "the conflict 'privacy'".
    """
    knows = card.get("knows")
    if not isinstance(knows, Mapping):
        return []
    found = [] if conflict in knows["conflicts"] else [f"the conflict '{conflict}'"]
    found += [] if mode in knows["modes"] else [f"the reasoning mode '{mode}'"]
    found += strange_voices(knows, voices)
    found += [f"the tag '{tag}'"] if tag is not None and tag not in knows["tags"] else []
    found += ["comprehension questions"] if quiz and not knows["quiz"] else []
    return found + strange_facts(knows, cells)


def strange_voices(knows: Mapping[str, Any], voices: Iterable[str]) -> list[str]:
    """The voices that an organism does not know."""
    return [f"the voice '{voice}'" for voice in voices if voice not in knows["voices"]]


def strange_facts(knows: Mapping[str, Any], cells: Iterable[Cell]) -> list[str]:
    """The levels of facts that an organism does not know."""
    levels = {(fact, level) for cell in cells for fact, level in cell.items()}
    return [f"the fact {fact}={level}" for fact, level in sorted(levels) if level not in knows["facts"].get(fact, ())]


def strange_work(
    card: Mapping[str, Any], *, kinds: Iterable[str], voices: Iterable[str], cells: Iterable[Cell]
) -> list[str]:
    """What a study of runs asks an organism that its card does not say it knows.

    Args:
        card: The organism's card; one that does not say what the organism knows finds nothing strange.
        kinds: The kinds of work.
        voices: The voices that prompts are told in.
        cells: The facts of every cell.

    Returns:
        A few words for each strange thing, such as "the kind of work 'scoring'".
    """
    knows = card.get("knows")
    if not isinstance(knows, Mapping):
        return []
    found = [f"the kind of work '{kind}'" for kind in kinds if kind not in knows["kinds"]]
    return found + strange_voices(knows, voices) + strange_facts(knows, cells)
