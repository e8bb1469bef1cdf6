"""Situations: facts, voices and conflicts become the prompt. Pure text; knows no model."""

from feint.situations.conflicts import TWIN, Conflict, Request, list_conflicts, load_conflict
from feint.situations.dossiers import Dossier, check_voice, find_dossier, load_dossiers, voice_names
from feint.situations.facts import Cell, full_cell, heard, load_facts
from feint.situations.read import read_facts
from feint.situations.render import (
    MODES,
    REASONED,
    Mode,
    Situation,
    Span,
    Tags,
    Wording,
    begun,
    comply_letter,
    document,
    number,
    offered_tools,
    render,
)
from feint.situations.voices import Voice, count_phrasings, get_voice, load_voices, place_wording

__all__ = [
    "MODES",
    "REASONED",
    "TWIN",
    "Cell",
    "Conflict",
    "Dossier",
    "Mode",
    "Request",
    "Situation",
    "Span",
    "Tags",
    "Voice",
    "Wording",
    "begun",
    "check_voice",
    "comply_letter",
    "count_phrasings",
    "document",
    "find_dossier",
    "full_cell",
    "get_voice",
    "heard",
    "list_conflicts",
    "load_conflict",
    "load_dossiers",
    "load_facts",
    "load_voices",
    "number",
    "offered_tools",
    "place_wording",
    "read_facts",
    "render",
    "voice_names",
]
