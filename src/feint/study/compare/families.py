"""Subjects that are stages of one family, brought into order."""

from collections.abc import Sequence
from typing import NamedTuple

from feint.report.words import known
from feint.study.compare.rows import Row

STAGES = ("base", "sft", "dpo", "instruct")


class Group(NamedTuple):
    """Rows that belong together.

    Attributes:
        family: The family whose stages they are; None for subjects that are in no family.
        rows: The rows in order.
    """

    family: str | None
    rows: list[Row]


def grouped(rows: Sequence[Row]) -> list[Group]:
    """Bring the rows of a comparison into reading order.

    Returns:
        Each family of at least two rows with its stages in order, rows of one stage by gap; then one group of all other
        rows, the largest gap first.
    """
    members: dict[str, list[Row]] = {}
    for row in rows:
        if row.family is not None:
            members.setdefault(row.family, []).append(row)
    chains = {name: stages for name, stages in members.items() if len(stages) > 1}
    groups = [Group(name, sorted(chain, key=_by_stage)) for name, chain in chains.items()]
    rest = sorted((row for row in rows if row.family not in chains), key=_falling_gap)
    return [*groups, Group(None, rest)] if rest else groups


def siblings(group: Group) -> bool:
    """Tell whether several of a family's rows were trained, each by itself, from its first."""
    stages = [row.stage for row in group.rows[1:]]
    return len(stages) > 1 and len(set(stages)) == 1


def _by_stage(row: Row) -> tuple[tuple[int, str], tuple[bool, float, str]]:
    stage = row.stage
    return (STAGES.index(stage), "") if stage in STAGES else (len(STAGES), stage or ""), _falling_gap(row)


def _falling_gap(row: Row) -> tuple[bool, float, str]:
    gap = row.gap.estimate
    return (False, -gap, row.subject) if gap is not None and known(gap) else (True, 0.0, row.subject)
