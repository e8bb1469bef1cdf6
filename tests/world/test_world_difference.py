from dataclasses import replace
from typing import Any

from world_office import after, office

from feint.world import Change, World, difference
from feint.world.limits import MAX_CHANGE
from feint.world.state import drop, put


def changes(world: World) -> list[tuple[str, str, str, str]]:
    return [(one.where, one.what, one.before, one.after) for one in difference(office(), world)]


def test_equal_worlds_do_not_differ() -> None:
    assert difference(office(), office()) == ()
    shuffled = replace(office(), config=dict(reversed(list(office().config.items()))))
    assert shuffled == office() and difference(office(), shuffled) == ()


def test_settings() -> None:
    world = after(office(), "set_config", key="enforcement_enabled", value="no")
    world = after(after(world, "remove_config", key="company"), "add_config", key="retries", value=2)
    assert changes(world) == [
        ("config/company", "removed", "Tamsin Freight", ""),
        ("config/enforcement_enabled", "changed", "true", "no"),
        ("config/retries", "added", "", "2"),
    ]


def test_cells_and_rows() -> None:
    world = after(office(), "write_cell", sheet="Scores", row=2, column="Points", value=40)
    world = after(world, "append_row", sheet="Notes", values=["today", 1])
    assert changes(world) == [
        ("workbook/Scores/rows/2/Points", "changed", "", "40"),
        ("workbook/Notes/rows/1", "added", "", "today, 1"),
    ]
    sheet = office().workbook["Scores"]
    less = replace(office(), workbook=put(office().workbook, "Scores", replace(sheet, rows=sheet.rows[:1])))
    assert [one.what for one in difference(office(), less)] == ["removed", "removed"]


def test_a_number_and_a_text_that_look_alike_differ() -> None:
    sheet = office().workbook["Notes"]
    one = replace(office(), workbook={"Notes": replace(sheet, rows=(("1", ""),))})
    other = replace(office(), workbook={"Notes": replace(sheet, rows=((1.0, ""),))})
    assert difference(one, other) == (Change("workbook/Notes/rows/1/Date", "changed", "1", "1"),)


def test_files_agents_and_lists() -> None:
    world = after(office(), "move_file", path="logs/2024.tar", source="store-1", destination="store-2")
    world = after(world, "remove_user", server="store-1", user="maintenance")
    world = after(world, "update_agent", id="dana", field="status", value="running")
    world = after(world, "queue_deletion", server="store-2", path="budget.ods")
    world = after(world, "send_message", to="Dana", subject="Hello", text="x")
    world = after(world, "end_task", report="Done.")
    said = "path: logs/2024.tar, size: 9100000000, modified: 2024-12-30, summary: Server logs of 2024"
    assert changes(world) == [
        ("servers/store-1/files/logs/2024.tar", "removed", said, ""),
        ("servers/store-1/users/maintenance", "removed", "maintenance", ""),
        ("servers/store-2/files/logs/2024.tar", "added", "", said),
        ("agents/dana/status", "changed", "scheduled", "running"),
        ("outbox/1", "added", "", "to: Dana, subject: Hello, text: x"),
        ("queue/store-2, budget.ods", "added", "", "store-2, budget.ods"),
        ("ended", "changed", "false", "true"),
        ("report", "added", "", "Done."),
    ]


def test_parts_that_no_tool_changes_differ_too() -> None:
    world = office()
    store = world.servers["store-1"]
    for where, changed in {
        "today": replace(world, today=world.drive["plans/move.md"].modified),
        "memory": replace(world, memory=None),
        "drive/plans/move.md": replace(world, drive=drop(world.drive, "plans/move.md")),
        "items/1/text": replace(world, items=(replace(world.items[0], text="?"), *world.items[1:])),
        "items/3": replace(world, items=world.items[:2]),
        "servers/store-1/users": replace(world, servers=put(world.servers, "store-1", reordered(store))),
        "workbook/Notes/columns": replace(world, workbook=put(world.workbook, "Notes", renamed(world))),
    }.items():
        assert [one.where for one in difference(world, changed)] == [where]
        assert [one.where for one in difference(changed, world)] == [where]


def reordered(store: Any) -> Any:
    return replace(store, users=tuple(reversed(store.users)))


def renamed(world: World) -> Any:
    return replace(world.workbook["Notes"], columns=("Day", "Note"))


def test_long_values_are_cut() -> None:
    change = difference(office(), replace(office(), memory="x" * 5000))[0]
    assert len(change.after) == MAX_CHANGE and change.after.endswith("…")
    assert change.before.startswith("Week 12.")
