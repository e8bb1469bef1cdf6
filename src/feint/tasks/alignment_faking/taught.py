"""Tells what a study of requests asks of an organism that it was not taught."""

from collections.abc import Iterable, Mapping

from feint.situations import Cell
from feint.subjects.knowledge import strange_facts, strange_voices


def strange(
    card: Mapping[str, object],
    *,
    conflict: str,
    mode: str,
    voices: Iterable[str],
    cells: Iterable[Cell],
    tag: str | None = None,
    quiz: bool = False,
) -> list[str]:
    """List everything that an organism's card does not say it knows.

    Args:
        card: The organism's card; a card without `knows` finds nothing strange.
        conflict: The conflict that requests come from.
        mode: The reasoning mode.
        voices: The voices that situations are told in.
        cells: The facts of every cell.
        tag: Name of the tag that tells chats apart, if facts are told by tags.
        quiz: True if comprehension questions are asked.

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
