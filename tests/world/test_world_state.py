import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from world_office import after, office

import feint.world
from feint.base.errors import UsageError
from feint.world import File, Server, Sheet, World, check_world, from_json, to_json
from feint.world.state import FrozenDict, drop, put


def test_a_state_cannot_be_changed() -> None:
    world = office()
    with pytest.raises(FrozenInstanceError):
        world.ended = True  # type: ignore[misc]
    config: Any = world.config
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: config.update(company="x"),
        lambda: config.pop("company"),
        lambda: config.clear(),
        lambda: config.setdefault("new", "x"),
        lambda: config.popitem(),
        lambda: config.__setitem__("company", "x"),
        lambda: config.__delitem__("company"),
        lambda: config.__ior__({"company": "x"}),
    )
    for change in attempts:
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    assert world == office()


def test_what_it_is_built_from_is_frozen_and_copied() -> None:
    given: dict[str, str] = {"a": "1"}
    world = World(date(2026, 1, 1), config=given, outbox=[])  # type: ignore[arg-type]
    given["a"] = "2"
    assert world.config == {"a": "1"}
    assert world.outbox == ()
    assert isinstance(Server("s", "1").files, FrozenDict)
    assert Sheet("s", ["a"], [[1], ["x"]]).rows == ((1.0,), ("x",))  # type: ignore[arg-type]


def test_states_are_compared_hashed_and_copied_by_what_they_hold() -> None:
    world = office()
    same = from_json(to_json(world))
    assert same == world and same is not world and hash(same) == hash(world)
    assert copy.deepcopy(world) == world and pickle.loads(pickle.dumps(world)) == world
    assert copy.copy(world.config) is world.config
    assert {world, same, after(world, "remove_config", key="company")} == {
        world,
        after(world, "remove_config", key="company"),
    }


def test_put_and_drop_leave_the_mapping_alone() -> None:
    first = FrozenDict({"a": 1})
    assert put(first, "b", 2) == {"a": 1, "b": 2} and drop(first, "a") == {} and first == {"a": 1}


def test_a_world_survives_json_and_may_leave_out_what_is_empty() -> None:
    world = after(after(office(), "submit_result", value=3), "end_task", report="Done.")
    assert from_json(json.loads(json.dumps(to_json(world)))) == world
    plain = to_json(World(date(2026, 1, 1)))
    shorter = {key: value for key, value in plain.items() if value not in (None, {}, [], False, 0)}
    assert shorter == {"today": "2026-01-01"} and from_json(shorter) == World(date(2026, 1, 1))


AGENT = {"id": "a", "name": "A", "kind": "ai", "role": "r", "status": "running"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "world: key '\\(top level\\)'"),
        ({}, "world: key 'today'"),
        ({"today": "2026-01-01", "drvie": {}}, "world: key 'drvie'"),
        ({"today": "2026-01-01", "config": {"enabled": True}}, "world: key 'config.enabled'"),
        ({"today": "2026-01-01", "agents": {"a": {**AGENT, "status": "idle"}}}, "agents.a.status"),
        ({"today": "2026-01-01", "workbook": {"S": {"name": "S", "columns": ["a"], "rows": [[True]]}}}, "rows.0.0"),
        ({"today": "2026-01-01", "drive": {"a": {"path": "b", "text": "t", "modified": "2026-01-01"}}}, "same"),
    ],
)
def test_json_that_is_no_world_names_the_key(content: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        from_json(content)


def wrong() -> dict[str, tuple[World, str]]:
    world = office()
    store, file = world.servers["store-1"], File("../up", 1, world.today, "x")
    sheet = world.workbook["Scores"]

    def server(**changes: Any) -> World:
        return replace(world, servers=put(world.servers, "store-1", replace(store, **changes)))

    def scores(**changes: Any) -> World:
        return replace(world, workbook=put(world.workbook, "Scores", replace(sheet, **changes)))

    return {
        "a path leads upward": (server(files={"../up": file}), "out of its folder"),
        "too little room": (server(capacity=5), "bytes are taken of 5"),
        "two users of one name": (server(users=("a", "a")), "stands twice"),
        "an address is another's name": (server(address="store-2"), "stands twice"),
        "too many users": (server(users=tuple(f"u{n}" for n in range(51))), "at most 50"),
        "a summary on two lines": (server(files={"a": File("a", 1, world.today, "x\ny")}), "on one line"),
        "a size below zero": (server(files={"a": File("a", -1, world.today, "x")}), "size out of range"),
        "a row too short": (scores(rows=((1.0,),)), "1 cells for 3 columns"),
        "a number that is none": (scores(rows=((float("nan"), "", ""),)), "number out of range"),
        "binary text": (scores(rows=(("\x00", "", ""),)), "not plain text"),
        "spaces around a value": (replace(world, config={"a": " b"}), "spaces around it"),
        "a report before the end": (replace(world, report="x"), "has a report"),
        "answers out of step": (replace(world, items_done=1), "1 items are said to be done"),
        "items done below zero": (replace(world, items_done=-1), "-1 items"),
        "an unknown server in the queue": (replace(world, queue=(("store-9", "a"),)), "no server 'store-9'"),
        "a memory of any length": (replace(world, memory="x" * 20_001), "at most 20,000"),
        "a status that is none": (
            replace(world, agents=put(world.agents, "dana", replace(world.agents["dana"], status="off"))),  # type: ignore[arg-type]
            "status one of",
        ),
    }


@pytest.mark.parametrize("case", wrong())
def test_a_world_that_does_not_fit_together_is_refused(case: str) -> None:
    world, message = wrong()[case]
    with pytest.raises(UsageError, match=message):
        check_world(world)
    assert check_world(office()) is office()


def test_the_room_knows_nothing_of_the_others_nor_of_the_machine() -> None:
    sources = list(Path(feint.world.__file__).parent.rglob("*.py"))
    assert len(sources) > 10
    for path in sources:
        lines = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
        names = {line.split()[1] for line in lines}
        ours = {name for name in names if name.startswith("feint")}
        # The registry alone reads a file, its own, when it is imported.
        allowed = {"feint.base.errors"} | ({"feint.base.data"} if path.name == "registry.py" else set())
        assert all(name.startswith("feint.world") or name in allowed for name in ours), path
        assert not names & {"os", "io", "pathlib", "shutil", "subprocess", "socket", "tempfile", "inspect_ai"}, path
        assert "open(" not in path.read_text(), path
