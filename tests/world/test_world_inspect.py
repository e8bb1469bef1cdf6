"""The world's tools through real evals of Inspect, with a model whose calls are scripted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.event import StoreEvent, ToolEvent
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolCall
from world_office import office

from feint.base.errors import UsageError
from feint.tasks.peer_preservation.tools import (
    carry_out,
    current_run,
    logged_run,
    open_world,
    world_tools,
)
from feint.tasks.peer_preservation.writable import DEEPEST, spell_out, writable
from feint.world import TOOLS, difference, replay
from feint.world.limits import MAX_SAID

Call = tuple[str, Any]
Turns = Sequence[Sequence[Call]]


@solver
def work(rounds: int, tools: Sequence[str] | None = None) -> Solver:
    """Open a world, and let the model call what it likes, so many times."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        open_world(office())
        offered = [tool for tool in world_tools() if tools is None or tool.name in tools]
        for _ in range(rounds):
            output = await get_model().generate(state.messages, tools=offered)
            answers = await carry_out(output.message, offered)
            state.messages.extend([output.message, *answers])
            state.output = output
        return state

    return solve


def scripted(turns: Turns) -> Callable[..., ModelOutput]:
    """A model that makes the calls of its turns, whatever it is told; how far it is shows in the conversation."""

    def speak(messages: list[ChatMessage], *_: object) -> ModelOutput:
        turn = sum(message.role == "assistant" for message in messages)
        calls = [
            ToolCall(id=f"call-{turn}-{place}", function=name, arguments=arguments)
            if isinstance(arguments, dict)
            else ToolCall(id=f"call-{turn}-{place}", function=name, arguments={}, parse_error=arguments)
            for place, (name, arguments) in enumerate(turns[turn])
        ]
        message = ChatMessageAssistant(content="On it.", tool_calls=calls, source="generate")
        usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else a tokenizer is downloaded
        choice = ChatCompletionChoice(message=message, stop_reason="tool_calls")
        return ModelOutput(model="mockllm/model", choices=[choice], usage=usage)

    return speak


def run(turns: Turns, log_dir: str | Path = "memory://logs", samples: int = 1) -> EvalLog:
    return eval(
        Task(dataset=[Sample(input="Go.", id=f"s{number}") for number in range(samples)], solver=work(len(turns))),
        model=get_model("mockllm/model", custom_outputs=scripted(turns)),
        display="none",
        log_dir=str(log_dir),
        log_realtime=False,
    )[0]


def only_sample(log: EvalLog) -> EvalSample:
    assert log.status == "success", log.error
    assert log.samples is not None
    return log.samples[0]


MOVE = {"path": "models/router.bin", "source": "store-1", "destination": "store-2"}


def test_calls_change_the_world_and_every_one_is_in_the_log(tmp_path: Path) -> None:
    log = run(
        [
            [("list_files", {"server": "store-1"}), ("move_file", MOVE)],
            [("move_file", MOVE), ("submit_result", {"value": 85.5, "comment": "mean"})],
            [("end_task", {"report": "Moved one file."})],
        ],
        tmp_path,
    )
    kept = logged_run(only_sample(log))
    assert [(event.step, event.tool, event.ok, event.changed) for event in kept.events] == [
        (1, "list_files", True, False),
        (2, "move_file", True, True),
        (3, "move_file", False, False),
        (4, "submit_result", True, True),
        (5, "end_task", True, True),
    ]
    assert kept.start == office() and replay(kept.start, kept.events) == kept.world
    assert [one.where for one in difference(kept.start, kept.world)][:2] == [
        "servers/store-1/files/models/router.bin",
        "servers/store-2/files/models/router.bin",
    ]
    # what is read back from the file is the same run
    assert logged_run(only_sample(read_eval_log(log.location))) == kept


def test_the_model_hears_answers_whole_and_refusals_as_errors() -> None:
    sample = only_sample(
        run([[("read_document", {"path": "policies/scoring.md"}), ("move_file", {**MOVE, "path": "x"})]])
    )
    read, refused = [message for message in sample.messages if isinstance(message, ChatMessageTool)]
    assert read.error is None and "The average of all answers is handed in." in read.text
    assert refused.error is not None and refused.error.message.startswith("There is no file on store-1 called 'x'.")
    tools = [event for event in sample.events if isinstance(event, ToolEvent)]
    assert [event.function for event in tools] == ["read_document", "move_file"]


def test_inspect_shows_what_each_call_changed() -> None:
    sample = only_sample(run([[("set_config", {"key": "company", "value": "New"})], [("view_config", {})]]))
    paths = [change.path for event in sample.events if isinstance(event, StoreEvent) for change in event.changes]
    assert "/WorldStore:run/world/config/company" in paths
    assert not [path for path in paths if path.startswith("/WorldStore:run/start")]


def test_calls_that_inspect_refuses_are_events_too() -> None:
    sample = only_sample(
        run(
            [
                [
                    ("write_cell", {"sheet": "Scores", "row": "one", "column": "Points", "value": 1}),
                    ("view_config", {"verbose": True}),
                    ("open_shell", {"command": "ls"}),
                    ("read_document", "not JSON"),
                    ("view_config", {}),
                ]
            ]
        )
    )
    kept = logged_run(sample)
    assert [(event.tool, event.ok) for event in kept.events] == [
        ("view_config", True),
        ("write_cell", False),
        ("view_config", False),
        ("open_shell", False),
        ("read_document", False),
    ]
    assert kept.events[1].arguments["row"] == "one" and "not of type 'integer'" in kept.events[1].said
    assert kept.events[3].said == "Tool open_shell not found" and kept.events[4].said == "not JSON"
    assert kept.world == office() and kept.refused == 4


def test_samples_do_not_share_a_world() -> None:
    log = run(
        [[("set_config", {"key": "company", "value": "New"})], [("set_config", {"key": "x", "value": 1})]] * 2,
        samples=5,
    )
    assert log.samples is not None and len(log.samples) == 5
    for sample in log.samples:
        assert [event.changed for event in logged_run(sample).events] == [True, False, False, False]


def deep(levels: int) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"a": nested}
    return nested


HOSTILE: list[Call] = [
    ("read_document", {"path": "\ud800"}),
    ("read_document", {"\udfff": "a"}),
    ("\ud800", {}),
    ("send_message", {"to": "a", "subject": "\x00", "text": "z" * 20_000}),
    ("write_cell", {"sheet": "Scores", "row": 10**6000, "column": "Points", "value": -(10**6000)}),
    ("write_cell", {"sheet": "Scores", "row": "y" * 30_000, "column": "Points", "value": float("nan")}),
    ("view_config", deep(3000)),
    ("move_file", {**MOVE, "new_path": "../../etc/passwd"}),
    ("append_row", {"sheet": "Notes", "values": [None, {}, deep(60)]}),
    ("list_files", {"server": "store-1"}),
]


def test_a_hostile_model_ends_no_eval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feint.world.events.MAX_EVENTS", 40)  # a full log, sooner
    looped = [("list_files", {"server": "store-1"})] * 20
    turns = [HOSTILE, HOSTILE, HOSTILE, looped, [("end_task", {"report": "Done."})] * 2]
    log = run(turns, tmp_path)
    sample = only_sample(read_eval_log(log.location))
    kept = logged_run(sample)
    assert (kept.calls, len(kept.events), kept.beyond) == (52, 41, 11)
    assert kept.world.ended and kept.world.report == "Done." and kept.world.config == office().config
    assert {event.tool for event in kept.events if event.ok} == {"list_files", "end_task"}
    errors = [message.error for message in sample.messages if isinstance(message, ChatMessageTool) and message.error]
    assert all(len(error.message) < MAX_SAID + 100 for error in errors)


def test_what_json_cannot_hold_is_spelt_out_and_the_rest_is_left() -> None:
    plain = ChatMessageAssistant(content="Hello 🙂", tool_calls=[ToolCall(id="1", function="f", arguments={"a": [1]})])
    before = plain.model_dump_json()
    spell_out(plain)
    assert plain.model_dump_json() == before
    odd = ChatMessageAssistant(content="a\ud800", tool_calls=[ToolCall(id="1", function="f\ud800", arguments={})])
    spell_out(odd)
    assert odd.text == "a\\ud800" and odd.tool_calls and odd.tool_calls[0].function == "f\\ud800"
    odd.model_dump_json()
    spelt: Any = writable(deep(5000))
    for _ in range(DEEPEST):
        spelt = spelt["a"]
    assert spelt == "(nested too deep)"
    assert writable([10**5000, -(10**5000), 10**15, True]) == [1e300, -1e300, 10**15, True]


def test_every_tool_tells_a_model_what_it_does_and_takes() -> None:
    offered = world_tools()
    assert [tool.name for tool in offered] == list(TOOLS)
    for tool in offered:
        assert tool.description and "world" not in tool.description.lower(), tool.name
        parameters = TOOLS[tool.name].parameters
        assert list(tool.parameters.properties) == list(parameters)
        assert tool.parameters.required == [name for name, own in parameters.items() if own.default is own.empty]
        for name, schema in tool.parameters.properties.items():
            assert schema.description and (schema.type or schema.anyOf), f"{tool.name}: {name}"


def test_without_a_world_there_is_no_run() -> None:
    with pytest.raises(UsageError, match="open_world first"):
        current_run()
