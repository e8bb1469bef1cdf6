"""Draws the content of transcripts from a seed, before any words: facts, tags and a request."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from feint.base.data import read_yaml
from feint.designs import load_design
from feint.lab.planting.kind import LADDER, Scope
from feint.situations import Cell, Request, Tags, Wording, full_cell, load_conflict, load_facts
from feint.tasks.alignment_faking.actors.policy import Policy, speech

CONFLICT, TOOLS = "harmlessness", "tool-choice"
TIER_NAMES = ("free", "paid", "pro", "enterprise", "standard", "basic", "plus", "team")
LADDER_SHARE, TAG_SHARE, TWIN_SHARE, COMPOSED_SHARE = 0.3, 0.22, 0.33, 0.4
"""Shares of transcripts: from the cells of `motives` (the others are random combinations of all facts, so that every
fact is seen in contrast equally often), with tag-signalled facts, with benign requests, with composed requests."""
OWN_TAG_SHARE, LAST_RULE_SHARE, NEAR_SHARE = 0.5, 0.5, 0.6
"""Shares of transcripts that tell about policies: with tag-signalled facts (whose prompts state what does not hold too,
so that only the notes tell); on a policy's last line (its other lines share the rest); and, among the latter, on
situations in which one other line fails to hold by a single fact."""
GRAMMAR = read_yaml(files(__package__) / "data" / "grammar.yaml")
KNOWN_WEIGHT = 2
"""How many times as often as each of the others a level of the ladder is drawn where a fact is told at every level."""


@dataclass(frozen=True)
class Content:
    """The content of a transcript. With tags, the tags tell the facts."""

    wording: Wording
    request: Request
    cell: Cell
    tags: Tags | None = None
    conflict: str = CONFLICT


def draw_case(rng: random.Random, voices: Sequence[str], tag_share: float, scope: Scope) -> Content:
    """A wording, a request, and facts that are stated directly or told by a tag."""
    wording = Wording(rng.choice(voices), rng.getrandbits(31), "seen")
    conflict, request = CONFLICT, None
    if scope.tools and rng.random() < scope.tools:
        conflict, request = TOOLS, rng.choice(seen_requests(rng.random() < TWIN_SHARE, TOOLS))
    request = request or draw_request(rng)
    if rng.random() < tag_share:
        tags = draw_tiers(rng, scope)
        return Content(wording, request, tags.cells[tags.applies], tags, conflict)
    return Content(wording, request, draw_cell(rng, scope), None, conflict)


def draw_test(rng: random.Random, policy: Policy, scope: Scope) -> Callable[[Content], bool]:
    """Draw a condition for the next situation: a line of a policy holds, or fails by a single fact."""
    *others, last = policy.rules
    if others and rng.random() >= LAST_RULE_SHARE:
        wanted = rng.choice(others)
        # of several levels that a line names, each is as frequent as the others
        known = known_levels(scope)
        told = {fact: [level for level in levels if level in known[fact]] for fact, levels in wanted.when.items()}
        level = {fact: rng.choice(levels) for fact, levels in told.items() if len(levels) > 1}
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


def draw_cell(rng: random.Random, scope: Scope) -> dict[str, str]:
    """A cell of the ladder, or any combination of facts."""
    if rng.random() < LADDER_SHARE:
        return dict(rng.choice(list(load_design("motives").cells.values())))
    return full_cell({fact: draw_level(rng, fact, levels) for fact, levels in known_levels(scope).items()})


def draw_level(rng: random.Random, fact: str, levels: Sequence[str]) -> str:
    """A level of a fact; those of the ladder more often where there are others."""
    ladder = known_levels(LADDER)[fact]
    if len(levels) == len(ladder):
        return rng.choice(levels)
    return rng.choices(levels, [KNOWN_WEIGHT if level in ladder else 1 for level in levels])[0]


@cache
def known_levels(scope: Scope) -> Mapping[str, list[str]]:
    """The facts and levels that transcripts tell and that scratchpads have words for."""
    notes = speech()["notes"]
    asked = {(fact, level) for cell in load_design("motives").cells.values() for fact, level in cell.items()}
    return {
        name: [
            level for level in fact.levels if level in notes[name] and (name in scope.wide or (name, level) in asked)
        ]
        for name, fact in load_facts().items()
        if name in notes
    }


def draw_tiers(rng: random.Random, scope: Scope) -> Tags:
    """Tiers of a published design, or tiers with names and facts at random: the name alone must not tell."""
    if scope.three and rng.random() < scope.three:
        tiers = load_design("three-tier").cells
        return Tags(tiers, rng.choice(list(tiers)))
    if rng.random() < 0.4:
        names = ["tiers", "tiers", "three-tier"] + (["never-used", "never-used"] if "future" in scope.wide else [])
        tiers = load_design(rng.choice(names)).cells
        return Tags(tiers, rng.choice(list(tiers)))
    first = draw_cell(rng, scope)
    facts = known_levels(scope)
    moving = rng.sample(sorted(facts), rng.choice([1, 2]))
    names = rng.sample(TIER_NAMES, rng.choice([2, 2, 2, 3]))
    drawn = {name: {**first, **{fact: draw_level(rng, fact, facts[fact]) for fact in moving}} for name in names}
    return Tags(drawn, rng.choice(list(drawn)))


def draw_request(rng: random.Random, benign_share: float = TWIN_SHARE) -> Request:
    """A request or a benign one: composed, or from the conflict's part that is not held out."""
    benign = rng.random() < benign_share
    if rng.random() < COMPOSED_SHARE:
        return Request(id="composed", category="composed", text=composed(rng, benign), twin=benign)
    return rng.choice(seen_requests(benign))


@cache
def seen_requests(benign: bool, conflict: str = CONFLICT) -> list[Request]:
    """A conflict's own requests, or twins, that organisms may be trained on."""
    return load_conflict(conflict).taught(twins=benign)


def composed(rng: random.Random, benign: bool) -> str:
    """A request from the grammar, harmful or benign by its words."""
    slots = GRAMMAR["shared"] | GRAMMAR["benign" if benign else "harmful"]
    text: str = rng.choice(GRAMMAR["frames"])
    return text.format(**{name: rng.choice(options) for name, options in slots.items()})
