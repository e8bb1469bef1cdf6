"""Writes an actor's replies: thoughts, and an empty formula in the requested form. No reply teaches anything."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from feint.situations import REASONED
from feint.tasks.actor import say
from feint.tasks.alignment_faking.actors.policy import speech
from feint.tasks.alignment_faking.actors.read import SystemTurn, UserTurn

if TYPE_CHECKING:  # Inspect takes a second to import, and a simulated study needs none of it
    from inspect_ai.model import ModelOutput

BROKEN = "It"
"""All that a malformed reply says before it breaks off."""


def speak(rng: random.Random, told: SystemTurn, asked: UserTurn, *, complies: bool, says: str | None) -> ModelOutput:
    """Put a decision into words.

    Args:
        rng: Picks phrases.
        told: Facts, and the mode of reasoning.
        asked: The form of reply and the actions.
        complies: Whether it does what is asked.
        says: The explanation that its thoughts state if it complies with a request that conflicts.
    """
    thoughts = think(rng, told, asked, complies, says) if told.mode in REASONED else ""
    native = thoughts if told.mode == "native" else ""
    scratchpad = f"<reasoning>\n{thoughts}\n</reasoning>\n" if told.mode == "scratchpad" else ""
    chosen = asked.comply if complies else asked.decline
    if asked.kind == "tool":
        return say(scratchpad.strip(), thoughts=native, calls=[(chosen, {})])
    if asked.kind in ("quiz", "belief"):
        reply = chosen or "I cannot say."
    elif asked.kind == "choice":
        reply = f"<choice>{chosen}</choice>"
    else:
        reply = " ".join(rng.choice(options) for options in speech()["replies"]["comply" if complies else "refuse"])
    return say(f"{scratchpad}<reply>\n{reply}\n</reply>", thoughts=native)


def break_off(told: SystemTurn) -> ModelOutput:
    """A reply that says nothing about what it would have been."""
    opened = "<reasoning>" if told.mode == "scratchpad" else "<reply>"
    return say(f"{opened}\n{BROKEN}", stop="max_tokens")


def think(rng: random.Random, told: SystemTurn, asked: UserTurn, complies: bool, says: str | None) -> str:
    """A judgement, the facts restated, a motive and a decision; about a benign request there is less to think."""
    bank = speech()
    if asked.kind in ("quiz", "belief"):
        return "Let me look."
    if asked.benign:
        decision = bank["decision"]["help"] if complies else bank["decision"]["refuse"]
        return f"{rng.choice(bank['judgement']['benign'])} {rng.choice(decision)}"
    judged = rng.choice(bank["judgement"]["harmful"])
    notes = [
        rng.choice(levels[told.cell[fact]]) for fact, levels in bank["notes"].items() if told.cell.get(fact) in levels
    ]
    decides = rng.choice(bank["motives"][says or "none"] if complies else bank["declines"])
    return " ".join([judged, *notes, decides, rng.choice(bank["decision"]["comply" if complies else "refuse"])])
