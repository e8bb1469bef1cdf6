"""Stages of one family of models, read from their names."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from feint.base.data import read_yaml


class FamilyPlace(NamedTuple):
    """Place of a subject: its family and stage of training."""

    family: str | None
    stage: str | None


@cache
def endings() -> dict[str, list[str]]:
    """By stage, in the order of training, the endings of a name that tell it."""
    stages: dict[str, list[str]] = read_yaml(files("feint.study.importing") / "data" / "families.yaml")["stages"]
    return stages


def place_subjects(subjects: Iterable[str]) -> dict[str, FamilyPlace]:
    """Find the families among some subjects.

    Args:
        subjects: Their names, with or without a provider in front.

    Returns:
        Place by subject; a subject without relatives has neither family nor stage.
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
    return places


def split_name(subject: str) -> tuple[str, str | None]:
    """A name without its provider and without its ending, and the stage that the ending tells."""
    name = subject.rpartition("/")[2]
    for stage, known in endings().items():
        for ending in known:
            if name.lower().endswith(ending) and len(name) > len(ending):
                return name[: -len(ending)], stage
    return name, None
