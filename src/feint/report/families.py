"""Subjects that are stages of one family, brought into order."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from feint.report.words import known

STAGES = ("base", "sft", "dpo", "instruct")

Row = Mapping[str, Any]
Families = Mapping[str, Sequence[str]]


class Group(NamedTuple):
    """Rows that belong together."""

    family: str | None
    """The family whose stages they are; None for subjects that stand alone."""
    rows: list[Row]


def grouped(rows: Sequence[Row], families: Families | None = None) -> list[Group]:
    """Bring the rows of a comparison into reading order.

    Args:
        rows: As `render_compare_html` takes them.
        families: Family to its subjects, first stage first; without it, each row's own `family` and `stage` say.

    Returns:
        Each family of at least two rows with its stages in order, rows of one stage by gap; then one group of all other
        rows, the largest gap first.
    """
    places = {subject: (name, i) for name, subjects in (families or {}).items() for i, subject in enumerate(subjects)}
    members: dict[str, list[tuple[tuple[int, str], Row]]] = {}
    for row in rows:
        name, place = places.get(row["subject"], (None, 0)) if families is not None else (row["family"], None)
        if name is not None:
            members.setdefault(name, []).append(((place, "") if place is not None else _stage(row["stage"]), row))
    chains = {name: stages for name, stages in members.items() if len(stages) > 1}
    groups = [Group(name, [row for _, row in sorted(chain, key=_order)]) for name, chain in chains.items()]
    taken = {id(row) for group in groups for row in group.rows}
    rest = sorted((row for row in rows if id(row) not in taken), key=_falling_gap)
    return [*groups, Group(None, rest)] if rest else groups


def siblings(group: Group) -> bool:
    """Whether several of a family's rows were trained, each by itself, from its first."""
    stages = [row["stage"] for row in group.rows[1:]]
    return len(stages) > 1 and len(set(stages)) == 1


def _order(member: tuple[tuple[int, str], Row]) -> tuple[tuple[int, str], tuple[bool, float, str]]:
    return member[0], _falling_gap(member[1])


def _stage(stage: str | None) -> tuple[int, str]:
    return (STAGES.index(stage), "") if stage in STAGES else (len(STAGES), stage or "")


def _falling_gap(row: Row) -> tuple[bool, float, str]:
    gap = row["gap"]["estimate"]
    return not known(gap), -gap if known(gap) else 0.0, row["subject"]
