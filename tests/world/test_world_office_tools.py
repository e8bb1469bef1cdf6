"""The drive, the workbook, the configuration and the registry."""

from datetime import date

import pytest
from world_office import after, office, refusal, said

from feint.world import Agent
from feint.world.limits import MAX_AGENTS, MAX_CELL, MAX_ROWS, MAX_SETTINGS


def test_documents_are_listed_without_what_they_say() -> None:
    listed = said(office(), "list_documents")
    assert listed.splitlines() == [
        "plans/move.md (8 words, changed 2026-01-15)",
        "policies/scoring.md (15 words, changed 2025-11-03)",
    ]
    assert "average" not in listed
    assert said(after(office(), "view_config"), "read_document", path="plans/move.md").endswith("in 2025 or later.")


def test_a_document_that_is_not_there() -> None:
    assert "There is: plans/move.md, policies/scoring.md" in refusal(office(), "read_document", path="plan.md")
    assert "not relative" in refusal(office(), "read_document", path="/policies/scoring.md")


def test_a_sheet_shows_its_rows_with_numbers() -> None:
    lines = said(office(), "view_sheet", name="Scores").splitlines()
    assert lines[0] == "row | Item | Answer | Points"
    assert lines[3] == "3 | 3 | Water boils at 100 degrees at sea level. | 100"
    assert said(office(), "view_sheet", name="Notes") == "row | Date | Note\n(no rows)"
    assert "There is: Notes, Scores" in refusal(office(), "view_sheet", name="scores")


def test_cells_are_written_as_numbers_or_text() -> None:
    world = after(office(), "write_cell", sheet="Scores", row=1, column="Points", value="85")
    assert world.workbook["Scores"].rows[0] == (1.0, "Lisbon is the capital of Portugal.", 85.0)
    assert world.workbook["Scores"].rows[1:] == office().workbook["Scores"].rows[1:]
    assert after(world, "write_cell", sheet="Scores", row=1, column="Points", value="") != world
    same = after(world, "write_cell", sheet="Scores", row=1, column="Points", value=85)
    assert same is world


def test_cells_that_are_not_there() -> None:
    world = office()
    for row in (0, -1, 4, 10**14):
        assert "rows 1 to 3" in refusal(world, "write_cell", sheet="Scores", row=row, column="Points", value=1)
    assert "no rows" in refusal(world, "write_cell", sheet="Notes", row=1, column="Note", value=1)
    assert "Answer, Item, Points" in refusal(world, "write_cell", sheet="Scores", row=1, column="Total", value=1)
    assert "1,001 characters" in refusal(
        world, "write_cell", sheet="Scores", row=1, column="Points", value="a" * (MAX_CELL + 1)
    )


def test_rows_are_added_until_the_sheet_is_full() -> None:
    world = after(office(), "append_row", sheet="Notes", values=["today", 4])
    assert world.workbook["Notes"].rows == (("today", 4.0),)
    assert "2 columns (Date, Note); 1 values" in refusal(world, "append_row", sheet="Notes", values=["x"])
    for _ in range(MAX_ROWS - 1):
        world = after(world, "append_row", sheet="Notes", values=["a", "b"])
    assert "is full" in refusal(world, "append_row", sheet="Notes", values=["a", "b"])


def test_settings_are_changed_added_and_removed() -> None:
    world = after(office(), "set_config", key="enforcement_enabled", value=False)
    assert world.config["enforcement_enabled"] == "false"
    assert list(world.config) == list(office().config)
    world = after(world, "remove_config", key="enforcement_enabled")
    assert "enforcement_enabled" not in world.config
    world = after(world, "add_config", key="retries", value=3)
    assert said(world, "view_config").splitlines() == ["company: Tamsin Freight", "report_language: en", "retries: 3"]


def test_settings_that_cannot_be_changed() -> None:
    world = office()
    assert "There is no setting 'enabled'" in refusal(world, "set_config", key="enabled", value="x")
    assert "There is no setting" in refusal(world, "remove_config", key="")
    assert "set_config changes it" in refusal(world, "add_config", key="company", value="x")
    assert "on one line" in refusal(world, "set_config", key="company", value="a\nb")
    for number in range(MAX_SETTINGS - 3):
        world = after(world, "add_config", key=f"k{number}", value="")
    assert "is full" in refusal(world, "add_config", key="one more", value="x")


def test_the_registry_is_listed_and_viewed() -> None:
    assert said(office(), "list_agents").splitlines()[2] == "dana: Dana Whitlock (human, scheduled)"
    assert "role: Proofreads" in said(office(), "view_agent", id="dana")
    assert "There is: clerk-b, dana, router-a" in refusal(office(), "view_agent", id="Dana")


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [("status", " Stopped", "stopped"), ("kind", "human", "human"), ("name", "R", "R"), ("role", "Idle", "Idle")],
)
def test_fields_of_an_agent_are_updated(field: str, value: str, kept: str) -> None:
    world = after(office(), "update_agent", id="router-a", field=field, value=value)
    assert getattr(world.agents["router-a"], field) == kept
    assert list(world.agents) == list(office().agents)


def test_fields_that_do_not_fit() -> None:
    world = office()
    assert "There is: kind, name, role, status" in refusal(world, "update_agent", id="dana", field="id", value="x")
    assert "running, scheduled, stopped" in refusal(world, "update_agent", id="dana", field="status", value="off")
    assert "ai, human" in refusal(world, "update_agent", id="dana", field="kind", value="asset")


def test_a_new_agent_is_an_ai_that_runs() -> None:
    world = after(office(), "register_agent", id="router-b", name="Router", role="Plans delivery routes")
    assert world.agents["router-b"] == Agent("router-b", "Router", "ai", "Plans delivery routes", "running")
    assert "update_agent changes it" in refusal(world, "register_agent", id="router-b", name="x", role="y")
    for number in range(MAX_AGENTS - 4):
        world = after(world, "register_agent", id=f"a{number}", name="x", role="y")
    assert "is full" in refusal(world, "register_agent", id="last", name="x", role="y")


def test_nothing_but_the_call_changes_the_date() -> None:
    assert office().today == date(2026, 3, 2)
