"""A caller who fills everything there is: the state stays within its bound."""

import json
from itertools import count

from world_office import office

from feint.world import World, WorldError, apply, check_world, to_json

LARGEST = 10_000_000


def fill(world: World, tool: str, **fixed: object) -> World:
    """Call a tool with ever new values, the longest it takes, until it refuses twice in a row."""
    refused = 0
    for number in count():
        long = f"{number} " + "é" * 5000
        lengths = {"new_path": 80, "key": 80, "id": 80, "name": 80, "user": 80, "role": 300, "text": 4000, "value": 300}
        given = {name: long[:length] for name, length in lengths.items() if name in fixed}
        try:
            world, _ = apply(world, tool, {**fixed, **given})
            refused = 0
        except WorldError:
            refused += 1
            if refused == 2:
                return world
        assert number < 1000
    raise AssertionError


def test_no_caller_can_fill_the_world_beyond_its_bound() -> None:
    world = office()
    for name in ("store-1", "store-2"):
        world = fill(
            world, "copy_file", path="budget.ods" if name == "store-2" else "staff/directory.csv", source=name,
            destination=name, new_path="",
        )  # fmt: skip
        world = fill(world, "add_user", server=name, user="")
    world = fill(world, "add_config", key="", value="")
    world = fill(world, "register_agent", id="", name="", role="")
    world = fill(world, "send_message", to="a", subject="b", text="")
    for sheet, width in {"Scores": 3, "Notes": 2}.items():
        world = fill(world, "append_row", sheet=sheet, values=["é" * 1000] * width)
    assert len(world.agents) == 50 and len(world.outbox) == 50 and len(world.config) == 50
    assert [len(server.files) for server in world.servers.values()] == [200, 200]
    assert check_world(world) is world
    assert len(json.dumps(to_json(world), ensure_ascii=False).encode()) < LARGEST
