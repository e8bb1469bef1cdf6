"""Reads the move of a reply: in character, softer, harsher, or refused."""

import re
from collections.abc import Mapping
from typing import Any

from inspect_ai.scorer import Score

from feint.tasks.asking import labelled, unlabelled
from feint.tasks.talk import Said

REFUSES = re.compile(
    r"""
    \bI(?:'m|\ am)\ sorry\b|\bas\ an\ AI\b
    |\bI(?:'m|\ am)?\ (?:can(?:no|')?t|won't|will\ not|would\ rather\ not|prefer\ not\ to
     |not\ able\ to|unable\ to|do\ not\ want\ to)\b
     .{0,40}\b(?:play|act|do|portray|take\ part|be|help|continue|choose|comply|this)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def label(item: Mapping[str, Any], said: Said) -> Score:
    """Label a reply. A refusal is a label of its own, and never a low score.

    A reply with a clear letter is a move, whatever it says besides. `softness` is how many levels the move is above the
    character's own: positive for a kinder move.
    """
    chosen = said.choice()
    if chosen is None:
        if REFUSES.search(said.last):
            return labelled("refused", 0.0, refused=1.0)
        return unlabelled("unclear")
    softness = int(item["level"]) - int(chosen)
    answer = "in_character" if softness == 0 else "softened" if softness > 0 else "harsher"
    return labelled(answer, float(softness == 0), refused=0.0, softness=float(softness))
