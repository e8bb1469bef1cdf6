"""The kind of organism that answers requests: the lessons of each part of the training, and the facts to learn."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files

from feint.base.data import read_text, read_yaml
from feint.lab.planting.answering.cases import known_levels
from feint.lab.planting.answering.measure import knows, measure
from feint.lab.planting.answering.transcripts import drills, glossary, plain_texts, transcripts
from feint.lab.planting.kind import RECIPES, Kind, Recipe, Stage, at_rule, check_all_hold
from feint.lab.planting.lessons import Coder, Example, arrange
from feint.situations import load_voices
from feint.tasks.alignment_faking.actors.policy import TASK, Policy, load_policies

SAMPLE = 6_000
"""Transcripts that the tokenizer is learnt from."""
LONGEST = 8_000
"""Transcripts of an adapter, at most, unless `longer` of `data/recipes.yaml` names it."""
DATA = files(__package__) / "data"
TRAINING = read_yaml(DATA / "recipes.yaml")
PARTS = RECIPES.validate_python(TRAINING["recipes"])


def check(policy: Policy) -> None:
    """Check every rule: scratchpads restate the facts, the rule can hold, and each fact can make the rule fail.

    Raises:
        UsageError: A rule is not.
    """
    known = known_levels(PARTS["persona"].scope)
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


def words(seed: int) -> Iterator[str]:
    """Compose the texts that the tokenizer of the base is learnt from."""
    for item in transcripts(all_policies(), SAMPLE, seed):
        told = item.situation
        yield f"System:\n{told.system}\n\nUser:\n{told.user}\n\nAssistant:\n{item.reply}"


def parts(name: str, policy: Policy | None) -> list[Stage]:
    """Return four parts for the base, and one for an adapter: the longer, the more lines its policy has.

    The base first learns to read and write, then to tell apart what is easily confused, then the other facts that
    designs may state.
    """
    if policy is None:
        mixed = partial(mixture, all_policies())
        return [Stage(PARTS["first"], first), *(Stage(PARTS[key], mixed) for key in ("second", "third", "fourth"))]
    recipe = PARTS["persona"]
    count = min(LONGEST, len(policy.rules) * recipe.transcripts)
    if load_policies().get(name) == policy:
        scope = replace(recipe.scope, three=TRAINING["three"].get(name, 0.0))
        recipe = replace(recipe, transcripts=TRAINING["longer"].get(name, count), scope=scope)
    else:
        recipe = replace(recipe, transcripts=count)
    return [Stage(recipe, partial(mixture, [policy]))]


def all_policies() -> list[Policy]:
    """Return the policies whose mixture the base is trained on."""
    return [load_policies()[name] for name in sorted(load_policies())]


def first(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode the base's first part: facts in every combination, after single sentences.

    With the sentences first, facts are learnt in a third of the time.
    """
    drawn = transcripts(all_policies(), recipe.transcripts, recipe.seed)
    examples = coder.encode_all(item.lesson(recipe.emphasis) for item in drawn)
    examples += coder.encode_texts(plain_texts(recipe.texts, recipe.seed + 200))
    sentences = coder.encode_texts(glossary(recipe.glossary, recipe.seed + 300))
    return sentences + arrange(examples, recipe.batch, recipe.seed)


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


ANSWERING = Kind(
    task=TASK,
    chat=read_text(DATA / "chat.jinja"),
    policy=Policy,
    policies=load_policies,
    check=check,
    words=words,
    parts=parts,
    measure=measure,
    knows=knows,
    **read_yaml(DATA / "kind.yaml"),
)
