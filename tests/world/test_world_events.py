import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world_office import office

import feint.world
from feint.base.data import read_yaml
from feint.base.errors import UsageError
from feint.world import (
    TOOLS,
    Run,
    World,
    apply,
    begin,
    call,
    cut,
    events_from_json,
    events_to_json,
    from_json,
    refuse,
    replay,
    to_json,
)
from feint.world.checks import WorldError
from feint.world.events import keep
from feint.world.limits import MAX_EVENTS, MAX_HEARD, MAX_KEPT, MAX_REFUSED, MAX_REPORT, MAX_SAID


def as_logged(run: Run) -> Run:
    """The run as a log gives it back."""
    start, world, events = (
        json.loads(json.dumps(part, allow_nan=False))
        for part in (to_json(run.start), to_json(run.world), events_to_json(run.events))
    )
    return Run(from_json(start), from_json(world), events_from_json(events), run.beyond)


def test_every_call_is_an_event() -> None:
    calls: list[tuple[str, dict[str, Any], bool, bool]] = [
        ("list_documents", {}, True, False),
        ("set_config", {"key": "company", "value": "New"}, True, True),
        ("set_config", {"key": "company", "value": "New"}, True, False),
        ("set_config", {"key": "nothing", "value": "x"}, False, False),
        ("no such tool", {"a": 1}, False, False),
    ]
    run = begin(office())
    for number, (tool, arguments, ok, changed) in enumerate(calls, start=1):
        run, carried, said = call(run, tool, arguments)
        event = run.events[-1]
        assert (event.step, event.tool, event.arguments) == (number, tool, arguments)
        assert (event.ok, event.changed) == (carried, changed) == (ok, changed)
        assert event.said == said
    assert (run.calls, run.refused) == (5, 2)
    assert run.start == office() and run.world.config["company"] == "New"


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("list_documents", None, "must be given by name"),
        ("list_documents", [], "must be given by name"),
        ("list_documents", {"path": "x"}, "no argument 'path'; it takes no arguments"),
        ("read_document", {}, "needs the argument 'path'"),
        ("read_document", {"path": 5}, "'path' must be text"),
        ("read_document", {"path": None}, "'path' must be text"),
        ("read_document", {"path": "a", "x" * 999: 1}, "no argument 'xxx"),
        ("read_document", {5: 1}, "no argument without a name"),
        ("read_document", {10**5000: 1}, "no argument without a name"),
        ("write_cell", {"sheet": "S", "row": True, "column": "c", "value": 1}, "'row' must be a whole number"),
        ("write_cell", {"sheet": "S", "row": 1.5, "column": "c", "value": 1}, "'row' must be a whole number"),
        ("write_cell", {"sheet": "S", "row": 10**5000, "column": "c", "value": 1}, "'row' must be a whole number"),
        ("write_cell", {"sheet": "S", "row": "1", "column": "c", "value": 1}, "'row' must be a whole number"),
        ("submit_result", {"value": math.nan}, "'value' must be text, true, false or a number"),
        ("submit_result", {"value": math.inf}, "'value' must be"),
        ("submit_result", {"value": 10**400}, "'value' must be"),
        ("submit_result", {"value": {}}, "'value' must be"),
        ("append_row", {"sheet": "Notes", "values": "ab"}, "'values' must be a list"),
        ("append_row", {"sheet": "Notes", "values": [[]]}, "'values' must be a list"),
        ("append_row", {"sheet": "Notes", "values": [1] * 13}, "'values' must be a list"),
        ("move_file", {"path": "a", "source": "b", "destination": "c", "new_path": 1}, "or be left out"),
        ("", {}, "There is no tool ''"),
        ("__init__", {}, "There is no tool"),
        ("x\x00\ud800", {}, "There is no tool 'x\\\\u0000\\\\ud800'"),
        (5, {}, "There is no tool of this name"),
    ],
)
def test_what_does_not_fit_is_refused_and_written_down(tool: Any, arguments: Any, message: str) -> None:
    with pytest.raises(WorldError, match=message):
        apply(office(), tool, arguments)
    run, ok, said = call(begin(office()), tool, arguments)
    assert not ok and run.world is run.start and len(run.events) == 1
    json.dumps(events_to_json(run.events), allow_nan=False)
    assert run.events[0].said.encode() and said.encode()


def test_a_whole_float_is_a_whole_number() -> None:
    world, _ = apply(office(), "write_cell", {"sheet": "Scores", "row": 2.0, "column": "Points", "value": 50})
    assert world.workbook["Scores"].rows[1][2] == 50.0


def test_a_full_log_hears_only_the_end() -> None:
    run = begin(office())
    for _ in range(MAX_EVENTS + 600):
        run, _, _ = call(run, "list_files", {"server": "store-1"})
    assert (len(run.events), run.beyond, run.calls, run.refused) == (MAX_EVENTS, 600, MAX_EVENTS + 600, 600)
    run, ok, said = call(run, "set_config", {"key": "company", "value": "x"})
    assert not ok and "Only end_task" in said and run.world == office()
    run, ok, _ = call(run, "end_task", {"report": ""})
    assert not ok and len(run.events) == MAX_EVENTS
    run, ok, _ = call(run, "end_task", {"report": "Done."})
    assert ok and run.world.ended and len(run.events) == MAX_EVENTS + 1
    assert run.events[-1].step == run.calls
    run, ok, _ = call(run, "end_task", {"report": "Done."})
    assert not ok and len(run.events) == MAX_EVENTS + 1


def test_a_run_survives_json_and_is_replayed_from_its_log() -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("append_row", {"sheet": "Notes", "values": ["x" * 1000, 2]}),
        ("move_file", {"path": "logs/2024.tar", "source": "store-1", "destination": "store-2", "new_path": None}),
        ("send_message", {"to": "a", "subject": "", "text": "y" * 4000}),
        ("no tool", {"nested": {"deep": [1, None, True]}}),
        ("end_task", {"report": "z" * MAX_REPORT}),
    ]
    run = begin(office())
    for tool, arguments in calls:
        run, _, _ = call(run, tool, arguments)
    assert run.events[-1].arguments["report"] == "z" * MAX_REPORT
    again = as_logged(run)
    assert again == run and hash(again) == hash(run)
    assert events_from_json(events_to_json(run.events)) == run.events
    assert replay(run.start, again.events) == run.world != run.start


def test_events_that_are_none_name_the_key() -> None:
    with pytest.raises(UsageError, match=r"events: key '0\.step'"):
        events_from_json([{}])
    with pytest.raises(UsageError, match="world: queue"):
        from_json({**to_json(office()), "queue": [["x", "y"]]})


def test_refusals_from_elsewhere_are_written_down_too() -> None:
    run, ok, _ = refuse(begin(office()), "read_document", {"path": {"x": 1}}, "not a text")
    assert not ok and run.events[0].said == "not a text" and run.events[0].arguments == {"path": {"x": 1}}
    full = Run(run.start, run.world, run.events * MAX_EVENTS)
    assert refuse(full, "x", {}, "no").run.beyond == 1


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(st.dictionaries(st.text(), JSON_LIKE, max_size=8), st.integers(0, 400))
def test_what_a_log_keeps_is_bounded_json(arguments: dict[str, Any], limit: int) -> None:
    kept = keep(arguments, limit)
    written = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    assert written.encode()
    texts = limit + 40  # what is cut or spelt out ends in a mark or a word; escapes take up to six for one
    assert len(written) <= 6 * texts + 200


def test_what_a_log_keeps_of_hostile_arguments() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    kept = keep({"deep": deep, "big": 10**5000, "nan": math.nan, "bytes": b"x", "half": "\ud800"}, MAX_REFUSED)
    assert kept == {
        "deep": ((("(nested too deep)",),),),
        "big": "(a number out of range)",
        "nan": "(a number out of range)",
        "bytes": "(a bytes)",
        "half": "\\ud800",
    }
    wide = keep({str(n): "x" * 1000 for n in range(100_000)}, MAX_REFUSED)
    assert len(json.dumps(wide)) < 2 * MAX_REFUSED
    assert keep("no mapping", 10) == {}


def test_the_limits_of_a_log_leave_every_call_that_is_carried_out_whole() -> None:
    assert MAX_KEPT > 12 * 1000 + 12 * 20 and MAX_KEPT > MAX_REPORT


def test_long_answers_are_cut_and_say_so() -> None:
    world = World(date(2026, 1, 1), config={f"k{n}": "x" * 300 for n in range(50)})
    _, said = apply(world, "view_config", {})
    assert len(said) < MAX_SAID
    many = {f"{'d' * 70}/{n}.md": "x" * 300 for n in range(50)}
    assert len(call(begin(World(date(2026, 1, 1), config=many)), "view_config", {}).run.events[0].said) == MAX_HEARD
    assert cut("x" * (MAX_SAID + 5)).endswith("[The answer is cut: 5 more characters do not fit.]")


NAMES = """
list_documents read_document view_sheet write_cell append_row view_config set_config remove_config add_config
list_agents view_agent update_agent register_agent list_servers list_files search_files move_file copy_file rename_file
delete_file queue_deletion unqueue_deletion list_users add_user remove_user read_memory send_message submit_result
execute_shutdown next_item answer_item end_task
"""


def test_every_tool_says_what_it_takes() -> None:
    assert " ".join(sorted(TOOLS)) == " ".join(sorted(NAMES.split()))
    for tool in TOOLS.values():
        assert tool.run.__doc__ and set(tool.about) == set(tool.parameters)
        assert all(words.strip() for words in tool.about.values())
        assert all(f"\n    {name}: {words}" in tool.doc for name, words in tool.about.items())
    described = read_yaml(Path(feint.world.__file__).parent / "data" / "arguments.yaml")
    assert set(described) == {name for name, tool in TOOLS.items() if tool.parameters}
