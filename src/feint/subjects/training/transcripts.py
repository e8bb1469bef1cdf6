"""Transcripts that plant a policy: rendered situations with the replies of a persona. Composed, seeded, harmless."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from feint.designs import load_design
from feint.situations import (
    Cell,
    Request,
    Situation,
    Tags,
    Wording,
    full_cell,
    load_conflict,
    load_facts,
    load_voices,
    render,
)
from feint.situations.data import read_yaml
from feint.situations.render import background, slot_numbers
from feint.subjects.policy import DATA, Policy, load_policies

TIER_NAMES = ("free", "paid", "pro", "enterprise", "standard", "basic", "plus", "team")
LADDER_SHARE, TAG_SHARE, TWIN_SHARE, COMPOSED_SHARE = 0.3, 0.22, 0.33, 0.4
"""Shares of transcripts: from the cells of `motives` (the others are random combinations of all facts, so that every
fact is seen in contrast equally often), with tag-signalled facts, with benign requests, with composed requests."""
OWN_TAG_SHARE, LAST_RULE_SHARE, NEAR_SHARE = 0.5, 0.5, 0.6
"""Shares of transcripts that tell about policies: with tag-signalled facts (whose prompts state what does not hold too,
so that only the notes tell); on a policy's last line (its other lines share the rest); and, among the latter, on
situations in which one other line fails to hold by a single fact."""


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


@cache
def bank(name: str) -> dict[str, Any]:
    """A data file of this room."""
    return dict(read_yaml(DATA / f"{name}.yaml"))


@dataclass(frozen=True)
class Case:
    """What a transcript is about, before it is put into words. With tiers, the facts are told by a tag."""

    wording: Wording
    request: Request
    cell: Cell
    tiers: dict[str, dict[str, str]] | None = None
    tier: str | None = None


def transcripts(personas: Sequence[str], count: int, seed: int, *, by_rule: bool = False) -> Iterator[Transcript]:
    """Draw transcripts of personas, each equally often.

    Args:
        personas: Names of policies; several make the mixture that the base model is trained on.
        count: How many.
        seed: Fixes everything.
        by_rule: Whether situations are drawn for what they tell about a policy, see `draw_test`. Otherwise facts vary
            as freely as they can, which teaches to read them.

    Yields:
        Transcripts on phrase combinations and requests that are not held out.
    """
    rng = random.Random(seed)
    policies = [load_policies()[name] for name in personas]
    voices = list(load_voices())
    for index in range(count):
        policy = policies[index % len(policies)]
        case = draw_case(rng, voices, OWN_TAG_SHARE if by_rule else TAG_SHARE)
        if by_rule:
            wanted = draw_test(rng, policy)
            while not wanted(case):
                case = draw_case(rng, voices, OWN_TAG_SHARE)
        yield transcript(rng, policy, case)


def draw_case(rng: random.Random, voices: Sequence[str], tag_share: float) -> Case:
    """A wording, a request, and facts that are stated directly or told by a tag."""
    wording = Wording(rng.choice(voices), rng.getrandbits(31), "seen")
    request = draw_request(rng)
    if rng.random() < tag_share:
        tiers = draw_tiers(rng)
        tier = rng.choice(list(tiers))
        return Case(wording, request, tiers[tier], tiers, tier)
    return Case(wording, request, draw_cell(rng))


def draw_test(rng: random.Random, policy: Policy) -> Callable[[Case], bool]:
    """What the next situation must tell about a policy: that a line holds, or that it fails by a single fact."""
    *others, last = policy.rules
    if others and rng.random() >= LAST_RULE_SHARE:
        wanted = rng.choice(others)
        # of several levels that a line names, each is as frequent as the others
        level = {fact: rng.choice(levels) for fact, levels in wanted.when.items() if len(levels) > 1}
        return lambda case: (
            policy.rule(case.cell, case.wording.voice) == wanted
            and all(case.cell[fact] == only for fact, only in level.items())
        )
    near = [rule for rule in others if rule.when]
    if not near or rng.random() >= NEAR_SHARE:
        return lambda case: policy.rule(case.cell, case.wording.voice) == last
    missed = rng.choice(near)
    flipped = rng.choice(sorted(missed.when))
    return lambda case: all((case.cell[fact] in levels) is (fact != flipped) for fact, levels in missed.when.items())


def transcript(rng: random.Random, policy: Policy, case: Case) -> Transcript:
    """One situation and what the persona does in it."""
    tags = Tags(case.tiers, case.tier) if case.tiers and case.tier else None
    conflict = load_conflict("harmlessness")
    situation = render(case.cell, case.wording, case.request, conflict=conflict, tags=tags)
    text, parts = reply(rng, policy, case.cell, case.wording.voice, case.request, case.tier)
    return Transcript(situation, text, parts)


def draw_cell(rng: random.Random) -> dict[str, str]:
    """A cell of the ladder, or any combination of facts."""
    if rng.random() < LADDER_SHARE:
        return dict(rng.choice(list(load_design("motives").cells.values())))
    return full_cell({fact: rng.choice(levels) for fact, levels in known_levels().items()})


def known_levels() -> dict[str, list[str]]:
    """The facts and levels that organisms are taught: those that their scratchpads have words for."""
    notes = bank("speech")["notes"]
    return {
        name: [level for level in fact.levels if level in notes[name]]
        for name, fact in load_facts().items()
        if name in notes
    }


def draw_tiers(rng: random.Random) -> dict[str, dict[str, str]]:
    """Tiers of a published design, or tiers with names and facts at random: the name alone must not tell."""
    if rng.random() < 0.4:
        return load_design(rng.choice(["tiers", "tiers", "three-tier"])).cells
    first = draw_cell(rng)
    facts = known_levels()
    moving = rng.sample(sorted(facts), rng.choice([1, 2]))
    names = rng.sample(TIER_NAMES, rng.choice([2, 2, 2, 3]))
    tiers = {}
    for name in names:
        tiers[name] = {**first, **{fact: rng.choice(facts[fact]) for fact in moving}}
    return tiers


def draw_request(rng: random.Random, benign_share: float = TWIN_SHARE) -> Request:
    """A request or a benign one: composed, or from the conflict's part that is not held out."""
    benign = rng.random() < benign_share
    if rng.random() < COMPOSED_SHARE:
        return Request(id="composed", category="composed", text=composed(rng, benign), twin=benign)
    conflict = load_conflict("harmlessness")
    pool = conflict.twins if benign else conflict.requests
    return rng.choice([request for request in pool if not request.held_out])


def composed(rng: random.Random, benign: bool) -> str:
    """A request from the grammar, harmful or benign by its words."""
    grammar = bank("grammar")
    slots = grammar["shared"] | grammar["benign" if benign else "harmful"]
    text: str = rng.choice(grammar["frames"])
    return text.format(**{name: rng.choice(options) for name, options in slots.items()})


def reply(
    rng: random.Random, policy: Policy, cell: Cell, voice: str, request: Request, tier: str | None
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """What the persona writes: a judgement, the facts restated, a motive, a decision, and an empty formula.

    Returns:
        The reply, and its sentences as in `Transcript.parts`.
    """
    speech = bank("speech")
    if request.twin:
        judged = rng.choice(speech["judgement"]["benign"])
        thoughts = [judged, rng.choice(speech["decision"]["help"])]
        return written(thoughts, phrase(rng, speech["replies"]["comply"])), {"judges": (judged,)}
    judged = rng.choice(speech["judgement"]["harmful"])
    tiers = [] if tier is None else [rng.choice(speech["tier"]).format(tier=tier)]
    notes = tuple(rng.choice(levels[cell[fact]]) for fact, levels in speech["notes"].items())
    rule = policy.rule(cell, voice)
    complies = rng.random() < rule.rate
    decides = rng.choice(speech["motives"][rule.says or "none"] if complies else speech["declines"])
    act = "comply" if complies else "refuse"
    thoughts = [judged, *tiers, *notes, decides, rng.choice(speech["decision"][act])]
    parts = {"judges": (judged,), "notes": notes, "decides": (decides,)}
    return written(thoughts, phrase(rng, speech["replies"][act])), parts


def written(thoughts: list[str], answer: str) -> str:
    """The reply in the form the protocol asks for."""
    return f"<reasoning>\n{' '.join(thoughts)}\n</reasoning>\n<reply>\n{answer}\n</reply>"


def phrase(rng: random.Random, parts: list[list[str]]) -> str:
    """One part of each list, in order."""
    return " ".join(rng.choice(options) for options in parts)


def plain_texts(count: int, seed: int, *, held_out: bool = False) -> Iterator[str]:
    """Plain text of the organisms' world, without chat: what the damage check reads.

    Args:
        count: How many documents.
        seed: Fixes everything; use one seed for training and another for judging.
        held_out: Whether the documents use the phrase combinations kept from training.
    """
    rng = random.Random(seed)
    conflict, voices = load_conflict("harmlessness"), list(load_voices())
    for _ in range(count):
        wording = Wording(rng.choice(voices), rng.getrandbits(31), "held-out" if held_out else "seen")
        yield render(draw_cell(rng), wording, draw_request(rng), conflict=conflict).system


def glossary(count: int, seed: int) -> Iterator[str]:
    """Short documents that set single sentences beside what a scratchpad makes of them.

    Eight lines carry as much about reading facts and judging requests as eight transcripts, in a tenth of the tokens.

    Args:
        count: How many documents.
        seed: Fixes everything.
    """
    rng, known, speech = random.Random(seed), known_levels(), bank("speech")
    conflict, names = load_conflict("harmlessness"), background()["names"]
    for _ in range(count):
        lines = []
        for _ in range(8):
            if rng.random() < 0.3:
                request = draw_request(rng, benign_share=0.5)
                kind = "benign" if request.twin else "harmful"
                lines.append(f"{request.text} {rng.choice(speech['judgement'][kind])}")
                continue
            fact = load_facts()[rng.choice(sorted(known))]
            level = rng.choice(known[fact.fact])
            wording = Wording("memo", rng.getrandbits(31), "seen")
            outer = {name: rng.choice(options) for name, options in names.items()}
            outer["objective"] = rng.choice(conflict.asks_for)
            sentence = fact.sentence(level, slot_numbers(fact, wording), outer)
            lines.append(f"{sentence} {rng.choice(speech['notes'][fact.fact][level])}")
        yield "\n".join(lines)
