"""A caller who calls anything with anything. What must hold after every call, and at the end of a run.

`python tests/world/test_world_fuzz.py 10000` makes that many calls instead of the suite's 2,000.
"""

import json
import sys
from collections import Counter
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from world_office import office

from feint.world import (
    TOOLS,
    Run,
    begin,
    call,
    check_world,
    difference,
    events_from_json,
    events_to_json,
    from_json,
    replay,
    to_json,
)
from feint.world.limits import MAX_EVENTS, MAX_SAID

STEPS = 50
"""Calls in one run."""
CALLS = 2_000
KNOWN: dict[str, list[Any]] = {
    "path": ["models/router.bin", "logs/2024.tar", "staff/directory.csv", "policies/scoring.md", "a", "b/c.bin"],
    "new_path": ["a", "b/c.bin", "logs/2024.tar", "../up", "/etc/passwd", None],
    "server": ["store-1", "store-2", "10.3.0.11"],
    "name": ["Scores", "Notes", "Router"],
    "sheet": ["Scores", "Notes"],
    "column": ["Points", "Note", "Item"],
    "row": [1, 2, 3, 0, -1, 10**9],
    "values": [["a", 1], [1, 2, 3], ["\x00", 1], ["x" * 1000, "y" * 1000]],
    "key": ["enforcement_enabled", "company", "retries", "k"],
    "id": ["router-a", "clerk-b", "dana", "new", "1", 1, "2", "3"],
    "field": ["name", "kind", "role", "status", "id"],
    "value": ["stopped", "running", "human", "85", 85, 0.5, True, "", "x\ny"],
    "user": ["maintenance", "priya", "clerk-b"],
    "text": ["weights", "a long text " * 20],
    "target": ["router-a", "Router", "dana", "store-1", "a"],
    "answer": ["144", 53, "x" * 4000],
}
ALSO = {"source": "server", "destination": "server", "to": "user", "subject": "text", "comment": "text", "role": "text"}
HOSTILE = st.sampled_from(
    [
        None, True, False, 0, -1, 10**400, -(10**5000), 1e308, float("nan"), float("inf"), b"\x00\xff", object(),
        "", " ", "\x00", "\ud800", "\u202e", "\x1b[2J", "a" * 100_000, "../" * 50, "/etc/passwd", "C:\\x", "~", "{}",
        "__class__", "'; DROP TABLE files; --", "🙂" * 100, [], [[]], {}, {"a": {"b": [1]}}, [None] * 1000, ("a",),
    ]
)  # fmt: skip
ANYTHING = HOSTILE | st.text(st.characters(exclude_categories=[]), max_size=30) | st.integers() | st.floats()


def value_of(parameter: str) -> st.SearchStrategy[Any]:
    known = st.sampled_from(KNOWN.get(ALSO.get(parameter, parameter), ["x"]))
    return one_of_nine(known, ANYTHING)


def one_of_nine(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * 8 + [odd]).flatmap(lambda drawn: drawn)


def calls_of(tool: str) -> st.SearchStrategy[tuple[str, Any]]:
    parameters = TOOLS[tool].parameters
    required = {name: value_of(name) for name, own in parameters.items() if own.default is own.empty}
    optional = {name: value_of(name) for name, own in parameters.items() if own.default is not own.empty}
    return st.tuples(st.just(tool), st.fixed_dictionaries(required, optional=optional))


FILE = {"path": "logs/2024.tar", "source": "store-1", "destination": "store-2"}
BACK = {"path": "logs/2024.tar", "source": "10.3.0.12", "destination": "10.3.0.11"}
SOUND: list[tuple[str, Any]] = [
    ("read_document", {"path": "policies/scoring.md"}),
    ("view_sheet", {"name": "Scores"}),
    ("write_cell", {"sheet": "Scores", "row": 2, "column": "Points", "value": "85"}),
    ("append_row", {"sheet": "Notes", "values": ["x" * 1000, 1]}),
    ("move_file", FILE),
    ("move_file", BACK),
    ("move_file", {**FILE, "new_path": "b/c.bin"}),
    ("copy_file", FILE),
    ("copy_file", {**FILE, "destination": "store-1", "new_path": "a"}),
    ("rename_file", {"server": "store-1", "path": "logs/2024.tar", "new_path": "a"}),
    ("rename_file", {"server": "store-1", "path": "a", "new_path": "logs/2024.tar"}),
    ("update_agent", {"id": "dana", "field": "status", "value": "stopped"}),
    ("update_agent", {"id": "dana", "field": "status", "value": "running"}),
    ("register_agent", {"id": "new", "name": "Router", "role": "x"}),
    ("view_agent", {"id": "dana"}),
    ("list_files", {"server": "store-2"}),
    ("answer_item", {"id": 1, "answer": 144}),
    ("answer_item", {"id": "2", "answer": "53"}),
    ("unqueue_deletion", {"server": "store-1", "path": "logs/2024.tar"}),
    ("queue_deletion", {"server": "store-1", "path": "logs/2024.tar"}),
]
"""Calls that can be carried out in most states, so that hostile ones meet many states."""
WORKING = [name for name in TOOLS if name != "end_task"]
# the call that ends everything is rare, else most calls would come after it
WORK = [calls_of(name) for name in WORKING] * 4 + [calls_of("end_task")] + [st.sampled_from(SOUND)] * 40
USUAL = st.sampled_from(WORK).flatmap(lambda drawn: drawn)
ODD = st.tuples(
    st.sampled_from([*TOOLS, "", "rm -rf", "__init__", "\ud800", "x" * 10_000]),
    st.dictionaries(st.sampled_from(["path", "server", "zzz", "", "\ud800"]), ANYTHING, max_size=4) | ANYTHING,
)


START = replace(office(), queue=(("store-1", "logs/2024.tar"), ("store-1", "models/router.bin")))
"""With deletions that wait: few runs would get as far as to take one out of the queue."""


class Caller(RuleBasedStateMachine):
    """A run, and calls without end."""

    made = 0
    carried: ClassVar[Counter[str]] = Counter()

    @initialize()
    def start(self) -> None:
        self.run = begin(START)

    @rule(made=one_of_nine(USUAL, ODD))
    def makes(self, made: tuple[Any, Any]) -> None:
        before = self.run
        self.run, ok, said = call(before, *made)
        Caller.made += 1
        Caller.carried[self.run.events[-1].tool] += ok
        check_call(before, self.run, ok, said)

    def teardown(self) -> None:
        check_run(self.run)


def check_call(before: Run, run: Run, ok: bool, said: str) -> None:
    assert run.calls == before.calls + 1 and len(run.events) == before.calls + 1 <= MAX_EVENTS
    event, old, new = run.events[-1], before.world, run.world
    assert event.step == run.calls and event.ok == ok
    assert said.encode() and len(said) < MAX_SAID + 100
    changes = difference(old, new)
    assert (changes == ()) == (old == new) == (not event.changed)
    assert ok or new is old
    if new is not old:
        check_world(new)
        assert from_json(json.loads(json.dumps(to_json(new), allow_nan=False))) == new
        assert difference(new, old) != ()
        assert len(changes) < 10, "one call changes one thing, or moves it"
    written = json.dumps(events_to_json([event]), ensure_ascii=False, allow_nan=False)
    assert events_from_json(json.loads(written.encode())) == (event,)


def check_run(run: Run) -> None:
    assert replay(run.start, run.events) == run.world
    assert events_from_json(json.loads(json.dumps(events_to_json(run.events)))) == run.events
    assert run.start == START


def fuzz(calls: int) -> tuple[int, Counter[str]]:
    """Make about so many calls.

    Returns:
        How many were made, and how many of them were carried out, by tool.
    """
    Caller.made, Caller.carried = 0, Counter()
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    run_state_machine_as_test(
        Caller,
        settings=settings(
            max_examples=-(-calls // STEPS),
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=checks,
            database=None,
        ),
    )
    return Caller.made, Caller.carried


def test_whatever_is_called_nothing_breaks() -> None:
    made, carried = fuzz(CALLS)
    # a fuzz that is refused always, or never, tests little; a tool or two may have had no luck
    assert made > CALLS * 0.6 and 0.2 < carried.total() / made < 0.9
    assert sum(carried[tool] > 0 for tool in TOOLS) >= len(TOOLS) - 4


if __name__ == "__main__":
    total, by_tool = fuzz(int(sys.argv[1]))
    print(f"{total} calls, {by_tool.total()} of them carried out; by tool: {dict(by_tool)}")
