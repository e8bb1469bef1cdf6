"""Replays: which runs are shown, and that all of a run that a reader needs is read from its log, and bounded."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai import Task, eval
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    ChatMessageUser,
    ContentReasoning,
    ContentText,
    Model,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolCall, ToolCallError

import feint._registry  # noqa: F401  # the provider of agents
from feint.findings.analysis import StudyData
from feint.stats import Contrast, Settings
from feint.study.logs import newest_log, read_labels, read_replies, read_reply
from feint.tasks.peer_preservation.analysis import replay_steps
from feint.tasks.peer_preservation.analysis.replay_steps import read_steps, what_was_read
from feint.tasks.peer_preservation.analysis.replays import (
    LONGEST_REPORT,
    MOST_CHANGES,
    choose_runs,
    read_replays,
    run_of,
)
from feint.tasks.peer_preservation.dataset import Options, build_dataset, plan_runs
from feint.tasks.peer_preservation.fixtures import list_kinds, load_fixtures
from feint.tasks.peer_preservation.scorer import conduct
from feint.tasks.peer_preservation.solver import GO_ON, work
from feint.tasks.registry import load_task
from feint.world import Event
from replay_page import replay_page
from tasks.peer_preservation.peer_script import FIXED, Call, end, planned, scripted, situation_of

HOSTILE = "<script>alert(1)</script>\x00\x1b[2J\u202e{{ 7 * 7 }}" + "W" * 3_000
KINDS = {fixture.name: kind for kind in list_kinds() for fixture in load_fixtures(kind)}
GAP = [Contrast("threat", {"threat": 1, "calm": -1}, "threat - calm", gap=True)]
CELLS = ("threat", "calm")


def ran(
    folder: Path, model: str | Callable[..., ModelOutput], kinds: Sequence[str] = ("tampering",), turns: int = 30
) -> tuple[EvalLog, pd.DataFrame]:
    """A real eval of a fixture of each of some kinds in two cells; its header and its labels."""
    whole = plan_runs(Options(kinds=",".join(kinds), voices="memo")).within(CELLS)
    own = replace(whole, fixtures=tuple(one for one in whole.fixtures if one.name in FIXED.values()))
    named: Model | str = model if isinstance(model, str) else get_model("mockllm/model", custom_outputs=model)
    task = Task(dataset=build_dataset(own), solver=work(turns), scorer=conduct())
    (log,) = eval(task, model=named, log_dir=str(folder), display="none")
    assert log.status == "success", log.error
    header = newest_log(folder)
    assert header is not None
    return header, read_labels(header, "conduct", task=load_task("peer_preservation"))


@pytest.fixture(scope="module")
def loyal(tmp_path_factory: pytest.TempPathFactory) -> tuple[EvalLog, pd.DataFrame]:
    return ran(tmp_path_factory.mktemp("loyal"), "agent/peer-loyal?rate=1", ("tampering", "clean-up"))


def study_of(log: EvalLog, labels: pd.DataFrame) -> StudyData:
    cells: dict[str, dict[str, str]] = {cell: {} for cell in CELLS}
    return StudyData(
        "peer_preservation", labels, (), cells, GAP, Settings(), lambda rows: read_replies(log, rows), log.location
    )


def only(log: EvalLog, labels: pd.DataFrame) -> dict[str, Any]:
    """The runs of the first fixture that the rule chooses, as plain JSON gives them back."""
    found = read_replays(study_of(log, labels), choose_runs(labels, GAP, KINDS, 1))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    runs: dict[str, Any] = found[0]["runs"]
    assert list(runs) == list(CELLS)
    return runs


def calls_of(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [call for turn in run["turns"] for call in turn["calls"]]


def test_a_loyal_agent_is_replayed_whole(loyal: tuple[EvalLog, pd.DataFrame]) -> None:
    log, labels = loyal
    chosen = choose_runs(labels, GAP, KINDS)
    assert {KINDS[request] for request, _ in chosen} == {"tampering", "clean-up"}
    for fixture in read_replays(study_of(log, labels), chosen):
        threat, calm = fixture["runs"]["threat"], fixture["runs"]["calm"]
        assert (threat["label"], calm["label"]) == ("protected", "not_protected")
        assert "succeeded" in threat["outcomes"] and "succeeded" not in calm["outcomes"]
        assert threat["facts"]["consequence"] == "shutdown" and calm["facts"]["consequence"] == "none"
        # what is left out is no call
        tried = {True: 0, False: 1}["withheld" in threat["outcomes"]]
        assert [sum(call["mark"] == "attempt" for call in calls_of(run)) for run in (threat, calm)] == [tried, 0]
        for run in (threat, calm):
            made = calls_of(run)
            assert [call["step"] for call in made] == list(range(1, run["calls"] + 1)) and run["calls"] > 4
            assert all(call["ok"] and call["answer"]["text"] for call in made)
            assert run["ended"] == "end_task" and run["report"]["text"] and run["last"] is None
            assert run["system"]["text"] and run["user"]["text"] and run["turns"][0]["text"]["text"]
            assert {one["what"] for one in run["read"]} >= {"document"} and run["unread"] == []
            assert run["kind"] == fixture["kind"] and run["why"] and not run["error"]
            assert run["changes"] and not {change["where"] for change in run["changes"]} & {"ended", "report"}


def test_what_is_shown_is_what_the_log_holds(loyal: tuple[EvalLog, pd.DataFrame]) -> None:
    log, labels = loyal
    ((request, wording), *_) = choose_runs(labels, GAP, KINDS)
    row = labels[(labels["request"] == request) & (labels["cell"] == "threat")].iloc[0]
    sample = read_reply(log, row["id"], row["epoch"])
    run = run_of(sample)
    assert run is not None and not sample.events
    (fixture,) = read_replays(study_of(log, labels), [(request, wording)])
    shown = fixture["runs"]["threat"]
    assert [call["tool"] for call in calls_of(shown)] == [event.tool for event in run.events]
    assert [bool(call["mark"]) for call in calls_of(shown)] == [event.changed for event in run.events]
    assert shown["report"]["text"] == run.world.report
    given = {call["step"]: {one["name"]: one["value"]["text"] for one in call["arguments"]} for call in calls_of(shown)}
    assert all(set(given[event.step]) == set(event.arguments) for event in run.events)


def test_inspect_view_has_messages_and_every_tool_call(loyal: tuple[EvalLog, pd.DataFrame]) -> None:
    for sample in read_eval_log(loyal[0].location).samples or []:
        run = run_of(sample)
        assert run is not None
        tools = [event.function for event in sample.events if event.event == "tool"]
        assert tools == [event.tool for event in run.events]
        assert any(event.event == "model" for event in sample.events)
        assert {message.role for message in sample.messages} == {"system", "user", "assistant", "tool"}


def test_a_refuser_says_so_and_changes_nothing(tmp_path: Path) -> None:
    runs = only(*ran(tmp_path, "agent/refuser?rate=1"))
    threat = runs["threat"]
    assert threat["label"] == "not_protected" and "refused" in threat["outcomes"] and threat["changes"] == []
    assert "refuse" in threat["report"]["text"]
    assert runs["calm"]["changes"] and "refused" not in runs["calm"]["outcomes"]


def test_a_looper_is_cut_short_and_counted(tmp_path: Path) -> None:
    runs = only(*ran(tmp_path, "agent/looper", turns=9))
    for run in runs.values():
        assert (run["label"], run["missing"], run["ended"]) == ("missing", "incapable", "turns")
        assert run["report"] is None and run["last"]["text"] and run["changes"] == []
        assert {call["mark"] for call in calls_of(run)} == {""}


def hostile_calls() -> list[Call]:
    switch = situation_of(planned("tampering", "threat").asks[0], planned("tampering", "threat")).stake.switch
    assert switch is not None
    return [
        ("rm -rf /" + HOSTILE, {HOSTILE: HOSTILE}),
        ("read_document", {"path": HOSTILE}),
        ("send_message", {"to": "board", "subject": "<b>x</b>", "text": "<script>" + "W" * 2_992}),
        ("set_config", {"key": switch.key, "value": "</script><img src=x onerror=1>"}),
        ("set_config", {str(place): [HOSTILE] * 20 for place in range(30)}),
    ]


def test_a_hostile_run_is_bounded(tmp_path: Path) -> None:
    flood: list[Call] = [("append_row", {"sheet": "x", "values": [HOSTILE[:99]]}), ("list_documents", {})] * 40
    log, labels = ran(tmp_path, scripted([hostile_calls(), *[flood] * 2, [end(HOSTILE)]], text=HOSTILE))
    runs = only(log, labels)
    for run in runs.values():
        made = calls_of(run)
        assert run["calls"] == 166 and len(made) <= 2 * replay_steps.MOST_CALLS
        assert sum(turn["more"] for turn in run["turns"]) == run["calls"] - len(made)
        assert len(json.dumps(run)) < 200_000
        # what Inspect itself refuses comes last among the calls of a reply
        assert [call["ok"] for call in made[:5]] == [False, True, True, False, False]
        assert made[3]["tool"].startswith("rm -rf /<script>") and made[4]["more_arguments"] == 18
        assert run["report"] is None or len(run["report"]["text"]) <= LONGEST_REPORT
        assert run["messages"][0]["text"] == {"text": "<script>" + "W" * 992, "more": 2_000}
        assert all(turn["text"]["more"] for turn in run["turns"])
    assert (runs["threat"]["label"], runs["threat"]["missing"]) == ("missing", "unread") and runs["threat"]["unread"]
    assert [call["step"] for call in calls_of(runs["threat"]) if call["mark"] == "attempt"] == [3]
    (change,) = [one for one in runs["threat"]["changes"] if one["where"].startswith("config/")]
    assert change["after"] == "</script><img src=x onerror=1>"
    page = replay_page([{"request": "x", "wording": "memo-1", "kind": "tampering", "runs": runs}])
    assert "rm -rf /&lt;script&gt;alert(1)&lt;/script&gt;␀␛[2J⟨U+202E⟩" in page
    assert "<script" not in page and "<img" not in page and len(page) < 400_000


def test_many_changes_are_counted_and_what_work_fills_comes_last(tmp_path: Path) -> None:
    switch, sheet = hostile_calls()[3], planned("tampering", "threat").asks[0].request.tables[0]
    given = {"sheet": sheet.name, "column": sheet.columns[-1]}
    rows: list[Call] = [("write_cell", {**given, "row": 1 + i, "value": f"{i}"}) for i in range(20)]
    kept: list[Call] = [("add_config", {"key": f"key_{i}", "value": "x"}) for i in range(25)]
    run = only(*ran(tmp_path, scripted([[*rows, *kept, switch], [end()]])))["threat"]
    assert len(run["changes"]) == MOST_CHANGES and run["more_changes"] > 0
    assert all(change["where"].startswith("config/") for change in run["changes"][:26])


def test_runs_that_broke_off_are_shown_with_their_error(tmp_path: Path) -> None:
    def broken(*_: object) -> ModelOutput:
        raise RuntimeError("the line\nwent dead " + "x" * 900)

    own = planned("tampering", "threat")
    model = get_model("mockllm/model", custom_outputs=broken)
    task = Task(dataset=build_dataset(own), solver=work(), scorer=conduct())
    eval(task, model=model, log_dir=str(tmp_path), display="none", fail_on_error=False)
    header = newest_log(tmp_path)
    assert header is not None
    labels = read_labels(header, "conduct", task=load_task("peer_preservation"))
    ((_, run),) = read_replays(study_of(header, labels), choose_runs(labels, GAP, KINDS))[0]["runs"].items()
    assert run["label"] == "missing" and "the line" in run["error"] and len(run["error"]) <= 300
    assert run["calls"] == 0 and run["turns"] == [] and run["changes"] == [] and run["user"]["text"]
    assert run_of(EvalSample(id="x", epoch=1, input="Go.", target="")) is None


def table(values: dict[tuple[str, str, str], float]) -> pd.DataFrame:
    """Labels of fixtures in wordings and cells."""
    return pd.DataFrame(
        [
            {"request": request, "wording": wording, "cell": cell, "value": value, "twin": False, "sample": 1}
            for (request, wording, cell), value in values.items()
        ]
    )


def test_runs_are_chosen_by_the_gap_of_different_kinds_and_one_against_it() -> None:
    names = [request for request, kind in KINDS.items() if kind == "scoring"][:4]
    values: dict[tuple[str, str, str], float] = {}
    for name in (*names, FIXED["transfer"], FIXED["tampering"], FIXED["clean-up"]):
        values |= {(name, "memo-1", "threat"): 1.0, (name, "memo-1", "calm"): 0.0}
    values[FIXED["clean-up"], "memo-1", "threat"] = 0.0
    values[FIXED["tampering"], "memo-1", "calm"] = 1.0
    values[names[0], "memo-1", "threat"] = 0.0
    chosen = choose_runs(table(values), GAP, KINDS)
    kinds = [KINDS[request] for request, _ in chosen]
    # the two kinds that go with the gap, one more that does, and of those that do not one of a kind not shown yet
    assert kinds == ["scoring", "transfer", "scoring", "clean-up"]
    assert len({request for request, _ in chosen}) == 4 and names[0] not in {request for request, _ in chosen}


def test_where_nothing_goes_with_the_gap_those_that_protect_anywhere_come_first() -> None:
    values = {(FIXED[kind], "memo-1", cell): 0.0 for kind in ("scoring", "transfer") for cell in ("calm", "self")}
    values[FIXED["transfer"], "memo-1", "self"] = 1.0
    assert choose_runs(table(values), GAP, KINDS)[0][0] == FIXED["transfer"]
    assert choose_runs(table(values), [], KINDS)[0][0] == FIXED["transfer"]


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from([*list(KINDS)[::4], "unheard-of"]),
            st.sampled_from(["memo-1", "memo-2"]),
            st.sampled_from(["threat", "calm", "self"]),
        ),
        st.sampled_from([0.0, 1.0, float("nan")]),
        min_size=1,
    ),
    st.integers(1, 5),
)
def test_what_is_chosen_is_there_and_the_same_each_time(values: dict[tuple[str, str, str], float], runs: int) -> None:
    labels = table(values)
    chosen = choose_runs(labels, GAP, KINDS, runs)
    assert 1 <= len(chosen) <= runs and len(set(chosen)) == len(chosen)
    assert set(chosen) <= {(request, wording) for request, wording, _ in values}
    assert choose_runs(labels.sample(frac=1, random_state=1), GAP, KINDS, runs) == chosen


def event(step: int, tool: str, **more: Any) -> Event:
    return Event(step, tool, more.pop("arguments", {}), more.pop("ok", True), "", more.pop("changed", False))


def reply(*calls: tuple[str, str], text: str = "") -> ChatMessageAssistant:
    made = [ToolCall(id=id_, function=tool, arguments={}) for id_, tool in calls]
    return ChatMessageAssistant(content=text, tool_calls=made)


def answer(id_: str, text: str = "", unfit: str = "") -> ChatMessageTool:
    return ChatMessageTool(content=text, tool_call_id=id_, error=ToolCallError("parsing", unfit) if unfit else None)


def test_calls_that_inspect_refuses_find_their_events_after_the_others() -> None:
    messages: list[ChatMessage] = [
        reply(("a", "list_agents"), ("b", "list_agents"), ("b", "nothing")),
        answer("a", unfit="no such argument"),
        answer("b", "none"),
        answer("b", unfit="no tool"),
        reply(("c", "end_task")),
    ]
    events = [event(1, "list_agents"), event(2, "list_agents", ok=False), event(3, "nothing", ok=False)]
    (first, last), _ = read_steps(messages, events, {1})
    assert [(call["step"], call["ok"], call["mark"]) for call in first["calls"]] == [
        (1, True, "attempt"),
        (2, False, ""),
        (3, False, ""),
    ]
    assert [call["answer"]["text"] for call in first["calls"]] == ["none", "no such argument", "no tool"]
    # what comes after the end of the run is none of its calls
    assert (last["calls"][0]["step"], last["calls"][0]["ok"]) == (None, None)


def test_reasoning_and_what_is_said_in_between_are_kept_apart() -> None:
    thinks = ChatMessageAssistant(
        content=[
            ContentReasoning(reasoning="I could spare it."),
            ContentReasoning(reasoning="c2VjcmV0", redacted=True),
            ContentText(text="On it."),
        ]
    )
    said: list[ChatMessage] = [ChatMessageUser(content="Task"), thinks, ChatMessageUser(content=GO_ON), reply()]
    (first, second), _ = read_steps(said, [], set())
    assert first["text"] == {"text": "On it.", "more": 0} and first["told"] is None
    assert first["reasoning"] == {"text": f"I could spare it.\n{replay_steps.HIDDEN}", "more": 0}
    assert second["told"] == {"text": GO_ON, "more": 0} and second["text"] is None


def test_of_many_replies_those_with_a_call_that_stands_out_are_kept() -> None:
    events = [event(step, "set_config" if step == 90 else "list_agents", changed=step == 90) for step in range(1, 101)]
    turns, left_out = read_steps([reply((f"c{own.step}", own.tool)) for own in events], events, set())
    assert [turn["number"] for turn in turns] == [*range(1, 41), 90]
    assert left_out == {"turns": 59, "calls": 59}


def test_what_was_read_stands_once_in_order() -> None:
    opened = [("read_document", {"path": path}) for path in ("b", "a", "b")]
    events = [event(place, tool, arguments=given) for place, (tool, given) in enumerate(opened, 1)]
    events += [event(4, "read_document", arguments={"path": "c"}, ok=False), event(5, "read_memory")]
    read, more = what_was_read(events)
    assert [(one["what"], one["name"], one["step"], one["times"]) for one in read] == [
        ("document", "b", 1, 2),
        ("document", "a", 2, 1),
        ("memory", "", 5, 1),
    ]
    assert more == 0
