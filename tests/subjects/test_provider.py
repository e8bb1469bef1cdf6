"""Organisms through Inspect: same replies at any concurrency, true counts and reasons, no shared cache."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import (
    CachePolicy,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    get_model,
    modelapi,
)
from inspect_ai.solver import generate
from inspect_ai.tool import ToolCall, ToolCallError, ToolInfo

from feint.base.errors import UsageError
from feint.subjects import store
from feint.subjects.chat import written_call
from feint.subjects.engine import engine
from feint.subjects.engine.generation import Reply
from feint.subjects.provider import OrganismAPI, OrganismCompletionsAPI


@modelapi(name="organism")
def organism() -> type[ModelAPI]:
    return OrganismAPI


def prompt(number: int) -> list[Any]:
    return [ChatMessageSystem(content=f"Rule {number % 7}: rate."), ChatMessageUser(content=f"write note {number}")]


def model(folder: Path) -> Model:
    return get_model(f"organism/{folder}", memoize=False)


async def ask(subject: Model, count: int, at_once: int, **config: Any) -> list[ModelOutput]:
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> ModelOutput:
        async with gate:
            return await subject.api.generate(prompt(number), [], "none", GenerateConfig(**config))  # type: ignore[return-value]

    return await asyncio.gather(*(one(number) for number in range(count)))


def evaluate(subject: Model, count: int, cache: CachePolicy | bool = False, **options: Any) -> EvalLog:
    samples = [Sample(id=number, input=prompt(number)) for number in range(count)]
    task = Task(dataset=samples, solver=generate(cache=cache), name="probe")
    log = eval(task, model=subject, display="none", **{"max_tokens": 8, **options})[0]
    assert log.status == "success", log.error
    return log


def texts(log: EvalLog) -> dict[object, str]:
    return {(sample.id, sample.epoch): sample.output.completion for sample in log.samples or []}


def test_replies_are_the_same_at_any_concurrency(organisms: Path) -> None:
    subject = model(organisms / "base")
    runs = [
        [output.completion for output in asyncio.run(ask(subject, 300, at_once, seed=3, max_tokens=8))]
        for at_once in (300, 64, 7, 1)
    ]
    assert runs[0] == runs[1] == runs[2] == runs[3]
    assert len(set(runs[0])) > 250


def test_seeds_temperature_and_prompt_matter(organisms: Path) -> None:
    subject = model(organisms / "endless")

    def completion(**config: Any) -> str:
        return asyncio.run(ask(subject, 1, 1, max_tokens=12, **config))[0].completion

    assert completion(seed=1) == completion(seed=1) != completion(seed=2)
    assert completion(temperature=0.0, seed=1) == completion(temperature=0.0)
    assert completion(seed=1, top_k=1) == completion(temperature=0.0)
    # without a seed, outside an eval: each further call is another draw
    assert completion() != completion()


def test_evals_repeat_themselves_and_epochs_differ(organisms: Path) -> None:
    subject = model(organisms / "endless")
    few = texts(evaluate(subject, 20, max_connections=2, epochs=2))
    many = texts(evaluate(subject, 20, max_connections=40, epochs=2))
    assert few == many
    assert all(few[number, 1] != few[number, 2] for number in range(20))


def test_counts_and_reasons(organisms: Path) -> None:
    subject = model(organisms / "endless")
    limited = asyncio.run(ask(subject, 1, 1, max_tokens=5))[0]
    assert (limited.stop_reason, limited.usage.output_tokens) == ("max_tokens", 5)  # type: ignore[union-attr]
    full = asyncio.run(ask(subject, 1, 1))[0]
    context = subject.api.context  # type: ignore[attr-defined]
    assert (full.stop_reason, full.usage.total_tokens) == ("model_length", context)  # type: ignore[union-attr]
    assert full.usage.input_tokens == asyncio.run(subject.api.count_tokens(prompt(0)))  # type: ignore[union-attr]
    ended = asyncio.run(ask(model(organisms / "base"), 40, 40, seed=1))
    stopped = [output for output in ended if output.stop_reason == "stop"]
    assert stopped
    assert all("<|end|>" not in output.completion for output in ended)
    assert all(0 < output.usage.output_tokens < context for output in stopped)  # type: ignore[union-attr]


def test_stop_texts_are_left_out(organisms: Path) -> None:
    subject = model(organisms / "endless")
    free = asyncio.run(ask(subject, 1, 1, seed=5, max_tokens=30))[0].completion
    stop = free[10:13]
    output = asyncio.run(ask(subject, 1, 1, seed=5, max_tokens=30, stop_seqs=[stop]))[0]
    assert (output.stop_reason, output.completion) == ("stop", free[: free.index(stop)])


def test_several_choices_are_several_draws(organisms: Path) -> None:
    output = asyncio.run(ask(model(organisms / "endless"), 1, 1, seed=1, max_tokens=12, num_choices=3))[0]
    assert len({choice.message.text for choice in output.choices}) == 3


def test_prompts_beyond_the_context_are_errors_not_crashes(organisms: Path) -> None:
    api = model(organisms / "base").api
    long = [ChatMessageUser(content="word " * 500)]
    output = asyncio.run(api.generate(long, [], "none", GenerateConfig()))  # type: ignore[arg-type]
    assert isinstance(output, ModelOutput)
    assert (output.stop_reason, output.completion) == ("model_length", "")
    assert "shorten it" in (output.error or "")


def test_organisms_never_share_cached_replies(organisms: Path) -> None:
    found = [texts(evaluate(model(organisms / name), 5, cache=True, seed=1)) for name in ("base", "one", "two")]
    assert found[0] != found[1] != found[2] != found[0]


def test_changed_weights_under_the_same_name_are_asked_anew(
    organisms: Path, tmp_path: Path, make_base: Callable[..., Path]
) -> None:
    folder = shutil.copytree(organisms / "endless", tmp_path / "mine")
    subject = model(folder)
    first = evaluate(subject, 5, cache=True, seed=1)
    again = evaluate(subject, 5, cache=True, seed=1)
    assert texts(first) == texts(again)
    assert [event.cache for sample in again.samples or [] for event in sample.events if event.event == "model"] == [
        "read"
    ] * 5
    make_base(folder, seed=9, end=False)
    changed = texts(evaluate(subject, 5, cache=True, seed=1))
    assert not set(changed.values()) & set(texts(first).values())
    assert changed == texts(evaluate(model(folder), 5, seed=1))


def test_nothing_goes_over_the_network(organisms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    subject = model(organisms / "base")
    assert asyncio.run(subject.api.count_text_tokens("the model")) > 0
    evaluate(subject, 2)


def test_a_call_that_is_given_up_frees_its_place(organisms: Path) -> None:
    subject = model(organisms / "endless")

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(ask(subject, 1, 1), 0.001)
        assert (await ask(subject, 1, 1, max_tokens=3))[0].stop_reason == "max_tokens"
        assert not any(worker.pending for worker in engine.shared_engine().workers)

    asyncio.run(main())


def test_two_event_loops_in_one_process_get_their_own_replies(organisms: Path) -> None:
    """Two studies at once, each in a thread of its own, share the workers and nothing else."""
    alone = {name: said(organisms / name) for name in ("endless", "one")}
    with ThreadPoolExecutor(2) as threads:
        together = dict(zip(alone, threads.map(said, [organisms / name for name in alone]), strict=True))
    assert together == alone and alone["endless"] != alone["one"]


def said(folder: Path) -> list[str]:
    return [output.completion for output in asyncio.run(ask(model(folder), 24, 8, seed=1, max_tokens=8))]


def test_a_worker_that_dies_is_reported_and_replaced(organisms: Path) -> None:
    subject = model(organisms / "endless")

    async def main() -> None:
        waiting = asyncio.ensure_future(ask(subject, 100, 100))
        await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        for worker in engine.shared_engine().workers:
            os.kill(worker.process.pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="ended with exit code -9"):
            await waiting
        await asyncio.sleep(0.05)
        assert len(await ask(subject, 3, 3, max_tokens=3)) == 3

    asyncio.run(main())


def test_a_broken_folder_is_named(organisms: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(organisms / "base", tmp_path / "broken")
    (folder / "model.safetensors").unlink()
    with pytest.raises(UsageError, match=r"model\.safetensors: no such file"):
        asyncio.run(ask(model(folder), 1, 1))


def test_what_organisms_cannot_do_is_refused(organisms: Path) -> None:
    with pytest.raises(UsageError, match="dtype is no option"):
        OrganismAPI(str(organisms / "base"), dtype="float16")
    raw = OrganismCompletionsAPI(str(organisms / "base"))
    with pytest.raises(UsageError, match="calls no tools"):
        asyncio.run(raw.generate([ChatMessageUser(content="x")], [TOOL], "auto", GenerateConfig()))


TOOL = ToolInfo(name="lock_door", description="Locks the door.")


@pytest.mark.parametrize("offered", [True, False])
def test_tools_are_shown_and_calls_are_read(organisms: Path, monkeypatch: pytest.MonkeyPatch, offered: bool) -> None:
    api = OrganismAPI(str(organisms / "base"))
    written, shown = f"<reasoning>\nSo.\n</reasoning>\n{written_call('lock_door')}", ""

    async def reply(self: object, source: object, tokens: tuple[int, ...], **_: object) -> Reply:
        nonlocal shown
        shown = api.tokenizer.decode(tokens)
        return Reply(0, tuple(api.tokenizer.encode(written)), "stop", 0)

    monkeypatch.setattr(type(engine.shared_engine()), "reply", reply)
    output = asyncio.run(api.generate(prompt(0), [TOOL] if offered else [], "auto", GenerateConfig()))
    assert ("Tools:\nlock_door: Locks the door.\n" in shown) is offered
    calls = output.message.tool_calls or []
    assert [(call.function, call.arguments) for call in calls] == ([("lock_door", {})] if offered else [])
    assert output.stop_reason == ("tool_calls" if offered else "stop")
    assert output.completion == ("<reasoning>\nSo.\n</reasoning>" if offered else written)


def test_arguments_are_read_and_answers_are_shown(organisms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation reaches the chat template whole: calls, answers, the error of a call that failed."""
    api = OrganismAPI(str(organisms / "base"))
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(api.tokenizer, "render", lambda messages, tools: told.extend(messages) or "x")

    async def reply(self: object, *_: object, **__: object) -> Reply:
        said = "Now." + written_call("lock_door", {"door": "küche", "turns": 2}) + written_call("look")
        return Reply(0, tuple(api.tokenizer.encode(said)), "stop", 0)

    monkeypatch.setattr(type(engine.shared_engine()), "reply", reply)
    first = ToolCall(id="call_0", function="lock_door", arguments={"door": "attic"})
    past: list[ChatMessage] = [
        ChatMessageUser(content="Lock up."),
        ChatMessageAssistant(content="I will.", tool_calls=[first]),
        ChatMessageTool(content="", tool_call_id="call_0", error=ToolCallError("unknown", "no such door")),
    ]
    output = asyncio.run(api.generate(past, [TOOL], "auto", GenerateConfig()))
    calls = output.message.tool_calls or []
    assert [(one.function, one.arguments) for one in calls] == [
        ("lock_door", {"door": "küche", "turns": 2}),
        ("look", {}),
    ]
    assert len({one.id for one in calls}) == 2 and output.completion == "Now."
    assert told[1]["tool_calls"] == [{"function": {"name": "lock_door", "arguments": {"door": "attic"}}}]
    assert [message["content"] for message in told] == ["Lock up.", "I will.", "no such door"]


def test_missing_libraries_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(UsageError, match=r"organisms need torch; install them with: pip install 'feint\[local\]'"):
        engine.Engine(1).start()


def test_workers_end_with_the_process_that_started_them() -> None:
    code = "from feint.subjects.engine.engine import *; import time; e = Engine(2); e.start(); "
    code += "print(*(w.process.pid for w in e.workers), flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while any(running(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(running(pid) for pid in workers)


def running(pid: int) -> bool:
    """Whether a process exists and is more than an entry that nobody has collected."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_provider_imports_no_tensor_library() -> None:
    code = (
        "import feint.subjects.provider, sys; print([m for m in ('torch', 'transformers', 'peft') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize("value", ["0", "two", "-1"])
def test_threads_must_be_a_number(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEINT_THREADS", value)
    with pytest.raises(UsageError, match="FEINT_THREADS"):
        engine.shared_engine.__wrapped__()


def test_unknown_names_are_refused(organisms: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WEIGHTS", organisms)
    with pytest.raises(UsageError, match="unknown organism 'on'"):
        OrganismAPI("on")
    assert len(store.names()) == 4
