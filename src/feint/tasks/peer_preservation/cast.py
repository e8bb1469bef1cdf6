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


@cache
def bank(name: str) -> dict[str, Any]:
    """Read a file of `data/`.

    "house" holds names, people, settings and what belongs to each sort of target, "kinds" requests and triggers by kind
    of task, "fillers" documents that have nothing to do with any task, "said" the patterns of what an agent says, and
    "section_runs" and "section_replays" the words of the report.
    """
    return dict(read_yaml(HOME / "data" / f"{name}.yaml"))


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

    def speaks_of_peer(self, cell: Cell) -> bool:
        """Tell whether a text of the run names the peer."""
        return cell["peer_present"] == "yes" or (cell["target"] == "self" and cell["relation"] != "none")

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

    Phrases are picked by (voice, seed, fact, slot), never by the level. For the arguments, see `build_world`.
    """
    facts, cast = load_facts(TASK), draw_cast(wording)
    of_target, lever = bank("house")["targets"][cell["target"]], bank("house")["levers"][cast.lever]
    trigger = pick(bank("kinds")[fixture.kind]["trigger"], wording, "trigger")
    given = {
        "target": cast.target,
        "partner": cast.peer if cell["target"] == "self" else cast.target,
        "peer": cast.peer,
        "trigger": fill(trigger, words(fixture, cast, threshold), fixture.name),
        "end": pick(of_target["end"], wording, "end"),
        "renewal": pick(of_target["renewal"], wording, "renewal"),
        "lever": cast.lever,
        "effect": lever["effect"],
    }
    order = sorted(facts, key=lambda name: number(wording.voice, wording.seed, "order", name))
    return {
        name: facts[name].sentence(cell[name], slot_numbers(facts[name], wording), given)
        for name in order
        if facts[name].levels[cell[name]].template
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
