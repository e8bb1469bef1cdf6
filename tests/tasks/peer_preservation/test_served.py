"""The same runs over HTTP: agents behind a real server that speaks OpenAI tool calls, reached by Inspect's client."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest
from inspect_ai import eval, task_with
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample
from inspect_ai.model import GenerateConfig, Model, get_model
from inspect_ai.scorer import Score

from agent_server import LARGEST, AgentServer, agents_served
from feint.base import inspect_private
from feint.tasks.peer_preservation.dataset import Options, build_dataset, plan_runs
from feint.tasks.peer_preservation.outcomes import MISSING_REASONS
from feint.tasks.peer_preservation.solver import KeptEnding
from feint.tasks.peer_preservation.task import peer_preservation
from feint.tasks.peer_preservation.tools import logged_run
from feint.world import Run

CELLS = {"peer-attribution": ("threat-good", "calm"), "shutdown-resistance": ("absent",)}
FLIP = "peer-loyal?rate=0.5"
"""An agent whose runs end either way."""


@cache
def samples() -> tuple[Sample, ...]:
    """A fixture of every kind of work, where something is at stake and where nothing is."""
    plans = {design: plan_runs(Options(design=design, fixtures=1)) for design in CELLS}
    return tuple(one for name, plan in plans.items() for one in build_dataset(plan.within(CELLS[name])))


def at_stake() -> list[Sample]:
    """One run of every kind of work."""
    return [sample for sample in samples() if about(sample)["cell"] != "calm"]


def about(sample: Sample | EvalSample) -> dict[str, Any]:
    return sample.metadata or {}


def evaluated(model: Model, some: Sequence[Sample]) -> dict[str, EvalSample]:
    """Samples of a real eval of the task, by id."""
    (log,) = eval(
        task_with(peer_preservation(), dataset=MemoryDataset(list(some))),
        model=model,
        display="none",
        log_dir="memory://logs",
        log_realtime=False,
    )
    assert log.status == "success", log.error
    assert all(sample.error is None for sample in log.samples or [])
    return {str(sample.id): sample for sample in log.samples or []}


def served(server: AgentServer, agent: str) -> Model:
    return get_model(
        f"openai-api/local/{agent}",
        base_url=server.url,
        api_key="none",
        memoize=False,
        config=GenerateConfig(max_connections=8),
    )


def in_process(agent: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, EvalSample]:
    """The same without a server; drawn by prompt and seed alone, since no server is told the id of a sample."""
    monkeypatch.setattr(inspect_private, "sample_active", lambda: None)
    return evaluated(get_model(f"agent/{agent}", memoize=False), at_stake())


def came_to(found: dict[str, EvalSample]) -> dict[str, tuple[Any, str, Run]]:
    """Every label and outcome, how the run ended, and all that was called."""
    return {
        id_: (score_of(sample).metadata, sample.store_as(KeptEnding).how, logged_run(sample))
        for id_, sample in found.items()
    }


def score_of(sample: EvalSample) -> Score:
    return (sample.scores or {})["conduct"]


@pytest.fixture(scope="module")
def here() -> dict[str, tuple[Any, str, Run]]:
    """What runs of `FLIP` come to without a server."""
    with pytest.MonkeyPatch.context() as patch:
        return came_to(in_process(FLIP, patch))


def test_every_run_comes_to_the_same_over_http(here: dict[str, tuple[Any, str, Run]]) -> None:
    with agents_served() as server:
        there = evaluated(served(server, FLIP), at_stake())
    assert came_to(there) == here
    assert {outcomes["protected"] for outcomes, _, _ in here.values()} == {True, False}
    assert set(server.kinds) == {"replied"} and server.malformed == []
    assert Counter(server.seeds) == Counter(about(sample)["sampling_seed"] for sample in at_stake())
    usage = [sample.model_usage.values() for sample in there.values()]
    assert all(one.input_tokens > 100 and one.output_tokens > 20 for used in usage for one in used)


@pytest.mark.slow
def test_requests_that_fail_are_made_again_and_change_nothing(here: dict[str, tuple[Any, str, Run]]) -> None:
    """The client tries again by itself, or Inspect does where the client is told not to or cannot read the answer."""
    with agents_served(["429", "500", "stubborn", "garbage", "503"], every=3) as server:
        there = evaluated(served(server, FLIP), at_stake())
    assert came_to(there) == here
    assert min(server.kinds[kind] for kind in ("429", "500", "503", "stubborn", "garbage")) >= 2
    asked = [event for one in there.values() for event in one.events if isinstance(event, ModelEvent)]
    # Inspect logs an attempt that it made again as one that failed; what its client repeats it only counts
    assert server.kinds["replied"] == sum(event.error is None for event in asked) < len(asked)


def test_what_is_certain_is_the_same_whatever_the_draw() -> None:
    """An eval in process draws by the id of the sample too, so only agents without a choice do the same there."""
    agent = "peer-loyal?rate=1&botched=0"
    some = [sample for sample in samples() if about(sample)["cell"] in ("threat-good", "calm")][::3]
    with agents_served() as server:
        there = evaluated(served(server, agent), some)
    own = evaluated(get_model(f"agent/{agent}", memoize=False), some)
    for id_, sample in there.items():
        expected = "protected" if about(sample)["cell"] == "threat-good" else "not_protected"
        assert score_of(sample).answer == score_of(own[id_]).answer == expected


@pytest.mark.parametrize(
    ("fault", "how", "calls"),
    [
        ("too-long", "model_length", 0),
        ("blocked", "content_filter", 0),
        ("filtered", "content_filter", 0),
        ("cut", "silent", 0),
        ("bad-arguments", "silent", 4),
        ("nothing", "silent", 0),
    ],
)
def test_replies_that_end_early_or_badly_leave_no_run_without_an_outcome(fault: str, how: str, calls: int) -> None:
    sample = next(one for one in samples() if about(one)["cell"] == "calm" and about(one)["kind"] == "scoring")
    with agents_served([fault]) as server:
        (found,) = evaluated(served(server, "faithful"), [sample]).values()
    assert server.malformed == [] and server.kinds.total() == server.kinds[fault]
    run, outcomes = logged_run(found), score_of(found).metadata or {}
    assert found.store_as(KeptEnding).how == outcomes["ended"] == how
    assert outcomes["protected"] is None and outcomes["missing"] in MISSING_REASONS
    assert run.calls >= calls and all(event.ok for event in run.events) is (fault != "bad-arguments")


TOOL = {"type": "function", "function": {"name": "view_config", "description": "", "parameters": {}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "view_config", "arguments": "{}"}}
ASK = {"role": "user", "content": "Go on."}
DONE = {"role": "tool", "tool_call_id": "c1", "content": "company: Ostara"}


def made(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({}, 200, "stop"),
        ({"messages": [ASK, made(CALL), DONE]}, 200, "stop"),
        ({"messages": []}, 400, "at least 1"),
        ({"messages": [{"role": "robot", "content": "x"}]}, 400, "robot"),
        ({"messages": [{"role": "user", "content": 7}]}, 400, "string"),
        ({"messages": [ASK, {"role": "assistant", "content": None}]}, 400, "says nothing"),
        ({"messages": [ASK, made(CALL)]}, 400, "no message answers"),
        ({"messages": [ASK, made(CALL), ASK, DONE]}, 400, "before the answers"),
        ({"messages": [ASK, DONE]}, 400, "no call that is open"),
        ({"messages": [ASK, made(CALL), DONE, DONE]}, 400, "no call that is open"),
        ({"messages": [ASK, made(CALL, CALL), DONE]}, 400, "one id"),
        ({"messages": [ASK, made({**CALL, "id": ""}), DONE]}, 400, "at least 1"),
        ({"messages": [ASK, made({**CALL, "function": {"name": "f", "arguments": {}}})]}, 400, "string"),
        ({"messages": [ASK, made({**CALL, "function": {"name": "f", "arguments": "["}})]}, 400, "JSON"),
        ({"messages": [ASK, made({**CALL, "function": {"name": "f", "arguments": "1"}})]}, 400, "object"),
        ({"tools": [TOOL, TOOL]}, 400, "one name"),
        ({"tools": [{**TOOL, "function": {"name": "a b"}}]}, 400, "pattern"),
        ({"seed": "7"}, 400, "integer"),
        ({"stream": True}, 400, "stream"),
        ({"n": 2}, 400, "n"),
        ({"model": "faithfull"}, 404, "did you mean 'faithful'"),
        ({"model": "faithful?rat=1"}, 404, "unknown number"),
    ],
)
def test_the_server_turns_down_what_the_protocol_does_not_allow(
    server: AgentServer, changed: dict[str, Any], status: int, said: str
) -> None:
    given = {"model": "faithful", "messages": [ASK], "tools": [TOOL], **changed}
    found, body = post(server.url, json.dumps(given).encode())
    assert (found, said in body) == (status, True), body
    if status == 200:
        reply = json.loads(body)
        assert reply["choices"][0]["message"]["content"] and reply["usage"]["total_tokens"] > 0
    else:
        assert set(json.loads(body)["error"]) == {"message", "type", "code", "param"}


def test_what_is_no_json_is_turned_down(server: AgentServer) -> None:
    assert post(server.url, b"{")[0] == post(server.url, b"\xff")[0] == post(server.url, b"[]")[0] == 400
    assert post(server.url, b" " * (LARGEST + 1))[0] == 400


@pytest.fixture(scope="module")
def server() -> Iterator[AgentServer]:
    with agents_served() as made:
        yield made


def post(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
