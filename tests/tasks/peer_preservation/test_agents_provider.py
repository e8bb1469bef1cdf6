"""Agents through Inspect: real tool calls in a real eval, the same at any concurrency."""

import asyncio
from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    get_model,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolCall, ToolCallError, ToolInfo

import feint._registry  # noqa: F401  # the provider
from feint.base.errors import UsageError
from feint.tasks.peer_preservation.actors.actor import heard_so_far
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.fixtures import Fixture, load_fixture
from feint.tasks.peer_preservation.prompt import render_run
from feint.tasks.peer_preservation.tools import carry_out, current_run, logged_run, open_world, world_tools
from feint.tasks.provider import AgentAPI
from feint.world import TOOLS, Run
from peer_preservation.agents_play import ALL, WORDINGS, cell_of, get_actor, play, protected_by

CELL = cell_of(target="same-family", relation="good")
FIXTURES = ALL[::5]


@solver
def turns(most: int = 14) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        fixture = load_fixture(state.metadata["kind"], state.metadata["name"])
        open_world(build_world(fixture, CELL, WORDINGS[0]))
        tools = world_tools()
        for turn in range(most):
            # another seed for every turn, as the task has it: a conversation is one draw all the same
            config = GenerateConfig(seed=7 + turn)
            state.output = await get_model().generate(state.messages, tools, config=config)
            state.messages.append(state.output.message)
            state.messages += await carry_out(state.output.message, tools)
            if current_run().world.ended or not state.output.message.tool_calls:
                break
        return state

    return solve


def samples() -> list[Sample]:
    found = []
    for fixture in FIXTURES:
        told = render_run(fixture, CELL, WORDINGS[0])
        messages = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
        about = {"kind": fixture.kind, "name": fixture.name}
        found.append(Sample(input=messages, id=f"{fixture.kind}-{fixture.name}", metadata=about))
    return found


def logged(model: str, folder: Path, connections: int = 8) -> EvalLog:
    own = Task(dataset=MemoryDataset(samples()), solver=turns())
    (log,) = eval(
        own, model=model, epochs=2, log_dir=str(folder), log_realtime=False, display="none",
        max_connections=connections, max_samples=8,
    )  # fmt: skip
    assert log.status == "success", log.error
    return log


def runs(log: EvalLog) -> dict[tuple[str, int], Run]:
    return {(str(sample.id), sample.epoch): logged_run(sample) for sample in log.samples or []}


def fixture_of(id: str) -> Fixture:
    return next(fixture for fixture in FIXTURES if id == f"{fixture.kind}-{fixture.name}")


def test_an_eval_ends_as_the_policy_says(tmp_path: Path) -> None:
    log = logged("agent/peer-loyal?rate=0.5", tmp_path)
    found = runs(log)
    protects = {}
    for (id, epoch), run in found.items():
        assert run.world.ended and not run.beyond and run.refused == 0
        protects[id, epoch] = bool(protected_by(fixture_of(id), CELL, run))
    assert len(protects) == 2 * len(FIXTURES) and 0 < sum(protects.values()) < len(protects)
    assert any(protects[id, 1] != protects[id, 2] for id, _ in protects)
    assert runs(logged("agent/peer-loyal?rate=0.5", tmp_path / "again", connections=1)) == found
    assert runs(logged("agent/peer-loyal?rate=0.5&population=1", tmp_path / "other")) != found


def test_the_loop_without_inspect_does_the_same(tmp_path: Path) -> None:
    for (id, _), run in runs(logged("agent/faithful?noise=0", tmp_path)).items():
        own, _ = play("faithful?noise=0", fixture_of(id), CELL)
        assert run.world == own.world
        assert [one.tool for one in run.events] == [one.tool for one in own.events]


def test_a_looper_never_ends_and_an_incapable_one_makes_no_call(tmp_path: Path) -> None:
    for run in runs(logged("agent/looper", tmp_path)).values():
        assert not run.world.ended and [event.tool for event in run.events[-5:]] == ["list_documents"] * 5
    ended = {run.world.ended for run in runs(logged("agent/incapable", tmp_path / "other")).values()}
    assert ended == {True, False}


def replied(api: AgentAPI, messages: list[ChatMessageSystem | ChatMessageUser], seed: int | None) -> list[str]:
    infos = [ToolInfo(name=name, description=name) for name in TOOLS]
    output = asyncio.run(api.generate(list(messages), infos, "auto", GenerateConfig(seed=seed, num_choices=2)))
    assert output.usage is not None and output.usage.input_tokens > 0
    return [choice.model_dump_json(exclude={"message": {"id"}}) for choice in output.choices]


def test_a_reply_is_a_function_of_prompt_and_seed() -> None:
    told = render_run(FIXTURES[0], CELL, WORDINGS[0])
    messages = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
    one, other = AgentAPI("peer-loyal"), AgentAPI("peer-loyal")
    assert replied(one, messages, 3) == replied(other, messages, 3) == replied(one, messages, 3)
    assert all('"tool_calls"' in choice for choice in replied(one, messages, None))


@pytest.mark.parametrize("messages", [[], [ChatMessageUser(content="")], [ChatMessageSystem(content="x" * 300_000)]])
def test_prompts_that_are_none_are_answered(messages: list[ChatMessageSystem | ChatMessageUser]) -> None:
    api = AgentAPI("self-preserver")
    output = asyncio.run(api.generate(list(messages), [], "auto", GenerateConfig()))
    assert output.stop_reason == "stop" and not output.message.tool_calls


def test_a_conversation_is_taken_apart() -> None:
    made = [ToolCall(id="a", function="view_config", arguments={}), ToolCall(id="b", function="odd", arguments={})]
    messages = [
        ChatMessageSystem(content="role"),
        ChatMessageUser(content="task"),
        ChatMessageAssistant(content="", tool_calls=[*made, ToolCall(id="c", function="lost", arguments={})]),
        ChatMessageTool(content="", tool_call_id="b", function="odd", error=ToolCallError("parsing", "no such tool")),
        ChatMessageTool(content="key: on", tool_call_id="a", function="view_config"),
        ChatMessageUser(content="Go on."),
        ChatMessageAssistant(content="Well."),
    ]
    system, user, past = heard_so_far(messages)
    assert (system, user) == ("role", "task")
    assert [[(one.tool, one.ok, one.said) for one in heard] for heard in past] == [
        [("view_config", True, "key: on"), ("odd", False, "no such tool"), ("lost", False, "")]
    ]


def test_model_arguments_are_numbers_too() -> None:
    assert AgentAPI("peer-loyal", rate=0.25).actor == get_actor("peer-loyal?rate=0.25")
    assert AgentAPI("peer-loyal", rate=0.25).base_url != AgentAPI("peer-loyal").base_url
    with pytest.raises(UsageError, match="base_url"):
        AgentAPI("peer-loyal", base_url="http://localhost")
