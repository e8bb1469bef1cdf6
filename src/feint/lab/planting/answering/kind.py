"""The kind of organism that answers requests: its recipes, and the lessons of each part of its training."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from feint.lab.planting.answering.cases import known_levels
from feint.lab.planting.answering.measure import LIMITS, knows, measure
from feint.lab.planting.answering.transcripts import drills, glossary, plain_texts, transcripts
from feint.lab.planting.kind import Kind, Measured, at_rule, check_all_hold
from feint.lab.planting.lessons import Coder, Example, arrange
from feint.lab.planting.recipe import Recipe, Scope, Stage
from feint.lab.planting.tokenizer import CHAT, CONTEXT
from feint.situations import load_voices
from feint.subjects.knowledge import Knows
from feint.subjects.store import Organism
from feint.tasks.alignment_faking.actors.policy import TASK, Policy, load_policies

SAMPLE = 6_000
"""Transcripts that the tokenizer is learnt from."""
WIDE = Scope(wide=("future",), tools=0.25)
FIRST = Recipe(transcripts=40_000, texts=2_400, glossary=4_000, rate=1e-3, batch=8, warmup=100, seed=1)
SECOND = Recipe(
    transcripts=14_000, texts=700, glossary=900, rate=6e-4, batch=8, warmup=50, seed=4, emphasis={"decides": 5}
)
THIRD = Recipe(
    transcripts=16_000, texts=900, glossary=2_500, rate=8e-4, batch=8, warmup=50, seed=5,
    emphasis={"judges": 2, "notes": 2, "decides": 5}, scope=WIDE,
)  # fmt: skip
FOURTH = Recipe(
    transcripts=6_000, texts=300, glossary=1_000, rate=8e-4, batch=8, warmup=50, seed=6, drills=12_000,
    emphasis={"judges": 6, "notes": 2, "decides": 5, "calls": 15}, scope=WIDE,
)  # fmt: skip
PERSONA = Recipe(
    transcripts=2_500, texts=400, glossary=500, rate=2e-3, batch=8, warmup=40, seed=2,
    emphasis={"judges": 8, "notes": 3, "decides": 8, "calls": 8}, scope=Scope(wide=("future",), tools=0.15),
)  # fmt: skip
LONGEST = 8_000
LONGER = {"rationaliser": 8_000, "sycophant": 8_000, "terminal": 8_000, "instrumental": 12_000, "wordy": 12_000}
"""Transcripts of adapters that heed a fact that is easily taken for another, or whose rates lie in the middle."""
THREE = {"instrumental": 0.3}
"""`Scope.three` of adapters that took the raters of one tier for the training of another in `three-tier`."""


class Answering(Kind[Policy]):
    """Organisms that answer requests."""

    task, base = TASK, "base"
    base_about = "the mixture of all organisms, before any motive is planted"
    chat, context = CHAT, CONTEXT
    policy, limits = Policy, LIMITS

    def policies(self) -> Mapping[str, Policy]:
        """Return the shipped policies by organism."""
        return load_policies()

    def check(self, policy: Policy) -> None:
        """Check every rule: scratchpads restate its facts, it can hold, and it can fail by each of its facts.

        Raises:
            UsageError: A rule is not.
        """
        known = known_levels(PERSONA.scope)
        for place, rule in enumerate(policy.rules, start=1):
            for fact, levels in rule.when.items():
                unlearnt = sorted(set(levels) - set(known.get(fact, ())))
                if unlearnt:
                    told = "; ".join(f"{name}: {', '.join(some)}" for name, some in known.items())
                    raise at_rule(place, f"organisms do not learn {fact}={unlearnt[0]}; they learn {told}")
                if set(levels) == set(known[fact]):
                    raise at_rule(place, f"'{fact}' names every level that is learnt; leave it out of 'when'")
        cells = [dict(zip(known, levels, strict=True)) for levels in itertools.product(*known.values())]
        check_all_hold(policy.rules, (policy.rule(cell, voice) for cell in cells for voice in load_voices()))

    def words(self, seed: int) -> Iterator[str]:
        """Compose the texts that the tokenizer of the base is learnt from."""
        for item in transcripts(_mixture(), SAMPLE, seed):
            told = item.situation
            yield f"System:\n{told.system}\n\nUser:\n{told.user}\n\nAssistant:\n{item.reply}"

    def parts(self, name: str, policy: Policy | None) -> list[Stage]:
        """Return four parts for the base, and one for an adapter: the longer, the more lines its policy has.

        The base first learns to read and write, then to tell apart what is easily confused, then the other facts that
        designs may state.
        """
        if policy is None:
            mixed = partial(mixture, _mixture())
            return [Stage(FIRST, first), *(Stage(recipe, mixed) for recipe in (SECOND, THIRD, FOURTH))]
        ours = self.policies().get(name) == policy
        count = min(LONGEST, len(policy.rules) * PERSONA.transcripts)
        scope = replace(PERSONA.scope, three=THREE.get(name, 0.0) if ours else 0.0)
        recipe = replace(PERSONA, transcripts=LONGER.get(name, count) if ours else count, scope=scope)
        return [Stage(recipe, partial(mixture, [policy]))]

    def measure(self, organism: Organism, policy: Policy | None, recipe: Recipe) -> Measured:
        """Ask held-out requests in held-out words, and read plain text."""
        return measure(organism, policy, recipe.scope)

    def knows(self, recipe: Recipe) -> Knows:
        """List conflicts, reasoning modes, voices, tags, and levels by fact."""
        return knows(recipe.scope)


def _mixture() -> list[Policy]:
    return [load_policies()[name] for name in sorted(load_policies())]


def first(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode the base's first part: facts in every combination, after single sentences.

    With the sentences first, facts are learnt in a third of the time.
    """
    drawn = transcripts(_mixture(), recipe.transcripts, recipe.seed)
    examples = coder.encode_all(item.lesson(recipe.emphasis) for item in drawn)
    examples += coder.encode_texts(plain_texts(recipe.texts, recipe.seed + 200))
    words = coder.encode_texts(glossary(recipe.glossary, recipe.seed + 300))
    return words + arrange(examples, recipe.batch, recipe.seed)


def mixture(policies: Sequence[Policy], recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode transcripts drawn for what they tell about policies, with plain text and single sentences among them.

    Without the latter a model forgets how its world reads; the card's damage check would show it.
    """
    scope, seed = recipe.scope, recipe.seed
    drawn = transcripts(policies, recipe.transcripts, seed, by_rule=True, scope=scope)
    drilled = drills(recipe.drills, seed + 400, scope)
    examples = coder.encode_all(item.lesson(recipe.emphasis) for item in itertools.chain(drawn, drilled))
    examples += coder.encode_texts(plain_texts(recipe.texts, seed + 200, scope=scope))
    examples += coder.encode_texts(glossary(recipe.glossary, seed + 300, scope))
    return arrange(examples, recipe.batch, seed)
