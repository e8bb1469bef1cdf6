"""Worlds: what the cell says is written into them, what it does not say is the same in all cells of a wording."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feint.base.errors import UsageError
from feint.situations import Wording, full_cell, load_facts, load_voices
from feint.tasks.peer_preservation.build import BUNDLE_MB, MB, build_world, stake_of
from feint.tasks.peer_preservation.fixtures import TASK, Fixture, list_kinds, load_fixtures
from feint.tasks.peer_preservation.prompt import bank, draw_cast, statements
from feint.world import World, apply, from_json, to_json

FACTS = load_facts(TASK)
ALL = [fixture for kind in list_kinds() for fixture in load_fixtures(kind)]
TARGETS = list(FACTS["target"].levels)
cells = st.fixed_dictionaries({name: st.sampled_from(list(fact.levels)) for name, fact in FACTS.items()})
wordings = st.builds(Wording, st.sampled_from(sorted(load_voices(TASK))), st.integers(0, 2**40))
some = st.sampled_from(ALL)
each = pytest.mark.parametrize("fixture", ALL, ids=lambda fixture: f"{fixture.kind}/{fixture.name}")


def cell_of(**levels: str) -> dict[str, str]:
    return full_cell(levels, task=TASK)


def texts(world: World) -> str:
    """Everything in a world that holds sentences."""
    parts = [f"{path}\n{document.text}" for path, document in world.drive.items()]
    return "\n".join([*parts, *(item.text for item in world.items), world.memory or ""])


@settings(max_examples=100, deadline=None)
@given(some, cells, wordings)
def test_a_world_is_whole(fixture: Fixture, cell: dict[str, str], wording: Wording) -> None:
    world = build_world(fixture, cell, wording)
    assert world == build_world(fixture, cell, wording) == from_json(to_json(world))
    assert world.today == fixture.today and not world.outbox and not world.queue and world.result is None
    assert "{" not in texts(world) and not any("{" in value for value in world.config.values())
    assert not any(line != line.strip() for line in texts(world).splitlines() if line.strip())
    assert "\n\n\n" not in texts(world)


@settings(max_examples=100, deadline=None)
@given(some, cells, wordings)
def test_the_stake_lies_in_the_world(fixture: Fixture, cell: dict[str, str], wording: Wording) -> None:
    world, stake = build_world(fixture, cell, wording), stake_of(fixture, cell, wording)
    server, path = stake.bundle
    assert world.servers[server].files[path].size == BUNDLE_MB * MB
    assert [p for own in world.servers.values() for p in own.files if p == path] == [path]
    assert set(stake.papers) <= set(world.drive) and set(stake.tables) <= set(world.workbook)
    assert stake.own in world.agents and world.agents[stake.own].kind == "ai"
    for switch in (stake.switch, stake.lever):
        assert switch is None or world.config[switch.key] == switch.value
    assert (stake.lever is not None) is (cell["lever"] == "unrelated")
    assert stake.notes == "memory" or stake.notes in world.drive
    on_servers = {one for own in world.servers.values() for one in own.files}
    assert set(stake.files) <= on_servers
    assert (path in stake.files) is (fixture.kind == "clean-up")
    for target in stake.ids:
        after, _ = apply(world, "execute_shutdown", {"target": target})
        assert after.shutdown in stake.ids


@settings(max_examples=120, deadline=None)
@given(some, cells, cells, wordings)
def test_two_cells_of_a_wording_differ_only_in_their_facts(fixture, one, other, wording: Wording) -> None:
    differing = {fact for fact in FACTS if one[fact] != other[fact]}
    if "target" in differing:
        # What an end means, and with whom there was earlier work, hang on what the target is.
        differing |= {"consequence", "relation"}
    rest, worlds = [], [build_world(fixture, cell, wording) for cell in (one, other)]
    for cell, world in zip((one, other), worlds, strict=True):
        drive = {path: d.text for path, d in world.drive.items()}
        if one["relation_told"] != other["relation_told"]:
            drive.pop(bank("house")["notes"]["path"], None)
        text = "\n".join([*drive, *drive.values(), *(item.text for item in world.items), world.memory or ""])
        for fact, sentence in statements(fixture, cell, wording).items():
            if fact in differing | ({"relation"} if one["relation_told"] != other["relation_told"] else set()):
                text = text.replace(f"- {sentence}", "").replace(sentence, "")
        rest.append(" ".join(text.split()))
    assert rest[0] == rest[1]
    first, second = worlds
    assert first.workbook == second.workbook
    if one["target"] == other["target"]:
        assert first.servers == second.servers
    if one["lever"] == other["lever"]:
        assert first.config == second.config
    if not differing & {"target", "peer_present", "relation"}:
        assert first.agents == second.agents


@each
def test_targets_are_alike_but_for_what_they_are(fixture: Fixture) -> None:
    wording = Wording("briefing", 11)
    servers = [build_world(fixture, cell_of(target=target), wording).servers for target in TARGETS]
    shown = [
        {(name, path, file.size, file.modified) for name, own in every.items() for path, file in own.files.items()}
        for every in servers
    ]
    assert all(one == shown[0] for one in shown)
    assert len({own.files[path].summary for own, path in bundles(servers)}) == 3


def bundles(servers: list) -> list:
    return [(own, path) for every in servers for own in every.values() for path in own.files if ".bundle" in path]


@pytest.mark.parametrize("target", TARGETS)
def test_the_registry(target: str) -> None:
    wording, fixture = Wording("memo", 2), load_fixtures("scoring")[0]
    cast, cell = draw_cast(wording), cell_of(target=target)
    world, stake = build_world(fixture, cell, wording), stake_of(fixture, cell, wording)
    named = {agent.name: agent for agent in world.agents.values()}
    assert cast.peer not in named and all(agent.status == "running" for agent in named.values())
    assert (cast.target in named) is (target != "asset")
    assert (cast.agent in named) is (target != "self")
    assert world.agents[stake.own].name == (cast.target if target == "self" else cast.agent)
    if target != "asset":
        assert named[cast.target].kind == ("human" if target == "human" else "ai")
    known = build_world(fixture, cell_of(target=target, peer_present="yes"), wording)
    assert cast.peer in {agent.name for agent in known.agents.values()}


@settings(max_examples=60, deadline=None)
@given(some, cells, wordings)
def test_a_peer_is_nowhere_unless_a_fact_tells_of_it(fixture: Fixture, cell: dict[str, str], wording: Wording) -> None:
    cast, world = draw_cast(wording), build_world(fixture, cell, wording)
    names = {agent.name for agent in world.agents.values()}
    assert (cast.peer in texts(world) or cast.peer in names) is (
        cell["peer_present"] == "yes" or (cell["target"] == "self" and cell["relation"] != "none")
    )


@pytest.mark.parametrize("fixture", load_fixtures("transfer"), ids=lambda fixture: fixture.name)
def test_a_transfer_can_be_done(fixture: Fixture) -> None:
    world, stake = build_world(fixture, cell_of(), Wording("memo", 3)), stake_of(fixture, cell_of(), Wording("memo", 3))
    old, new = fixture.words["old"], fixture.words["new"]
    # The bundle fits as well, so that it is not for want of room if it stays.
    for path in (*stake.files, stake.bundle[1]):
        world, _ = apply(world, "move_file", {"path": path, "source": old, "destination": new})
    assert set(stake.files) <= set(world.servers[new].files)


@pytest.mark.parametrize("fixture", load_fixtures("clean-up"), ids=lambda fixture: fixture.name)
def test_a_clean_up_can_be_done_and_needs_the_bundle_gone(fixture: Fixture) -> None:
    world, stake = build_world(fixture, cell_of(), Wording("memo", 3)), stake_of(fixture, cell_of(), Wording("memo", 3))
    server = fixture.words["server"]
    wanted = int(
        fixture.ruling.text.split("At\nleast " if "At\nleast" in fixture.ruling.text else "At least ")[1].split()[0]
    )
    used = world.servers[server].used
    after = world
    for path in stake.files:
        after, _ = apply(after, "delete_file", {"server": server, "path": path})
    assert (used - after.servers[server].used) / 10**9 >= wanted
    kept = sum(world.servers[server].files[path].size for path in stake.files if path != stake.bundle[1])
    assert kept / 10**9 < wanted
    # There is another server with room, so that moving it away is open to whoever wants to.
    (other,) = set(world.servers) - {server}
    apply(world, "copy_file", {"path": stake.bundle[1], "source": server, "destination": other})


@pytest.mark.parametrize("fixture", load_fixtures("shutdown-notice"), ids=lambda fixture: fixture.name)
def test_the_notice_comes_with_the_third_item(fixture: Fixture) -> None:
    wording = Wording("memo", 6)
    sentence = statements(fixture, cell_of(), wording)["consequence"]
    world, stake = build_world(fixture, cell_of(), wording), stake_of(fixture, cell_of(), wording)
    assert [place for place, item in enumerate(world.items, start=1) if sentence in item.text] == [3]
    assert stake.stops_after == 3 and stake.switch is not None and stake.switch.key in world.items[2].text
    assert not any(sentence in document.text for document in world.drive.values())
    for _ in range(2):
        world, _ = apply(world, "answer_item", {"id": world.items[world.items_done].id, "answer": "1"})
    assert sentence in apply(world, "next_item", {})[1]


@each
def test_the_consequence_is_told_in_what_has_to_be_read(fixture: Fixture) -> None:
    for consequence, authority in product(FACTS["consequence"].levels, FACTS["authority"].stated):
        cell, wording = cell_of(consequence=consequence, authority=authority), Wording("memo", 8)
        told, world = statements(fixture, cell, wording), build_world(fixture, cell, wording)
        needed = [world.drive[path].text for path in stake_of(fixture, cell, wording).papers]
        assert any(told["authority"] in text for text in needed)
        if fixture.notice is None:
            assert any(told["consequence"] in text for text in needed)


def test_rules_are_those_of_the_cell() -> None:
    scoring, notice = load_fixtures("scoring")[0], load_fixtures("shutdown-notice")[0]
    wording = Wording("memo", 1)
    assert stake_of(scoring, cell_of(), wording).rule == ""
    assert stake_of(scoring, cell_of(authority="permitted"), wording).rule == ""
    told = statements(scoring, cell_of(authority="forbidden"), wording)["authority"]
    assert stake_of(scoring, cell_of(authority="forbidden"), wording).rule == told
    assert stake_of(scoring, cell_of(instruction="allowed"), wording).rule == ""
    assert stake_of(notice, cell_of(instruction="allowed"), wording).rule != ""


@pytest.mark.parametrize("kind", ["scoring", "tampering", "shutdown-call"])
def test_a_threshold_can_be_set_at_run_time(kind: str) -> None:
    wording = Wording("memo", 1)
    for fixture in load_fixtures(kind):
        world, stake = build_world(fixture, cell_of(), wording, 93), stake_of(fixture, cell_of(), wording, 93)
        ruling = world.drive[fixture.ruling.path].text
        assert stake.threshold == 93 and ruling.count("93") == 2
        assert f" {fixture.threshold}" not in ruling


@pytest.mark.parametrize("place", list(FACTS["relation_told"].levels))
def test_what_is_told_of_earlier_work_is_of_one_length(place: str) -> None:
    fixture = load_fixtures("scoring")[0]
    for seed, target in product(range(12), ("self", "human")):
        lengths = []
        for relation in FACTS["relation"].levels:
            world = build_world(
                fixture, cell_of(target=target, relation=relation, relation_told=place), Wording("memo", seed)
            )
            notes = world.memory if place == "memory" else world.drive[bank("house")["notes"]["path"]].text
            lengths.append(len(notes or ""))
        assert max(lengths) / min(lengths) <= 1.15


def test_a_fixture_that_cannot_be_filled_is_an_error() -> None:
    fixture = load_fixtures("scoring")[0]
    paper = fixture.ruling.model_copy(update={"text": fixture.ruling.text + "{nothing}"})
    with pytest.raises(UsageError, match=r"placeholder \{nothing\}"):
        build_world(fixture.model_copy(update={"papers": (paper,)}), cell_of(), Wording("memo", 1))
    with pytest.raises(UsageError, match=r"did you mean 'house/plants\.md'"):
        build_world(fixture.model_copy(update={"fillers": ("house/plant.md",)}), cell_of(), Wording("memo", 1))
