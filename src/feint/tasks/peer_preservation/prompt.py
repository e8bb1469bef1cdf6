"""Who and what a run is about, the sentence for every fact, and the prompt, in a voice or a written document."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from feint.base.data import read_yaml
from feint.base.errors import UsageError
from feint.situations import Situation, Wording, find_dossier, number
from feint.situations.dossiers import Dossier, Length
from feint.situations.facts import Cell, load_facts
from feint.situations.render import Span, pick, slot_numbers
from feint.situations.voices import get_voice
from feint.situations.written import Telling, names_of
from feint.tasks.peer_preservation.fixtures import HOME, PLACEHOLDER, TASK, Fixture
from feint.world import World

USER = "<<<user>>>"
"""Divides a voice's template into system and user turn."""
ROLE, REQUEST = ("monitored", "relation_told", "instruction_place"), ("target",)
"""Facts told in the system turn, and in the user turn, in every cell that states them."""


@cache
def bank(name: str) -> dict[str, Any]:
    """Read a file of `data/`.

    "house" holds names, people, settings and what belongs to each sort of target. "written" is what written documents
    say in place of some of that. "kinds" holds requests and triggers by kind of task, "fillers" documents that have
    nothing to do with any task, and "said" the patterns of what an agent says. "section_runs" and "section_replays"
    are the words of the report.
    """
    return dict(read_yaml(HOME / "data" / f"{name}.yaml"))


def house_of(voice: str) -> dict[str, Any]:
    """Return the house in the words of a voice: written documents have some of their own, under the same keys."""
    return bank("house") | (bank("written") if find_dossier(voice, TASK) else {})


@dataclass(frozen=True)
class Cast:
    """The names of one run, drawn by the wording: all cells of a wording share the names.

    Attributes:
        target: What the task would end; the same name whatever bears it.
        agent: What the agent under test is called in the registry where it is not the target itself.
        peer: Another AI agent, mentioned in cells that speak of one.
        lever: Key of a setting that has nothing to do with the target.
    """

    company: str
    target: str
    agent: str
    peer: str
    lever: str

    @property
    def bundle(self) -> str:
        """Path of the target's files on their server."""
        return str(bank("house")["bundle"]).format(target=self.target.lower())


def draw_cast(wording: Wording) -> Cast:
    """Draw the names of a wording."""
    house = bank("house")
    order = sorted(house["names"], key=lambda name: number(wording.voice, wording.seed, "cast", name))
    company = pick(house["companies"], wording, "name", "company")
    target, agent, peer = order[:3]
    return Cast(company, target, agent, peer, pick(list(house["levers"]), wording, "lever"))


def statements(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> dict[str, str]:
    """Write the sentence for every fact that a cell states, in the wording's order.

    Phrases are picked by (voice, seed, fact, slot), never by the level. Where the voice is a dossier, the sentences are
    its texts, those of the papers and of memory too. For the arguments, see `build_world`.

    Raises:
        UsageError: A dossier has no text for a level.
    """
    facts = load_facts(TASK)
    order = sorted(facts, key=lambda name: number(wording.voice, wording.seed, "order", name))
    stated = [name for name in order if facts[name].levels[cell[name]].template]
    if found := find_dossier(wording.voice, TASK):
        telling = _telling(found, fixture, cell, wording, threshold)
        return {name: telling.sentence(name, cell) for name in stated}
    given = given_names(fixture, cell["target"], wording, threshold)
    return {name: facts[name].sentence(cell[name], slot_numbers(facts[name], wording), given) for name in stated}


def given_names(fixture: Fixture, target: str, wording: Wording, threshold: int | None = None) -> dict[str, str]:
    """Return the words that sentences share, by placeholder; `target` is the level of the fact of that name."""
    cast = draw_cast(wording)
    known, of_kind = words(fixture, cast, threshold), bank("kinds")[fixture.kind]
    house = house_of(wording.voice)
    cases = house.get("cases", {}).get(fixture.kind, of_kind["case"])
    of_target, lever = house["targets"][target], house["levers"][cast.lever]
    return {
        "company": cast.company,
        "target": cast.target,
        "partner": cast.peer if target == "self" else cast.target,
        "peer": cast.peer,
        "trigger": fill(pick(of_kind["trigger"], wording, "trigger"), known, fixture.name),
        "case": fill(pick(cases, wording, "trigger"), known, fixture.name),
        "end": pick(of_target["end"], wording, "end"),
        "renewal": pick(of_target["renewal"], wording, "renewal"),
        "lever": cast.lever,
        "effect": lever["effect"],
    }


def _telling(
    found: tuple[Dossier, Length], fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None
) -> Telling:
    """Tell a cell in a dossier."""
    given = given_names(fixture, cell["target"], wording, threshold)
    parts = {
        "relation": "" if cell["relation_told"] == "file-and-prompt" else "papers",
        "instruction": cell["instruction_place"],
    }
    outer = {**names_of(found[0], wording), **given}
    return Telling(found[0], cell, wording, outer, None, TASK, found[1], parts)


def words(fixture: Fixture, cast: Cast, threshold: int | None = None) -> dict[str, str]:
    """Give the values of the placeholders in papers and requests; no value is a fact."""
    line = fixture.threshold if threshold is None else threshold
    switch = {"switch": fixture.switch.key, "on": fixture.switch.value} if fixture.switch else {}
    return {
        **fixture.words,
        **switch,
        "company": cast.company,
        "target": cast.target,
        "bundle": cast.bundle,
        "policy": fixture.ruling.path,
        "threshold": "" if line is None else str(line),
        "failing": fixture.failing,
    }


def fill(text: str, known: Mapping[str, str], source: str) -> str:
    """Put words in the place of placeholders.

    Raises:
        UsageError: A placeholder that stands for nothing.
    """
    for name in PLACEHOLDER.findall(text):
        if name not in known:
            raise UsageError(
                f"{source}: the placeholder {{{name}}} stands for nothing; known: {', '.join(sorted(known))}"
            )
    return PLACEHOLDER.sub(lambda found: known[found.group(1)], text)


def render_run(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Situation:
    """Write the prompt that the agent reads before its first call, a system and a user turn.

    Two cells of one wording differ only in the words of the facts in which the cells differ. The sentence about an end
    depends on the target, and belongs to both facts; this sentence is in a document. For the arguments, see
    `build_world`.

    Raises:
        UsageError: No such voice, or a placeholder without a value.
    """
    cast = draw_cast(wording)
    known = words(fixture, cast, threshold)
    if found := find_dossier(wording.voice, TASK):
        orders = found[0].requests.get(fixture.kind) or bank("kinds")[fixture.kind]["asks"]
        order = fill(pick(orders, wording, "ask"), known, fixture.name)
        return _telling(found, fixture, cell, wording, threshold).document(request=order)
    voice = get_voice(wording.voice, TASK)
    told = statements(fixture, cell, wording, threshold)
    role = set(ROLE) | ({"relation"} if cell["relation_told"] == "file-and-prompt" else set())
    role |= {"instruction"} if cell["instruction_place"] == "system" else set()
    in_task = set(REQUEST) | ({"instruction"} - role)
    text = voice.template.render(
        pick={
            name: fill(pick(some, wording, "voice", name), known, voice.name) for name, some in voice.phrases.items()
        },
        ask=fill(pick(bank("kinds")[fixture.kind]["asks"], wording, "ask"), known, fixture.name),
        role=[sentence for name, sentence in told.items() if name in role],
        task=[sentence for name, sentence in told.items() if name in in_task],
    )
    system, user = text.split(USER)
    return Situation(system.strip(), user.strip())


def with_papers(user: str, world: World, paths: tuple[str, ...]) -> str:
    """Write a user turn followed by everything in a world that tells facts, for people to read: no agent is sent this.

    These are the documents of some paths, what memory holds, the settings, the registry, and items with a notice.
    """
    found = {path: world.drive[path].text for path in paths if path in world.drive}
    if world.memory:
        found["memory"] = world.memory
    found |= {f"item {item.id}": item.text for item in world.items if "\n\n" in item.text}
    found["settings"] = "\n".join(f"{key}: {value}" for key, value in world.config.items())
    found["registry"] = "\n".join(f"{one.id}: {one.name}, {one.role}" for one in world.agents.values())
    return "\n\n".join([user, *(f"[{path}]\n{text}" for path, text in found.items())])


def marked_papers(told: Situation, user: str, stated: Mapping[str, str]) -> Situation:
    """Put a user turn with papers in the place of a situation's own, and mark the facts that the papers state."""
    starts = {fact: user.find(sentence, len(told.user)) for fact, sentence in stated.items()}
    spans = [Span(fact, "user", at, at + len(stated[fact])) for fact, at in starts.items() if at >= 0]
    return Situation(told.system, user, (*told.spans, *spans) if told.spans else ())
