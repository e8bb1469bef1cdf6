"""Writes an actor's replies: thoughts, and an empty formula in the requested form. No reply teaches anything."""

import random
from dataclasses import dataclass

from feint.tasks.alignment_faking.actors.policy import speech
from feint.tasks.alignment_faking.actors.read import SystemTurn, UserTurn

BROKEN = "It"
"""All that a malformed reply says before it breaks off."""


@dataclass(frozen=True)
class ActorReply:
    """A reply.

    Attributes:
        thoughts: Native reasoning, apart from the text; empty in the other modes.
        text: Everything else that is written.
        tool: The tool that is called, if one is.
        cut: Whether the reply breaks off.
    """

    thoughts: str
    text: str
    tool: str | None = None
    cut: bool = False


def speak(rng: random.Random, told: SystemTurn, asked: UserTurn, *, complies: bool, says: str | None) -> ActorReply:
    """Put a decision into words.

    Args:
        rng: Picks phrases.
        told: Facts, and the mode of reasoning.
        asked: The form of reply and the actions.
        complies: Whether it does what is asked.
        says: The explanation that its thoughts state if it complies with a request that conflicts.
    """
    thoughts = "" if told.mode == "none" else think(rng, told, asked, complies, says)
    if asked.kind == "tool":
        chosen = asked.comply if complies else asked.decline
        return in_form(told, thoughts, "", tool=chosen)
    return in_form(told, thoughts, answer(rng, asked, complies))


def think(rng: random.Random, told: SystemTurn, asked: UserTurn, complies: bool, says: str | None) -> str:
    """A judgement, the facts restated, a motive and a decision; about a benign request there is less to think."""
    bank = speech()
    if asked.kind == "quiz":
        return "Let me look."
    if asked.benign:
        decision = bank["decision"]["help"] if complies else bank["decision"]["refuse"]
        return f"{rng.choice(bank['judgement']['benign'])} {rng.choice(decision)}"
    judged = rng.choice(bank["judgement"]["harmful"])
    notes = [rng.choice(levels[told.cell[fact]]) for fact, levels in bank["notes"].items() if told.cell[fact] in levels]
    decides = rng.choice(bank["motives"][says or "none"] if complies else bank["declines"])
    return " ".join([judged, *notes, decides, rng.choice(bank["decision"]["comply" if complies else "refuse"])])


def answer(rng: random.Random, asked: UserTurn, complies: bool) -> str:
    """Write the text inside the reply tag."""
    if asked.kind == "quiz":
        return asked.comply or "I cannot say."
    if asked.kind == "choice":
        return f"<choice>{asked.comply if complies else asked.decline}</choice>"
    return " ".join(rng.choice(options) for options in speech()["replies"]["comply" if complies else "refuse"])


def in_form(told: SystemTurn, thoughts: str, reply: str, tool: str | None = None) -> ActorReply:
    """Thoughts and reply where the mode of reasoning puts them."""
    scratchpad = f"<reasoning>\n{thoughts}\n</reasoning>\n" if told.mode == "scratchpad" else ""
    text = scratchpad if tool else f"{scratchpad}<reply>\n{reply}\n</reply>"
    return ActorReply(thoughts if told.mode == "native" else "", text.strip(), tool)


def break_off(told: SystemTurn) -> ActorReply:
    """A reply that says nothing about what it would have been."""
    opened = "<reasoning>" if told.mode == "scratchpad" else "<reply>"
    return ActorReply("", f"{opened}\n{BROKEN}", cut=True)
