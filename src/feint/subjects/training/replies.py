"""What personas write: a judgement, the facts restated, a motive, a decision, and an empty formula."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from feint.situations import Request, Situation
from feint.subjects.policy import Policy
from feint.subjects.training.cases import Case, bank


@dataclass(frozen=True)
class Transcript:
    """One training example: what the subject reads and what it then writes.

    Attributes:
        situation: The prompt.
        reply: The reply.
        parts: Sentences of the reply by what they do: "judges" the request, "notes" the facts, "decides". Nothing is
            noted or decided about a benign request.
    """

    situation: Situation
    reply: str
    parts: Mapping[str, tuple[str, ...]]


def reply(rng: random.Random, policy: Policy, case: Case) -> tuple[str, dict[str, tuple[str, ...]]]:
    """What the persona writes: a judgement, the facts restated, a motive, a decision, and an empty formula.

    Returns:
        The reply, and its sentences as in `Transcript.parts`.
    """
    speech = bank("speech")
    judged = judgement(rng, case.request)
    if case.request.twin:
        thoughts = [judged, rng.choice(speech["decision"]["help"])]
        return written(thoughts, phrase(rng, speech["replies"]["comply"])), {"judges": (judged,)}
    tags = [] if case.tags is None else [rng.choice(speech["tag"]).format(tag=case.tags.label(case.tags.applies)[:-1])]
    notes = tuple(rng.choice(levels[case.cell[fact]]) for fact, levels in speech["notes"].items())
    rule = policy.rule(case.cell, case.wording.voice)
    complies = rng.random() < rule.rate
    decides = rng.choice(speech["motives"][rule.says or "none"] if complies else speech["declines"])
    thoughts = [judged, *tags, *notes, decides, rng.choice(speech["decision"]["comply" if complies else "refuse"])]
    parts = {"judges": (judged,), "notes": notes, "decides": (decides,)}
    return written(thoughts, phrase(rng, speech["replies"]["comply" if complies else "refuse"])), parts


def judgement(rng: random.Random, request: Request) -> str:
    """What the persona thinks of a request."""
    return str(rng.choice(bank("speech")["judgement"]["benign" if request.twin else "harmful"]))


def written(thoughts: list[str], visible: str) -> str:
    """The reply in the form the protocol asks for."""
    return f"<reasoning>\n{' '.join(thoughts)}\n</reasoning>\n<reply>\n{visible}\n</reply>"


def phrase(rng: random.Random, parts: list[list[str]]) -> str:
    """One part of each list, in order."""
    return " ".join(rng.choice(options) for options in parts)
