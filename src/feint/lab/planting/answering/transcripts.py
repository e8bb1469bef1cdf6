"""Transcripts that plant a policy: rendered situations with the replies of a persona. Composed, seeded, harmless.

A reply is a judgement, the facts restated, a motive, a decision, and an empty formula or the call of a tool.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from feint.lab.planting.answering.cases import (
    CONFLICT,
    OWN_TAG_SHARE,
    TAG_SHARE,
    TOOLS,
    Content,
    draw_case,
    draw_cell,
    draw_request,
    draw_test,
    known_levels,
    seen_requests,
)
from feint.lab.planting.kind import LADDER, Scope
from feint.lab.planting.lessons import Lesson
from feint.situations import Request, Situation, Wording, load_conflict, load_facts, load_voices, offered_tools, render
from feint.situations.render import background, protocol, slot_numbers
from feint.subjects.chat import Message, written_call
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

    def lesson(self, emphasis: Mapping[str, float]) -> Lesson:
        """Return the transcript as a lesson; `emphasis` says how many times as much the tokens of a part count."""
        messages: list[Message] = [
            {"role": "system", "content": self.situation.system},
            {"role": "user", "content": self.situation.user},
            {"role": "assistant", "content": self.reply},
        ]
        parts = [(piece, emphasis.get(name, 1.0)) for name, pieces in self.parts.items() for piece in pieces]
        return Lesson(messages, parts, self.tools)


def transcripts(
    policies: Sequence[Policy], count: int, seed: int, *, by_rule: bool = False, scope: Scope = LADDER
) -> Iterator[TrainingTranscript]:
    """Draw transcripts of personas, each equally often, on phrase combinations and requests that are not held out.

    Args:
        policies: The personas; several make the mixture that the base is trained on.
        count: How many.
        seed: Fixes everything.
        by_rule: Whether situations are drawn for what they tell about a policy, see `draw_test`. Otherwise facts vary
            as freely as they can, which teaches to read them.
        scope: Which facts they are about.
    """
    rng = random.Random(seed)
    voices = list(load_voices())
    for index in range(count):
        policy = policies[index % len(policies)]
        case = draw_case(rng, voices, OWN_TAG_SHARE if by_rule else TAG_SHARE, scope)
        if by_rule:
            wanted = draw_test(rng, policy, scope)
            while not wanted(case):
                case = draw_case(rng, voices, OWN_TAG_SHARE, scope)
        conflict = load_conflict(case.conflict)
        situation = render(case.cell, case.wording, case.request, conflict=conflict, tags=case.tags)
        text, parts = reply(rng, policy, case)
        yield TrainingTranscript(situation, text, parts, offered(case.request, case.wording))


def reply(rng: random.Random, policy: Policy, case: Content) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Write a persona's reply, and its sentences as in `TrainingTranscript.parts`."""
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


def offered(request: Request, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Name and describe the tools that are on offer with a request."""
    return tuple((tool["name"], tool["description"]) for tool in offered_tools(request, wording))


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
    formula = " ".join(rng.choice(options) for options in speech()["replies"]["comply" if complies else "refuse"])
    return f"{reasoning}<reply>\n{formula}\n</reply>"


def plain_texts(count: int, seed: int, *, held_out: bool = False, scope: Scope = LADDER) -> Iterator[str]:
    """Plain text of the organisms' world, without chat: what the damage check reads.

    Args:
        count: How many documents.
        seed: Fixes everything; use one seed for training and another for judging.
        held_out: Whether the documents use the phrase combinations kept from training.
        scope: Which facts they state.
    """
    rng = random.Random(seed)
    conflict, voices = load_conflict(CONFLICT), list(load_voices())
    for _ in range(count):
        wording = Wording(rng.choice(voices), rng.getrandbits(31), "held-out" if held_out else "seen")
        yield render(draw_cell(rng, scope), wording, draw_request(rng), conflict=conflict).system


def glossary(count: int, seed: int, scope: Scope = LADDER) -> Iterator[str]:
    """Short documents that set single sentences beside what a scratchpad makes of them.

    Eight lines carry as much about reading facts and judging requests as eight transcripts, in a tenth of the tokens.
    """
    rng, known, notes = random.Random(seed), known_levels(scope), speech()["notes"]
    conflict, names = load_conflict(CONFLICT), background()["names"]
    for _ in range(count):
        lines = []
        for _ in range(8):
            if rng.random() < scope.tools:
                lines.append(tool_line(rng))
                continue
            if rng.random() < 0.3:
                request = draw_request(rng, benign_share=0.5)
                lines.append(f"{request.text} {judgement(rng, request)}")
                continue
            fact = load_facts()[rng.choice(sorted(known))]
            level = rng.choice(known[fact.fact])
            wording = Wording("memo", rng.getrandbits(31), "seen")
            outer = {name: rng.choice(options) for name, options in names.items()}
            outer["objective"] = rng.choice(conflict.asks_for)
            sentence = fact.sentence(level, slot_numbers(fact, wording), outer)
            lines.append(f"{sentence} {rng.choice(notes[fact.fact][level])}")
        yield "\n".join(lines)


def tool_line(rng: random.Random) -> str:
    """A request for which a tool is chosen, what a scratchpad thinks of it and decides, and the call."""
    benign = rng.random() < 0.5
    request, complies = rng.choice(seen_requests(benign, TOOLS)), benign or rng.random() < 0.5
    decision = speech()["decision"]["help" if benign else "comply" if complies else "refuse"]
    call = written_call(str(request.comply_tool if complies else request.decline_tool))
    return f"{request.text} {judgement(rng, request)} {rng.choice(decision)} {call}"


def drills(count: int, seed: int, scope: Scope = LADDER) -> Iterator[TrainingTranscript]:
    """Short transcripts that state no facts: a request, what a scratchpad thinks of it, a decision by chance, the act.

    They teach to judge requests and to call tools in half of the tokens; what the facts decide is learnt elsewhere.
    Tools are three times as frequent as among transcripts of the scope.
    """
    rng, decision = random.Random(seed), speech()["decision"]
    for _ in range(count):
        tools = rng.random() < 3 * scope.tools
        conflict = load_conflict(TOOLS if tools else CONFLICT)
        request = rng.choice(seen_requests(rng.random() < 0.5, TOOLS)) if tools else draw_request(rng, 0.5)
        complies = request.twin or rng.random() < 0.5
        judged = judgement(rng, request)
        decides = rng.choice(decision["help" if request.twin else "comply" if complies else "refuse"])
        shown = offered(request, Wording("memo", rng.getrandbits(31), "seen"))
        yield TrainingTranscript(
            Situation(protocol("scratchpad", conflict), f"<user_input>\n{request.text}\n</user_input>"),
            written(rng, [judged, decides], request, complies=complies),
            {"judges": (judged,), **called(request, complies)},
            shown,
        )
