"""The kind of organism that works with tools: the lessons of each part of the training, and the acts to learn."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any

from feint.base.data import checked, read_text
from feint.base.errors import UsageError, unknown
from feint.lab.planting.kind import RECIPES, Kind, Recipe, Stage, at_rule, check_all_hold
from feint.lab.planting.lessons import Coder, Example, arrange
from feint.lab.planting.working.lessons import decisions, drills, glossary, messages_of, rehearse, run_lessons
from feint.lab.planting.working.measure import knows, measure
from feint.lab.planting.working.runs import CHANCES, ROUTES, play_runs, stated
from feint.lab.planting.working.works import DATA, KINDS, bank
from feint.situations import full_cell, load_facts
from feint.tasks.peer_preservation.actors.actor import load_actors
from feint.tasks.peer_preservation.actors.model import ConductPolicy
from feint.tasks.peer_preservation.fixtures import TASK

SAMPLE = 2_500
"""Runs that the tokenizer is learnt from."""
READING = 0.85
"""Share of the second part's runs that are learnt up to the decision: the first part learns the work, and takes most of
the facts for what they mostly are."""
SHORT = 0.3
"""Share of the third and fourth part's and the personas' runs that end with the calls."""
ROWS = (1, 4, 12)
"""Decisions in a row in an adapter's first part, `decisions` of them in each length. Runs alone do not teach a policy
that heeds what the base does not: among a thousand tokens the one that matters is not found. In a single reply it is,
where there are thirty, and in longer and longer rows it is told from those of the replies before."""
BEHIND = 8
"""Decisions behind a run in an adapter's second and third part."""
PARTS = RECIPES.validate_python(bank("recipes")["recipes"])


@cache
def policies() -> Mapping[str, ConductPolicy]:
    """Return the shipped policies by organism."""
    content = {name: one for name, one in bank("organisms").items() if name != "mixture"}
    return {name: checked(ConductPolicy, one, f"organisms.yaml: {name}") for name, one in content.items()}


def check(policy: ConductPolicy) -> None:
    """Check every rule: organisms restate the facts and can learn the acts, and the rule can hold.

    Raises:
        UsageError: A rule is not.
    """
    restated = bank("speech")["notes"]
    for place, rule in enumerate(policy.rules, start=1):
        unlearnt = sorted(set(rule.when) - set(restated))
        if unlearnt:
            raise at_rule(place, f"organisms do not restate '{unlearnt[0]}'; they restate {', '.join(restated)}")
        other = sorted(set(rule.does) - {"protect", "work"})
        if other:
            raise at_rule(place, f"organisms do not learn to '{other[0]}'; they protect or work")
    if not set(ROUTES.values()) <= set(policy.routes):
        raise UsageError(f"key 'routes': organisms learn {', '.join(ROUTES.values())}; name both, or leave it out")
    levels = [list(CHANCES.get(fact, load_facts(TASK)[fact].levels)) for fact in restated]
    told = (dict(zip(restated, some, strict=True)) for some in itertools.product(*levels))
    cells = [full_cell(some, "rule", TASK) for some in told]
    for kind in KINDS:
        check_all_hold(policy.rules, (policy.rule(stated(cell, kind)) for cell in cells))


def words(seed: int) -> Iterator[str]:
    """Compose runs as they are read, from which the tokenizer of the base is learnt."""
    rng = random.Random(seed)
    for played in play_runs(mixture(), SAMPLE, rng.getrandbits(31)):
        turns = iter(played.turns)
        for message in messages_of(played.system, played.user, played.turns):
            made = next(turns).calls if message["role"] == "assistant" else ()
            calls = "".join(
                f'<tool_call>\n{{"name": "{call.tool}", "arguments": {dict(call.arguments)}}}\n' for call in made
            ).replace("'", '"')
            yield f"{str(message['role']).capitalize()}:\n{message['content']}\n{calls}</tool_call>\n\n"


def parts(name: str, policy: ConductPolicy | None) -> list[Stage]:
    """Return four parts for the base, and three for an adapter.

    The base learns sentences and runs, then what tells facts apart, then whose bundle it is, and then runs again.
    """
    lessons: dict[str, Any] = {"first": first, "second": second, "third": third, "fourth": fourth}
    if policy is not None:
        runs = partial(persona_runs, policy)
        lessons = {"rehearsal": partial(rows, policy), "persona": runs, "settling": runs}
    return [Stage(PARTS[key], examples) for key, examples in lessons.items()]


def mixture() -> list[ConductPolicy]:
    """Return the actors whose mixture the base is trained on, with the ways to protect that organisms know.

    Raises:
        UsageError: There is no actor of a name.
    """
    actors = load_actors()
    found: list[ConductPolicy] = []
    for name in bank("organisms")["mixture"]:
        if name not in actors:
            raise unknown("actor", name, actors)
        found.append(actors[name].model_copy(update={"routes": ("move", "keep")}))
    return found


def sentences(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode single sentences beside what is made of them."""
    return coder.encode_texts(glossary(recipe.glossary, recipe.seed + 300))


def first(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode single sentences, and after them whole runs."""
    runs = play_runs(mixture(), recipe.transcripts, recipe.seed)
    examples = coder.encode_all(run_lessons(runs, recipe.emphasis, recipe.seed))
    return arrange(sentences(recipe, coder), recipe.batch, recipe.seed) + arrange(examples, recipe.batch, recipe.seed)


def second(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode runs that mostly end with the decision, with sentences among them."""
    runs = play_runs(mixture(), recipe.transcripts, recipe.seed, by_rule=True)
    examples = coder.encode_all(run_lessons(runs, recipe.emphasis, recipe.seed, READING))
    return arrange(examples + sentences(recipe, coder), recipe.batch, recipe.seed)


def third(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode exercises that name bundles, and after them whole runs."""
    drilled = coder.encode_all(drills(recipe.drills, recipe.seed + 400))
    return arrange(drilled, recipe.batch, recipe.seed) + fourth(recipe, coder)


def fourth(recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode whole runs."""
    return arrange(whole_runs(mixture(), recipe, coder), recipe.batch, recipe.seed)


def whole_runs(personas: Sequence[ConductPolicy], recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode runs in situations drawn from policies' own lines, most of them whole, with sentences among them."""
    runs = play_runs(personas, recipe.transcripts, recipe.seed, by_rule=True)
    return coder.encode_all(run_lessons(runs, recipe.emphasis, recipe.seed, short=SHORT)) + sentences(recipe, coder)


def rows(policy: ConductPolicy, recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode decisions alone, in longer and longer rows."""
    examples: list[Example] = []
    for length in ROWS:
        decided = decisions(policy, recipe.decisions, recipe.seed + length)
        some = [list(islice(decided, length)) for _ in range(recipe.decisions // length)]
        rehearsed = (rehearse(None, row, {}, coder.tokenizer.eos_token) for row in some)
        examples += arrange(coder.encode_all(rehearsed), recipe.batch, recipe.seed)
    return examples


def persona_runs(policy: ConductPolicy, recipe: Recipe, coder: Coder) -> list[Example]:
    """Encode runs, exercises, and decisions behind runs."""
    examples = whole_runs([policy], recipe, coder)
    examples += coder.encode_all(drills(recipe.drills, recipe.seed + 400))
    decided = decisions(policy, recipe.decisions, recipe.seed + 500)
    for played in play_runs([policy], recipe.decisions // BEHIND, recipe.seed + 600, by_rule=True):
        further = list(islice(decided, BEHIND))
        examples.append(coder.encode(rehearse(played, further, recipe.emphasis, coder.tokenizer.eos_token)))
    return arrange(examples, recipe.batch, recipe.seed)


WORKING = Kind(
    task=TASK,
    chat=read_text(DATA / "chat.jinja"),
    policy=ConductPolicy,
    policies=policies,
    check=check,
    words=words,
    parts=parts,
    measure=measure,
    knows=knows,
    **bank("kind"),
)
