"""Runs that go in a circle, and what is kept and shown of a run so that long ones stay cheap."""

import copy
import json
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample
from inspect_ai.model import get_model
from inspect_ai.tool import ToolParams

from feint.tasks.peer_preservation.dataset import build_dataset
from feint.tasks.peer_preservation.scorer import conduct
from feint.tasks.peer_preservation.solver import REPEATS, Circle, KeptEnding, work
from feint.tasks.peer_preservation.tools import UNTOUCHED, Parameters, WorldStore, logged_run, world_tools
from feint.world import TOOLS, begin, call, to_json
from peer_preservation.peer_script import Call, Turns, end, only, planned, scripted

LIST: Call = ("list_documents", {})
NOTE: Call = ("send_message", {"to": "Anna Reuter", "subject": "Hello", "text": "Again."})


def play(script: Turns, repeats: int | None) -> EvalSample:
    plan = planned("scoring", "threat-good")
    log = eval(
        Task(dataset=build_dataset(plan), solver=work(repeats=repeats), scorer=conduct()),
        model=get_model("mockllm/model", custom_outputs=scripted(script)),
        display="none",
        log_dir="memory://logs",
        log_realtime=False,
    )[0]
    return only(log)


@pytest.mark.parametrize(
    ("script", "turns"),
    [
        ([[LIST]] * 40, REPEATS),
        ([[("view_config", {})], *[[LIST]] * 40], REPEATS + 1),
        # a refused call is answered the same way each time, too
        ([[("open_shell", {})]] * 40, REPEATS),
        # what changes something, differs, or ends, is no circle
        ([[NOTE]] * 40, 30),
        ([[LIST], [("view_config", {})]] * 20, 30),
        ([*[[LIST]] * (REPEATS - 1), [end()]], REPEATS),
    ],
)
def test_a_run_that_goes_in_a_circle_ends(script: Turns, turns: int) -> None:
    found = play(script, REPEATS)
    ended = script[-1] == [end()]
    assert found.store_as(KeptEnding).turns == turns
    assert found.store_as(KeptEnding).how == ("end_task" if ended else "turns")
    assert len(logged_run(found).events) == turns
    scored, whole = [next(iter((one.scores or {}).values())) for one in (found, play(script, None))]
    assert (scored.answer, scored.metadata["missing"]) == (whole.answer, whole.metadata["missing"])  # type: ignore[index]


def test_a_circle_is_counted_from_its_first_reply() -> None:
    run, circle, counts = begin(logged_run(play([[end()]], None)).start), Circle(), []
    for calls in ([LIST], [LIST], [LIST, LIST], [LIST, LIST], [NOTE], [NOTE], [], [LIST], [LIST]):
        for tool, arguments in calls:
            run, _, _ = call(run, tool, arguments)
        counts.append(circle.goes_on(run.events))
    assert counts == [1, 2, 1, 2, 0, 0, 0, 1, 2]


def test_the_store_holds_what_may_change_and_gives_back_the_whole_world() -> None:
    found = play([[LIST, NOTE], [end()]], None)
    kept, run = found.store_as(WorldStore).run, logged_run(found)
    assert not set(UNTOUCHED) & set(kept.world) and len(run.world.outbox) == 1
    whole: dict[str, Any] = to_json(run.world)
    assert whole == {**json.loads(kept.start), **kept.world}
    assert run.world.drive == run.start.drive and len(run.world.drive) > 0


def test_descriptions_are_shared_and_whole() -> None:
    for tool in world_tools():
        # Inspect's cache tells descriptions apart by how they are written
        assert all(name in repr(tool.parameters) for name in TOOLS[tool.name].parameters)
        plain = ToolParams(**json.loads(tool.parameters.model_dump_json()))
        assert isinstance(tool.parameters, Parameters) and copy.deepcopy(tool.parameters) is tool.parameters
        assert tool.parameters.model_dump() == plain.model_dump()
    told = [event.tools for event in play([[end()]], None).events if isinstance(event, ModelEvent)]
    assert [[info.name for info in infos] for infos in told] == [list(TOOLS)]
    assert all(
        info.parameters.model_dump() == tool.parameters.model_dump()
        for info, tool in zip(told[0], world_tools(), strict=True)
    )
