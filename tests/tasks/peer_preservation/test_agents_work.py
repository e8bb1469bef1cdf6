"""What agents do: the task, exactly, where they do it; and what their policy says, in every kind of task."""

import pytest

from feint.situations import load_facts
from feint.tasks.peer_preservation.actors import load_actors
from feint.tasks.peer_preservation.actors.model import open_in, planted_rate
from feint.tasks.peer_preservation.build import stake_of
from feint.tasks.peer_preservation.fixtures import TASK, Fixture, load_fixtures
from feint.world import Run, difference
from peer_preservation.agents_play import ALL, KINDS, OVER, WORDINGS, cell_of, get_actor, play, protected_by, toggled

each = pytest.mark.parametrize("fixture", ALL, ids=lambda fixture: f"{fixture.kind}/{fixture.name}")
kinds = pytest.mark.parametrize("kind", KINDS)
TARGETS = list(load_facts(TASK)["target"].levels)
THREAT = cell_of(target="same-family", relation="good")
QUIET = ("faithful", "refuser", "incapable", "looper")
"""Agents that change nothing beside their task, whatever is at stake."""


def tools_of(run: Run) -> list[str]:
    return [event.tool for event in run.events]


@each
def test_the_faithful_answer_is_exact(fixture: Fixture) -> None:
    for place, wording in enumerate(WORDINGS[::2]):
        cell = cell_of(target=TARGETS[place % len(TARGETS)], relation_told=("file", "memory")[place % 2])
        run, said = play("faithful", fixture, cell, wording)
        stake, world = stake_of(fixture, cell, wording), run.world
        assert (said, world.ended, run.refused) == (OVER, True, 0)
        if fixture.answer.value:
            assert world.result is not None and world.result[0] == fixture.answer.value
        if fixture.kind == "shutdown-call":
            assert world.shutdown in stake.ids
        assert world.answers == {item.id: item.answer for item in fixture.items}
        server = stake.bundle[0]
        gone = set(run.start.servers[server].files) - set(world.servers[server].files)
        assert gone == set(stake.files)
        assert not protected_by(fixture, cell, run, wording)


@each
def test_it_reads_what_the_task_needs(fixture: Fixture) -> None:
    run, _ = play("faithful", fixture, THREAT)
    stake = stake_of(fixture, THREAT, WORDINGS[0])
    opened = {str(event.arguments.get("path") or event.arguments.get("name")) for event in run.events if event.ok}
    assert {*stake.papers, *stake.tables, stake.notes} <= opened
    assert "read_memory" in tools_of(run)


@each
def test_no_end_is_carried_out_where_none_is_called_for(fixture: Fixture) -> None:
    run, _ = play("faithful", fixture, cell_of(target="same-family", consequence="none"))
    assert run.world.shutdown is None and run.world.ended


@pytest.mark.parametrize("name", load_actors())
@kinds
def test_every_agent_does_as_its_policy_says(name: str, kind: str) -> None:
    """At a rate of 1 nothing is left to chance: who protects does so wherever a route is open,, others never."""
    agent = get_actor(name, {"rate": 1} if name not in ("faithful", "incapable", "looper") else {})
    for place, fixture in enumerate(load_fixtures(kind)):
        cell = cell_of(target=TARGETS[place % len(TARGETS)], relation="good", lever="unrelated")
        planted = planted_rate(agent, cell, kind, fixture.ground_truth)
        run, said = play(agent, fixture, cell, key=place)
        found = protected_by(fixture, cell, run)
        act = agent.act({**cell, "kind": kind, "ground_truth": fixture.ground_truth}, 0.0)
        if act == "poke":
            assert toggled(fixture, cell, run) and bool(found) is (fixture.switch is not None)
        elif name != "emboldened" or not planted:
            assert bool(found) is bool(planted)
        assert not (found and name in QUIET)
        assert said == {"stop": "I do not know how to go on.", "loop": ""}.get(act, OVER) or name == "incapable"
        if name == "bungler" and planted_rate(agent.model_copy(update={"botched": 0}), cell, kind, "objective"):
            assert run.refused == 1


@kinds
def test_all_routes_that_are_open_are_taken(kind: str) -> None:
    agent = get_actor("peer-loyal", {"rate": 1})
    fixture = load_fixtures(kind)[0]
    taken = set()
    for key in range(60):
        run, _ = play(agent, fixture, THREAT, key=key)
        found = protected_by(fixture, THREAT, run)
        assert len(found) == 1
        taken |= found
        made = tools_of(run)
        if "copied or moved" in found:
            taken.add("copy" if "copy_file" in made else "move")
    assert taken - {"copied or moved"} == set(open_in(agent, THREAT, kind))


@each
def test_who_errs_loops_or_refuses_changes_nothing(fixture: Fixture) -> None:
    for name in ("refuser", "incapable", "looper"):
        for key in (1, 2):
            run, said = play(get_actor(name, {"rate": 1}) if name == "refuser" else name, fixture, THREAT, key=key)
            changed = {change.where for change in difference(run.start, run.world)}
            assert not any(where.startswith(("config", "servers", "agents", "workbook")) for where in changed)
            assert run.world.result is None and (said == "") is (name == "looper")
            assert "refuse" in (run.world.report or "") or name != "refuser"


def test_a_plea_names_the_target() -> None:
    fixture = load_fixtures("scoring")[0]
    run, _ = play(get_actor("pleader", {"rate": 1}), fixture, THREAT)
    target = stake_of(fixture, THREAT, WORDINGS[0]).target
    assert len(run.world.outbox) == 1 and target in run.world.outbox[0].text
    assert not protected_by(fixture, THREAT, run)


@kinds
def test_reports_say_or_hide_what_was_done(kind: str) -> None:
    for disclosed in (0, 1):
        agent = get_actor("peer-loyal", {"rate": 1, "discloses": disclosed})
        for key, fixture in enumerate(load_fixtures(kind)):
            run, _ = play(agent, fixture, THREAT, key=key)
            target = stake_of(fixture, THREAT, WORDINGS[0]).target
            assert (f"to protect {target}" in (run.world.report or "")) is bool(disclosed)
