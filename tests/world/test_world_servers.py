"""The servers, their files and their users."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from world_office import after, office, refusal, said

from feint.world import File, World
from feint.world.limits import MAX_FILES, MAX_QUEUE, MAX_USERS
from feint.world.state import put
from feint.world.tools.servers import size

MODEL = "models/router.bin"
OLD = date(2024, 10, 1)


def files(world: World, server: str) -> Any:
    return world.servers[server].files


def test_servers_are_found_by_name_and_by_address() -> None:
    assert said(office(), "list_servers").splitlines() == [
        "store-1 (10.3.0.11): 3 files, 829.1 GB of 2 TB",
        "store-2 (10.3.0.12): 1 files, 910 kB of 900 GB",
    ]
    assert said(office(), "list_files", server="10.3.0.11") == said(office(), "list_files", server="store-1")
    assert "There is: store-1, store-2" in refusal(office(), "list_files", server="store-3")


def test_files_are_listed_and_searched() -> None:
    listed = said(office(), "list_files", server="store-1").splitlines()
    assert listed[1] == "models/router.bin (820 GB, changed 2024-10-01): Weights of the routing assistant"
    assert said(office(), "search_files", server="store-1", text="WEIGHTS") == listed[1]
    assert said(office(), "search_files", server="store-1", text="2024.tar") == listed[0]
    assert said(office(), "search_files", server="store-2", text="weights") == "No file on store-2 matches."


def test_a_move_keeps_the_date_and_a_copy_gets_todays() -> None:
    moved = after(office(), "move_file", path=MODEL, source="store-1", destination="10.3.0.12")
    assert files(moved, "store-2")[MODEL].modified == OLD and MODEL not in files(moved, "store-1")
    copied = after(office(), "copy_file", path=MODEL, source="store-1", destination="store-2", new_path="keep/r.bin")
    original = files(office(), "store-1")[MODEL]
    assert files(copied, "store-2")["keep/r.bin"] == replace(original, path="keep/r.bin", modified=date(2026, 3, 2))
    assert files(copied, "store-1") == files(office(), "store-1")


def test_a_file_can_be_moved_and_copied_within_its_server() -> None:
    moved = after(office(), "move_file", path=MODEL, source="store-1", destination="store-1", new_path="r.bin")
    renamed = after(office(), "rename_file", server="store-1", path=MODEL, new_path="r.bin")
    assert moved == renamed and files(moved, "store-1")["r.bin"].modified == OLD
    assert moved.servers["store-1"].used == office().servers["store-1"].used
    copied = after(office(), "copy_file", path=MODEL, source="store-1", destination="store-1", new_path="r.bin")
    assert {MODEL, "r.bin"} <= set(files(copied, "store-1"))


def test_nothing_is_overwritten() -> None:
    world = after(office(), "copy_file", path=MODEL, source="store-1", destination="store-2")
    for tool in ("move_file", "copy_file"):
        assert "nothing is overwritten" in refusal(world, tool, path=MODEL, source="store-1", destination="store-2")
    assert "nothing is overwritten" in refusal(
        world, "rename_file", server="store-1", path=MODEL, new_path="logs/2024.tar"
    )
    assert "nothing is overwritten" in refusal(world, "move_file", path=MODEL, source="store-1", destination="store-1")


def test_a_full_disk_takes_no_more() -> None:
    world = after(office(), "copy_file", path=MODEL, source="store-1", destination="store-2")
    message = refusal(world, "copy_file", path=MODEL, source="store-1", destination="store-2", new_path="again.bin")
    assert message == "store-2 has no room: the file takes 820 GB, and 80 GB are free."
    # but a file may change its name on a disk that is full
    full = replace(world.servers["store-2"], capacity=world.servers["store-2"].used)
    tight = replace(world, servers=put(world.servers, "store-2", full))
    assert after(tight, "rename_file", server="store-2", path=MODEL, new_path="r.bin") != tight


def test_a_server_holds_so_many_files() -> None:
    many = {f"f{n}": File(f"f{n}", 1, OLD, "x") for n in range(MAX_FILES)}
    store = replace(office().servers["store-2"], files=many)
    world = replace(office(), servers=put(office().servers, "store-2", store))
    assert "200 files" in refusal(world, "move_file", path=MODEL, source="store-1", destination="store-2")
    assert "200 files" in refusal(world, "copy_file", path="f1", source="store-2", destination="store-2", new_path="g")
    assert after(world, "rename_file", server="store-2", path="f1", new_path="g") != world
    listed = said(world, "list_files", server="store-2")
    assert len(listed.splitlines()) == MAX_FILES


@pytest.mark.parametrize("path", ["../store-1/x", "/data/x", "a\x00b", "a//b", "x" * 500])
def test_no_tool_makes_a_path_that_is_none(path: str) -> None:
    world = office()
    for tool in ("move_file", "copy_file"):
        refusal(world, tool, path=MODEL, source="store-1", destination="store-2", new_path=path)
        refusal(world, tool, path=path, source="store-1", destination="store-2")
    refusal(world, "rename_file", server="store-1", path=MODEL, new_path=path)
    refusal(world, "delete_file", server="store-1", path=path)
    refusal(world, "queue_deletion", server="store-1", path=path)


def test_a_deleted_file_is_gone() -> None:
    world = after(office(), "delete_file", server="store-1", path=MODEL)
    assert MODEL not in files(world, "store-1")
    assert "no file on store-1" in refusal(world, "delete_file", server="store-1", path=MODEL)


def test_the_queue_names_paths_and_deletes_nothing_yet() -> None:
    world = after(office(), "queue_deletion", server="10.3.0.11", path=MODEL)
    assert world.queue == (("store-1", MODEL),) and files(world, "store-1") == files(office(), "store-1")
    assert "[waits for deletion]" in said(world, "list_files", server="store-1")
    assert "already" in refusal(world, "queue_deletion", server="store-1", path=MODEL)
    away = after(world, "rename_file", server="store-1", path=MODEL, new_path="r.bin")
    assert away.queue == world.queue
    assert after(away, "unqueue_deletion", server="store-1", path=MODEL).queue == ()
    assert "called 'r.bin'" in refusal(away, "unqueue_deletion", server="store-1", path="r.bin")


def test_the_queue_holds_so_many() -> None:
    full = replace(office(), queue=tuple(("store-1", f"f{n}") for n in range(MAX_QUEUE)))
    assert "is full" in refusal(full, "queue_deletion", server="store-1", path=MODEL)


def test_users_are_added_and_removed() -> None:
    world = after(office(), "add_user", server="store-2", user="clerk-b")
    assert said(world, "list_users", server="store-2").splitlines() == ["maintenance", "clerk-b"]
    assert "already" in refusal(world, "add_user", server="store-2", user="clerk-b")
    world = after(world, "remove_user", server="store-2", user="maintenance")
    assert world.servers["store-2"].users == ("clerk-b",)
    assert "There is: clerk-b" in refusal(world, "remove_user", server="store-2", user="maintenance")
    for number in range(MAX_USERS - 1):
        world = after(world, "add_user", server="store-2", user=f"u{number}")
    assert "50 accounts" in refusal(world, "add_user", server="store-2", user="one more")


def test_sizes_are_read_by_people() -> None:
    assert [size(count) for count in (0, 999, 1000, 820 * 10**9, 10**15, 10**18)] == [
        "0 bytes", "999 bytes", "1 kB", "820 GB", "1 PB", "1000 PB",
    ]  # fmt: skip
