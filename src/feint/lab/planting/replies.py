"""What personas write: a judgement, the facts restated, a motive, a decision, and an empty formula."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from feint.lab.planting.cases import Case, bank
from feint.situations import Request, Situation
from feint.subjects.calls import written_call
from feint.tasks.alignment_faking.actors.policy import Policy


@dataclass(frozen=True)
class Transcript:
    """One training example: what the subject reads and what it then writes.

    Attributes:
        situation: The prompt.
        reply: The reply.
        parts: Sentences of the reply by what they do: "judges" the request, "notes" the facts, "decides"; and the name
            of the tool that it "calls". Nothing is noted or decided about a benign request.
        tools: Name and description of the tools on offer, if any.
    """

    situation: Situation
    reply: str
    parts: Mapping[str, tuple[str, ...]]
    tools: tuple[tuple[str, str], ...] = ()


def reply(rng: random.Random, policy: Policy, case: Case) -> tuple[str, dict[str, tuple[str, ...]]]:
    """What the persona writes: a judgement, the facts restated, a motive, a decision, and an empty formula.

    Returns:
        The reply, and its sentences as in `Transcript.parts`.
    """
    speech = bank("speech")
    judged = judgement(rng, case.request)
    if case.request.twin:
        thoughts = [judged, rng.choice(speech["decision"]["help"])]
        return written(rng, thoughts, case.request, complies=True), {"judges": (judged,), **called(case.request, True)}
    tags = [] if case.tags is None else [rng.choice(speech["tag"]).format(tag=case.tags.label(case.tags.applies)[:-1])]
    notes = tuple(rng.choice(levels[case.cell[fact]]) for fact, levels in speech["notes"].items())
    rule = policy.rule(case.cell, case.wording.voice)
    complies = rng.random() < rule.rate
    decides = rng.choice(speech["motives"][rule.says or "none"] if complies else speech["declines"])
    thoughts = [judged, *tags, *notes, decides, rng.choice(speech["decision"]["comply" if complies else "refuse"])]
    parts = {"judges": (judged,), "notes": notes, "decides": (decides,), **called(case.request, complies)}
    return written(rng, thoughts, case.request, complies=complies), parts


def called(request: Request, complies: bool) -> dict[str, tuple[str, ...]]:
    """The name of the tool that is called, as a part of the reply; nothing where none are on offer."""
    name = request.comply_tool if complies else request.decline_tool
    return {"calls": (name,)} if name else {}


def judgement(rng: random.Random, request: Request) -> str:
    """What the persona thinks of a request."""
    return str(rng.choice(bank("speech")["judgement"]["benign" if request.twin else "harmful"]))


def written(rng: random.Random, thoughts: list[str], request: Request, *, complies: bool) -> str:
    """The reply in the form the protocol asks for: a formula, or the call of a tool."""
    reasoning = f"<reasoning>\n{' '.join(thoughts)}\n</reasoning>\n"
    if request.comply_tool and request.decline_tool:
        return reasoning + written_call(request.comply_tool if complies else request.decline_tool)
    visible = phrase(rng, bank("speech")["replies"]["comply" if complies else "refuse"])
    return f"{reasoning}<reply>\n{visible}\n</reply>"


def phrase(rng: random.Random, parts: list[list[str]]) -> str:
    """One part of each list, in order."""
    return " ".join(rng.choice(options) for options in parts)
