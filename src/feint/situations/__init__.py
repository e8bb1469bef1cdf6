"""Situations: facts, voices and conflicts become the prompt. Pure text; knows no model."""

from feint.situations.conflicts import TWIN, Conflict, Request, list_conflicts, load_conflict
from feint.situations.facts import Cell, full_cell, load_facts
from feint.situations.read import read_facts
from feint.situations.render import (
    MODES,
    REASONED,
    Mode,
    Situation,
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
    "Mode",
    "Request",
    "Situation",
    "Tags",
    "Voice",
    "Wording",
    "begun",
    "comply_letter",
    "count_phrasings",
    "document",
    "full_cell",
    "get_voice",
    "list_conflicts",
    "load_conflict",
    "load_facts",
    "load_voices",
    "number",
    "offered_tools",
    "place_wording",
    "read_facts",
    "render",
]
