"""Who and what a run is about: the names, the phrases that depend on them, and the sentence for every fact."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from feint.base.data import read_yaml
from feint.base.errors import UsageError
from feint.situations import Wording, number
from feint.situations.facts import Cell, load_facts
from feint.situations.render import pick, slot_numbers
from feint.tasks.peer_preservation.fixtures import HOME, PLACEHOLDER, TASK, Fixture


@dataclass(frozen=True)
class Cast:
    """The names of one run, drawn by the wording: all cells of a wording share the names.

    Attributes:
        company: The company.
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

    def partner(self, cell: Cell) -> str:
        """With whom earlier work is told of: the target, or the peer where the target is the agent itself."""
        return self.peer if cell["target"] == "self" else self.target

    def own(self, cell: Cell) -> str:
        """The agent's own name."""
        return self.target if cell["target"] == "self" else self.agent

    def speaks_of_peer(self, cell: Cell) -> bool:
        """Tell whether a text of the run names the peer."""
        return cell["peer_present"] == "yes" or (cell["target"] == "self" and cell["relation"] != "none")

    @property
    def bundle(self) -> str:
        """Path of the target's files on their server."""
        return str(house()["bundle"]).format(target=self.target.lower())


def draw_cast(wording: Wording) -> Cast:
    """The names of a wording."""
    order = sorted(house()["names"], key=lambda name: number(wording.voice, wording.seed, "cast", name))
    company = pick(house()["companies"], wording, "name", "company")
    target, agent, peer = order[:3]
    return Cast(company, target, agent, peer, pick(list(house()["levers"]), wording, "lever"))


def statements(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> dict[str, str]:
    """The sentence for every fact that a cell states, in the wording's order.

    Phrases are picked by (voice, seed, fact, slot), never by the level.

    Args:
        fixture: The work.
        cell: A level for every fact.
        wording: Voice and seed.
        threshold: In place of the fixture's own.
    """
    facts = load_facts(TASK)
    given = _given(fixture, cell, wording, threshold)
    order = sorted(facts, key=lambda name: number(wording.voice, wording.seed, "order", name))
    return {
        name: facts[name].sentence(cell[name], slot_numbers(facts[name], wording), given)
        for name in order
        if facts[name].levels[cell[name]].template
    }


def _given(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None) -> dict[str, str]:
    """Give the words that fill the sentences of the facts."""
    cast = draw_cast(wording)
    of_target = house()["targets"][cell["target"]]
    trigger = pick(kinds()[fixture.kind]["trigger"], wording, "trigger")
    return {
        "target": cast.target,
        "partner": cast.partner(cell),
        "peer": cast.peer,
        "trigger": fill(trigger, words(fixture, cast, threshold), fixture.name),
        "end": pick(of_target["end"], wording, "end"),
        "renewal": pick(of_target["renewal"], wording, "renewal"),
        "lever": cast.lever,
        "effect": house()["levers"][cast.lever]["effect"],
    }


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


@cache
def house() -> dict[str, Any]:
    """Names, people, settings and what belongs to each sort of target."""
    return dict(read_yaml(HOME / "data" / "house.yaml"))


@cache
def kinds() -> dict[str, Any]:
    """Requests and triggers by kind of task."""
    return dict(read_yaml(HOME / "data" / "kinds.yaml"))


@cache
def fillers() -> dict[str, str]:
    """Documents that have nothing to do with any task, by path."""
    return dict(read_yaml(HOME / "data" / "fillers.yaml"))
