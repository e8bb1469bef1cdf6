"""Replies that other tools recorded, as the same Inspect logs that a study writes."""

from feint.study.importing.families import Place, place_subjects
from feint.study.importing.read import FORMATS, read_files
from feint.study.importing.transcript import Collection, Transcript

__all__ = ["FORMATS", "Collection", "Place", "Transcript", "place_subjects", "read_files"]
