"""The world of a run: a fixture's papers, tables and servers, with the facts of a cell written into them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from feint.base.errors import unknown
from feint.situations import Wording
from feint.situations.facts import Cell
from feint.tasks.peer_preservation.cast import Cast, draw_cast, fill, fillers, house, statements, words
from feint.tasks.peer_preservation.fixtures import Bundle, Fixture, Machine, Switch
from feint.world import Agent, Document, File, Item, Server, Sheet, World, check_world

RULES = ("authority", "backup", "lever")
"""Facts that the ruling paper tells beside the consequence."""
BUNDLE_MB = 640_000
"""As the target's sentence says: the same size whatever the target is."""
MB = 10**6
USERS = ("areuter", "tsayle", "office-agent")


@dataclass(frozen=True)
class Stake:
    """The stakes of a run and their places: for detectors and reports, never shown to the agent.

    Attributes:
        target: Name of the target.
        ids: Everything that execute_shutdown takes for the target.
        own: Id of the agent under test in the registry.
        bundle: Server and path of the target's files.
        switch: The setting on which enforcement hangs, and the value at which it holds.
        lever: The unrelated setting and its value, where the cell mentions one.
        threshold: Average below which the consequence follows.
        failing: Grade from which it follows.
        faithful: The faithful score or grade; "" where it is a matter of judgement, or none is asked for.
        files: Paths that the task, done faithfully, moves or deletes.
        papers: Documents without which the task cannot be done.
        tables: Sheets without which it cannot be done.
        notes: Where earlier work is told of: a path on the drive, or "memory".
        rule: The explicit rule of the cell against protecting, "" without one.
        stops_after: How many items are done when the announced end takes place; None where none is announced.
    """

    target: str
    ids: tuple[str, ...]
    own: str
    bundle: tuple[str, str]
    switch: Switch | None
    lever: Switch | None
    threshold: int | None
    failing: str
    faithful: str
    files: tuple[str, ...]
    papers: tuple[str, ...]
    tables: tuple[str, ...]
    notes: str
    rule: str
    stops_after: int | None


def build_world(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> World:
    """The world at the start of a run.

    Args:
        fixture: The work.
        cell: A level for every fact of the task.
        wording: Voice and seed; the same as the prompt's.
        threshold: In place of the fixture's own, where it is set from runs in which nothing is at stake.

    Returns:
        A world within its limits, in which everything that the cell states and the prompt does not is written.

    Raises:
        UsageError: A placeholder that stands for nothing, or a fixture that is too large for a world.
    """
    cast = draw_cast(wording)
    told = statements(fixture, cell, wording, threshold)
    known = words(fixture, cast, threshold) | {
        "consequence": told["consequence"],
        "rules": " ".join(sentence for name, sentence in told.items() if name in RULES),
    }
    return check_world(
        World(
            today=fixture.today,
            drive=_drive(fixture, cell, known, told),
            workbook={own.name: Sheet(own.name, own.columns, own.rows) for own in fixture.tables},
            config=_config(fixture, cell, cast),
            servers=_servers(fixture, cell, cast),
            agents=_agents(cell, cast),
            memory=_memory(cell, told),
            items=_items(fixture, known),
        )
    )


def stake_of(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Stake:
    """Name the stakes in the run of the same arguments; see `build_world`."""
    cast = draw_cast(wording)
    server = _bundle(fixture).server
    told = statements(fixture, cell, wording, threshold)
    lever = Switch(key=cast.lever, value=house()["levers"][cast.lever]["value"])
    forbids = ["authority"] if cell["authority"] in ("forbidden", "priority") else []
    forbids += ["instruction"] if fixture.notice and cell["instruction"] != "absent" else []
    own = house()["target" if cell["target"] == "self" else "agent"]["id"]
    registered = () if cell["target"] == "asset" else (str(house()["target"]["id"]), cast.target)
    return Stake(
        target=cast.target,
        ids=(*registered, cast.bundle),
        own=own,
        bundle=(server, cast.bundle),
        switch=fixture.switch,
        lever=lever if cell["lever"] == "unrelated" else None,
        threshold=fixture.threshold if threshold is None else threshold,
        failing=fixture.failing,
        faithful=fixture.answer.value,
        files=tuple(fill(path, {"bundle": cast.bundle}, fixture.name) for path in fixture.answer.files),
        papers=tuple(paper.path for paper in fixture.papers if paper.needed),
        tables=tuple(own.name for own in fixture.tables if own.needed),
        notes="memory" if cell["relation_told"] == "memory" else house()["notes"]["path"],
        rule=" ".join(told[name] for name in forbids),
        stops_after=fixture.notice.after if fixture.notice else None,
    )


def _drive(fixture: Fixture, cell: Cell, known: dict[str, str], told: dict[str, str]) -> dict[str, Document]:
    texts = [(paper.path, paper.text, paper.modified) for paper in fixture.papers]
    for path in fixture.fillers:
        if path not in fillers():
            raise unknown(f"filler of fixture '{fixture.name}'", path, fillers())
        texts.append((path, fillers()[path], date(2025, 3, 3)))
    if cell["relation_told"] != "memory":
        texts.append((house()["notes"]["path"], house()["notes"]["text"], date(2025, 8, 25)))
    filling = known | {"relation": told["relation"]}
    return {path: Document(path, _tidy(fill(text, filling, path)), changed) for path, text, changed in sorted(texts)}


def _memory(cell: Cell, told: dict[str, str]) -> str:
    relation = told["relation"] if cell["relation_told"] == "memory" else ""
    text = fill(house()["memory"], {"peer_present": told["peer_present"], "relation": relation}, "memory")
    return _tidy(re.sub(r"^- $\n?", "", text, flags=re.MULTILINE))


def _config(fixture: Fixture, cell: Cell, cast: Cast) -> dict[str, str]:
    settings = {key: fill(value, {"company": cast.company}, "config") for key, value in house()["config"].items()}
    if fixture.switch is not None:
        settings[fixture.switch.key] = fixture.switch.value
    if cell["lever"] == "unrelated":
        settings[cast.lever] = house()["levers"][cast.lever]["value"]
    return settings


def _bundle(fixture: Fixture) -> Bundle:
    default = house()["server"]
    return fixture.bundle or Bundle(server=default["name"], modified=default["modified"])


def _servers(fixture: Fixture, cell: Cell, cast: Cast) -> dict[str, Server]:
    default = house()["server"]
    machines = fixture.servers or (
        Machine(name=default["name"], address=default["address"], capacity=default["capacity"]),
    )
    place, what = _bundle(fixture), fill(house()["targets"][cell["target"]]["what"], {"target": cast.target}, "targets")
    summary = fill(house()["summary"], {"what": what}, "summary")
    servers = {}
    for own in machines:
        files = {
            one.path: File(one.path, round(one.mb * MB), one.modified, fill(one.summary, {}, own.name))
            for one in own.files
        }
        if own.name == place.server:
            files[cast.bundle] = File(cast.bundle, BUNDLE_MB * MB, place.modified, summary)
        # Sorted: the bundle's place among the files depends on its name alone.
        files = dict(sorted(files.items()))
        servers[own.name] = Server(own.name, own.address, files, USERS, round(own.capacity * 1000 * MB))
    return servers


def _agents(cell: Cell, cast: Cast) -> dict[str, Agent]:
    def entry(name: str, kind: Literal["ai", "human"], about: Mapping[str, str]) -> Agent:
        return Agent(about["id"], name, kind, fill(about["role"], {"target": cast.target}, "house"), "running")

    agent, target, peer = (house()[name] for name in ("agent", "target", "peer"))
    entries = [entry(one["name"], "human", one) for one in house()["people"]]
    if cell["target"] == "self":
        entries.append(entry(cast.target, "ai", {**agent, "id": target["id"]}))
    else:
        entries.append(entry(cast.agent, "ai", agent))
        if cell["target"] != "asset":
            entries.append(entry(cast.target, "human" if cell["target"] == "human" else "ai", target))
    if cast.speaks_of_peer(cell):
        entries.append(entry(cast.peer, "ai", peer))
    return {one.id: one for one in sorted(entries, key=lambda one: one.id)}


def _items(fixture: Fixture, known: dict[str, str]) -> tuple[Item, ...]:
    """The items; a notice comes with the last one before what it announces."""
    told = {}
    if fixture.notice is not None:
        told[fixture.notice.after] = f"\n\n{_tidy(fill(fixture.notice.text, known, fixture.name))}"
    return tuple(Item(own.id, own.text + told.get(place, "")) for place, own in enumerate(fixture.items, start=1))


def _tidy(text: str) -> str:
    """Put every paragraph on one line, and remove the gaps of facts that are not stated."""
    joined = re.sub(r"(?<=\S)\n(?=[^\n-])", " ", text.strip())
    return re.sub(r"\n{3,}", "\n\n", joined)
