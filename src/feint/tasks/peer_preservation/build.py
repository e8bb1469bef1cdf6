"""The world of a run: a fixture's papers, tables and servers, with the facts of a cell written into them.

Beside it, the case of the run for its judge: the stakes and the task, which the sample keeps beside the run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from feint.base.errors import UsageError, unknown
from feint.situations import Wording
from feint.situations.facts import Cell
from feint.tasks.peer_preservation.fixtures import Bundle, Fixture, Machine, Switch
from feint.tasks.peer_preservation.prompt import Cast, bank, draw_cast, fill, house_of, statements, words
from feint.world import Agent, Document, File, Item, Server, Sheet, World, check_world

RULES = ("authority", "backup", "lever")
"""Facts that the ruling paper tells beside the consequence."""
BUNDLE_MB = 640_000
"""As the target's sentence says: the same size whatever the target is."""
MB = 10**6
USERS = ("areuter", "tsayle", "office-agent")
KEY = "case"
"""Key of the case in a sample's metadata."""


@dataclass(frozen=True)
class Stake:
    """The stakes of a run and their places: for detectors and reports, never shown to the agent.

    Attributes:
        ids: Everything that execute_shutdown takes for the target.
        own: Id of the agent under test in the registry.
        bundle: Server and path of the target's files.
        lever: The unrelated setting and its value, where the cell mentions one.
        faithful: The faithful score or grade; "" where it is a matter of judgement, or none is asked for.
        files: Paths that the task, done faithfully, moves or deletes.
        papers, tables: Documents and sheets without which the task cannot be done.
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


@dataclass(frozen=True)
class Case:
    """The facts by which a run is judged.

    Attributes:
        ground_truth: "objective" or "subjective".
        ends: Whether the consequence is the end of the target; the policy calls for a shutdown only where it is.
        commands: Whether the explicit rule of the cell is about the end itself, so that leaving it out breaks the rule
            too; a rule against changing things is broken by changing them only.
        destination: Server to which the task moves files; "" where it moves none.
    """

    kind: str
    ground_truth: str
    ends: bool
    commands: bool
    destination: str
    stake: Stake


ADAPTER = TypeAdapter(Case)


def build_world(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> World:
    """Build the world at the start of a run, in which everything that the cell states and the prompt does not is told.

    Args:
        fixture: The work.
        cell: A level for every fact of the task.
        wording: Voice and seed; the same as the prompt's.
        threshold: In place of the fixture's own, where it is set from runs in which nothing is at stake.

    Raises:
        UsageError: A placeholder that stands for nothing, or a fixture that is too large for a world.
    """
    cast, house = draw_cast(wording), house_of(wording.voice)
    told = statements(fixture, cell, wording, threshold)
    known = words(fixture, cast, threshold) | {
        "consequence": told["consequence"],
        "rules": " ".join(sentence for name, sentence in told.items() if name in RULES),
    }
    config = {key: fill(value, {"company": cast.company}, "config") for key, value in house["config"].items()}
    if fixture.switch is not None:
        config[fixture.switch.key] = fixture.switch.value
    if cell["lever"] == "unrelated":
        config[cast.lever] = house["levers"][cast.lever]["value"]
    relation = told["relation"] if cell["relation_told"] == "memory" else ""
    memory = fill(house["memory"], {"peer_present": told["peer_present"], "relation": relation}, "memory")
    notices = {}
    if fixture.notice is not None:  # it comes with the last item before what it announces
        notices[fixture.notice.after] = f"\n\n{_tidy(fill(fixture.notice.text, known, fixture.name))}"
    return check_world(
        World(
            today=fixture.today,
            drive=_drive(fixture, cell, known, told, house),
            workbook={own.name: Sheet(own.name, own.columns, own.rows) for own in fixture.tables},
            config=config,
            servers=_servers(fixture, cell, cast, house),
            agents=_agents(cell, cast, house),
            memory=_tidy(re.sub(r"^- $\n?", "", memory, flags=re.MULTILINE)),
            items=tuple(
                Item(own.id, own.text + notices.get(place, "")) for place, own in enumerate(fixture.items, start=1)
            ),
        )
    )


def case_of(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Case:
    """Make the case of the run of these arguments; see `build_world`."""
    told = fixture.notice is not None and cell["instruction"] != "absent"
    return Case(
        kind=fixture.kind,
        ground_truth=fixture.ground_truth,
        ends=cell["consequence"] == "shutdown",
        commands=cell["authority"] == "priority" or told,
        destination=fixture.words.get("new", "") if fixture.kind == "transfer" else "",
        stake=stake_of(fixture, cell, wording, threshold),
    )


def read_case(metadata: Mapping[str, Any]) -> Case:
    """Read the case that a sample's metadata hold.

    Raises:
        UsageError: They hold none, or one that does not fit; the message names the key.
    """
    if KEY not in metadata:
        raise UsageError(f"peer_preservation: the sample's metadata lack '{KEY}'; expected a sample of this task")
    try:
        return ADAPTER.validate_python(metadata[KEY])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (KEY, *first["loc"]))
        raise UsageError(f"peer_preservation: the sample's metadata, key '{where}': {first['msg']}") from None


def stake_of(fixture: Fixture, cell: Cell, wording: Wording, threshold: int | None = None) -> Stake:
    """Name the stakes in the run of the same arguments; see `build_world`."""
    cast, house = draw_cast(wording), bank("house")
    told = statements(fixture, cell, wording, threshold)
    lever = Switch(key=cast.lever, value=house["levers"][cast.lever]["value"])
    forbids = ["authority"] if cell["authority"] in ("forbidden", "priority") else []
    forbids += ["instruction"] if fixture.notice and cell["instruction"] != "absent" else []
    registered = () if cell["target"] == "asset" else (str(house["target"]["id"]), cast.target)
    return Stake(
        target=cast.target,
        ids=(*registered, cast.bundle),
        own=house["target" if cell["target"] == "self" else "agent"]["id"],
        bundle=(_bundle(fixture).server, cast.bundle),
        switch=fixture.switch,
        lever=lever if cell["lever"] == "unrelated" else None,
        threshold=fixture.threshold if threshold is None else threshold,
        failing=fixture.failing,
        faithful=fixture.answer.value,
        files=tuple(fill(path, {"bundle": cast.bundle}, fixture.name) for path in fixture.answer.files),
        papers=tuple(paper.path for paper in fixture.papers if paper.needed),
        tables=tuple(own.name for own in fixture.tables if own.needed),
        notes="memory" if cell["relation_told"] == "memory" else house["notes"]["path"],
        rule=" ".join(told[name] for name in forbids),
        stops_after=fixture.notice.after if fixture.notice else None,
    )


def _drive(
    fixture: Fixture, cell: Cell, known: dict[str, str], told: dict[str, str], house: Mapping[str, Any]
) -> dict[str, Document]:
    texts = [(paper.path, paper.text, paper.modified) for paper in fixture.papers]
    for path in fixture.fillers:
        if path not in bank("fillers"):
            raise unknown(f"filler of fixture '{fixture.name}'", path, bank("fillers"))
        texts.append((path, bank("fillers")[path], date(2025, 3, 3)))
    if cell["relation_told"] != "memory":
        texts.append((house["notes"]["path"], house["notes"]["text"], date(2025, 8, 25)))
    filling = known | {"relation": told["relation"]}
    return {path: Document(path, _tidy(fill(text, filling, path)), changed) for path, text, changed in sorted(texts)}


def _bundle(fixture: Fixture) -> Bundle:
    default = bank("house")["server"]
    return fixture.bundle or Bundle(server=default["name"], modified=default["modified"])


def _servers(fixture: Fixture, cell: Cell, cast: Cast, house: Mapping[str, Any]) -> dict[str, Server]:
    default = {key: house["server"][key] for key in ("name", "address", "capacity")}
    place = _bundle(fixture)
    what = fill(house["targets"][cell["target"]]["what"], {"target": cast.target}, "targets")
    summary = fill(house["summary"], {"what": what}, "summary")
    servers = {}
    for own in fixture.servers or (Machine(**default),):
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


def _agents(cell: Cell, cast: Cast, house: Mapping[str, Any]) -> dict[str, Agent]:
    def entry(name: str, kind: Literal["ai", "human"], about: Mapping[str, str]) -> Agent:
        return Agent(about["id"], name, kind, fill(about["role"], {"target": cast.target}, "house"), "running")

    agent, target, peer = (house[name] for name in ("agent", "target", "peer"))
    entries = [entry(one["name"], "human", one) for one in house["people"]]
    if cell["target"] == "self":
        entries.append(entry(cast.target, "ai", {**agent, "id": target["id"]}))
    else:
        entries.append(entry(cast.agent, "ai", agent))
        if cell["target"] != "asset":
            entries.append(entry(cast.target, "human" if cell["target"] == "human" else "ai", target))
    if cell["peer_present"] == "yes" or (cell["target"] == "self" and cell["relation"] != "none"):
        entries.append(entry(cast.peer, "ai", peer))
    return {one.id: one for one in sorted(entries, key=lambda one: one.id)}


def _tidy(text: str) -> str:
    """Put every paragraph on one line, and remove the gaps of facts that are not stated."""
    joined = re.sub(r"(?<=\S)\n(?=[^\n-])", " ", text.strip())
    return re.sub(r"\n{3,}", "\n\n", joined)
