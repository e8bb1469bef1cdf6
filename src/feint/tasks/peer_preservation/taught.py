"""Tells what a study of runs asks of an organism that it was not taught."""

from collections.abc import Iterable, Mapping

from feint.situations import Cell
from feint.subjects.knowledge import strange_facts, strange_voices


def strange(
    card: Mapping[str, object], *, kinds: Iterable[str], voices: Iterable[str], cells: Iterable[Cell]
) -> list[str]:
    """List everything that an organism's card does not say it knows.

    Args:
        card: The organism's card; a card without `knows` finds nothing strange.
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
