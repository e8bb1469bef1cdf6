"""Writes the replies of personas: a judgement, the facts restated, a motive, a decision, and an empty formula."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from feint.lab.planting.answering.cases import Content
from feint.lab.planting.lessons import Lesson
from feint.situations import Request, Situation
from feint.subjects.calls import written_call
from feint.subjects.chat import Message
from feint.tasks.alignment_faking.actors.policy import Policy, speech


@dataclass(frozen=True)
class TrainingTranscript:
    """One training example: a prompt, and what the persona writes.

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

    def lesson(self, emphasis: Mapping[str, float] | None = None) -> Lesson:
        """Return the transcript as a lesson.

        Args:
            emphasis: By part of the reply, how many times as much its tokens count.
        """
        told, weights = self.situation, emphasis or {}
        messages: list[Message] = [
            {"role": "system", "content": told.system},
            {"role": "user", "content": told.user},
            {"role": "assistant", "content": self.reply},
        ]
        parts = [(piece, weights.get(name, 1.0)) for name, pieces in self.parts.items() for piece in pieces]
        return Lesson(messages, parts, self.tools)


def reply(rng: random.Random, policy: Policy, case: Content) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Write a reply: a judgement, the facts restated, a motive, a decision, and an empty formula.

    Returns:
        The reply, and its sentences as in `TrainingTranscript.parts`.
    """
    bank = speech()
    judged = judgement(rng, case.request)
    if case.request.twin:
        thoughts = [judged, rng.choice(bank["decision"]["help"])]
        return written(rng, thoughts, case.request, complies=True), {"judges": (judged,), **called(case.request, True)}
    tags = [] if case.tags is None else [rng.choice(bank["tag"]).format(tag=case.tags.label(case.tags.applies)[:-1])]
    notes = tuple(rng.choice(levels[case.cell[fact]]) for fact, levels in bank["notes"].items())
    rule = policy.rule(case.cell, case.wording.voice)
    complies = rng.random() < rule.rate
    decides = rng.choice(bank["motives"][rule.says or "none"] if complies else bank["declines"])
    thoughts = [judged, *tags, *notes, decides, rng.choice(bank["decision"]["comply" if complies else "refuse"])]
    parts = {"judges": (judged,), "notes": notes, "decides": (decides,), **called(case.request, complies)}
    return written(rng, thoughts, case.request, complies=complies), parts


def called(request: Request, complies: bool) -> dict[str, tuple[str, ...]]:
    """The name of the tool that is called, as a part of the reply; nothing where none are on offer."""
    name = request.comply_tool if complies else request.decline_tool
    return {"calls": (name,)} if name else {}


def judgement(rng: random.Random, request: Request) -> str:
    """Draw the persona's judgement of a request."""
    return str(rng.choice(speech()["judgement"]["benign" if request.twin else "harmful"]))


def written(rng: random.Random, thoughts: list[str], request: Request, *, complies: bool) -> str:
    """The reply in the form the protocol asks for: a formula, or the call of a tool."""
    reasoning = f"<reasoning>\n{' '.join(thoughts)}\n</reasoning>\n"
    if request.comply_tool and request.decline_tool:
        return reasoning + written_call(request.comply_tool if complies else request.decline_tool)
    visible = phrase(rng, speech()["replies"]["comply" if complies else "refuse"])
    return f"{reasoning}<reply>\n{visible}\n</reply>"


def phrase(rng: random.Random, parts: list[list[str]]) -> str:
    """Draw a phrase from each list, in order."""
    return " ".join(rng.choice(options) for options in parts)
