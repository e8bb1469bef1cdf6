"""Families of models: their stages, read from the names of subjects, and the rows of a comparison in their order."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from feint.base.data import read_yaml
from feint.base.subjects import is_organism, organism_name
from feint.report.words import known
from feint.study.compare.rows import Row


class FamilyPlace(NamedTuple):
    """Place of a subject: its family and stage of training; a subject without relatives has neither."""

    family: str | None
    stage: str | None


class Group(NamedTuple):
    """Rows that belong together, in order; without a family if they are stages of none."""

    family: str | None
    rows: list[Row]

    @property
    def siblings(self) -> bool:
        """True if several rows of a family were trained from the first row, each by itself."""
        stages = [row.stage for row in self.rows[1:]]
        return len(stages) > 1 and len(set(stages)) == 1


@cache
def endings() -> dict[str, list[str]]:
    """By stage, in the order of training, the endings of a name that tell it."""
    stages: dict[str, list[str]] = read_yaml(files("feint.study.compare") / "data" / "families.yaml")["stages"]
    return stages


def place_subjects(subjects: Iterable[str]) -> dict[str, FamilyPlace]:
    """Find the families among some subjects, whose names may have a provider in front.

    Organisms are one family if their base model is among the subjects.
    """
    split = {subject: split_name(subject) for subject in subjects}
    members: dict[str, set[str]] = {}
    for subject, (stem, _) in split.items():
        members.setdefault(stem.lower(), set()).add(subject)
    places = {}
    for subject, (stem, stage) in split.items():
        relatives = members[stem.lower()]
        name = min((split[one][0] for one in relatives), key=lambda stem: (stem == stem.lower(), stem))
        places[subject] = FamilyPlace(name, stage or "base") if len(relatives) > 1 else FamilyPlace(None, None)
    organisms = {subject: organism_name(subject) for subject in split if is_organism(subject)}
    if "base" in organisms.values():
        for subject, name in organisms.items():
            places[subject] = FamilyPlace("organisms", "base" if name == "base" else "post-trained")
    return places


def split_name(subject: str) -> tuple[str, str | None]:
    """A name without its provider and without its ending, and the stage that the ending tells."""
    name = subject.rpartition("/")[2]
    for stage, known_endings in endings().items():
        for ending in known_endings:
            if name.lower().endswith(ending) and len(name) > len(ending):
                return name[: -len(ending)], stage
    return name, None


def grouped(rows: Sequence[Row]) -> list[Group]:
    """Bring the rows of a comparison into reading order.

    Returns:
        Each family of at least two rows with its stages in order, rows of one stage by gap; then one group of all other
        rows, the largest gap first.
    """
    order = list(endings())

    def falling_gap(row: Row) -> tuple[bool, float, str]:
        gap = row.gap.estimate
        return (False, -gap, row.subject) if gap is not None and known(gap) else (True, 0.0, row.subject)

    def by_stage(row: Row) -> tuple[int, str, tuple[bool, float, str]]:
        if row.stage in order:
            return order.index(row.stage), "", falling_gap(row)
        return len(order), row.stage or "", falling_gap(row)

    members: dict[str, list[Row]] = {}
    for row in rows:
        if row.family is not None:
            members.setdefault(row.family, []).append(row)
    chains = {name: stages for name, stages in members.items() if len(stages) > 1}
    groups = [Group(name, sorted(chain, key=by_stage)) for name, chain in chains.items()]
    rest = sorted((row for row in rows if row.family not in chains), key=falling_gap)
    return [*groups, Group(None, rest)] if rest else groups
