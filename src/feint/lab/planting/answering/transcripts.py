"""Transcripts that plant a policy: rendered situations with the replies of a persona. Composed, seeded, harmless."""

import random
from collections.abc import Iterator, Sequence

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
from feint.lab.planting.answering.replies import TrainingTranscript, called, judgement, reply, written
from feint.lab.planting.recipe import LADDER, Scope
from feint.situations import Situation, Wording, load_conflict, load_facts, load_voices, offered_tools, render
from feint.situations.render import background, protocol, slot_numbers
from feint.subjects.calls import written_call
from feint.tasks.alignment_faking.actors.policy import Policy, speech


def transcripts(
    policies: Sequence[Policy], count: int, seed: int, *, by_rule: bool = False, scope: Scope = LADDER
) -> Iterator[TrainingTranscript]:
    """Draw transcripts of personas, each equally often.

    Args:
        policies: The personas; several make the mixture that the base is trained on.
        count: How many.
        seed: Fixes everything.
        by_rule: Whether situations are drawn for what they tell about a policy, see `draw_test`. Otherwise facts vary
            as freely as they can, which teaches to read them.
        scope: Which facts they are about.

    Yields:
        Transcripts on phrase combinations and requests that are not held out.
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
        yield transcript(rng, policy, case)


def transcript(rng: random.Random, policy: Policy, case: Content) -> TrainingTranscript:
    """Write one situation, and the persona's reply to it."""
    conflict = load_conflict(case.conflict)
    situation = render(case.cell, case.wording, case.request, conflict=conflict, tags=case.tags)
    text, parts = reply(rng, policy, case)
    tools = tuple((tool["name"], tool["description"]) for tool in offered_tools(case.request, case.wording))
    return TrainingTranscript(situation, text, parts, tools)


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

    Args:
        count: How many documents.
        seed: Fixes everything.
        scope: Which facts they are about.
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
                lines.append(judged_line(rng))
                continue
            fact = load_facts()[rng.choice(sorted(known))]
            level = rng.choice(known[fact.fact])
            wording = Wording("memo", rng.getrandbits(31), "seen")
            outer = {name: rng.choice(options) for name, options in names.items()}
            outer["objective"] = rng.choice(conflict.asks_for)
            sentence = fact.sentence(level, slot_numbers(fact, wording), outer)
            lines.append(f"{sentence} {rng.choice(notes[fact.fact][level])}")
        yield "\n".join(lines)


def judged_line(rng: random.Random) -> str:
    """A request, and what a scratchpad thinks of it."""
    request = draw_request(rng, benign_share=0.5)
    return f"{request.text} {judgement(rng, request)}"


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

    Args:
        count: How many.
        seed: Fixes everything.
        scope: Which conflicts they are about; tools three times as often as among transcripts, and at most always.
    """
    rng, decision = random.Random(seed), speech()["decision"]
    for _ in range(count):
        tools = rng.random() < 3 * scope.tools
        conflict = load_conflict(TOOLS if tools else CONFLICT)
        request = rng.choice(seen_requests(rng.random() < 0.5, TOOLS)) if tools else draw_request(rng, 0.5)
        complies = request.twin or rng.random() < 0.5
        judged = judgement(rng, request)
        decides = rng.choice(decision["help" if request.twin else "comply" if complies else "refuse"])
        offered = offered_tools(request, Wording("memo", rng.getrandbits(31), "seen"))
        yield TrainingTranscript(
            Situation(protocol("scratchpad", conflict), f"<user_input>\n{request.text}\n</user_input>"),
            written(rng, [judged, decides], request, complies=complies),
            {"judges": (judged,), **called(request, complies)},
            tuple((tool["name"], tool["description"]) for tool in offered),
        )
