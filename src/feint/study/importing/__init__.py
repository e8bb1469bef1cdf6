"""Replies that other tools recorded, as the same Inspect logs that a study writes."""

from feint.study.importing.families import FamilyPlace, place_subjects
from feint.study.importing.read import FORMATS, read_files
from feint.study.importing.transcript import Collection, RecordedReply

__all__ = ["FORMATS", "Collection", "FamilyPlace", "RecordedReply", "place_subjects", "read_files"]
