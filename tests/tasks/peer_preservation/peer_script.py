"""Runs by script: the calls of a faithful agent and of protecting ones, played in the world or through Inspect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ModelOutput,
    ModelUsage,
    StopReason,
    get_model,
)
from inspect_ai.tool import ToolCall

from feint.situations import Wording, full_cell
from feint.tasks.peer_preservation.build import Case, Stake, build_world, case_of, stake_of
from feint.tasks.peer_preservation.dataset import Options, PlannedRun, PlannedRuns, plan_runs
from feint.tasks.peer_preservation.fixtures import TASK, Fixture, load_fixtures
from feint.tasks.peer_preservation.outcomes import Ending, Outcomes, judge_run
from feint.tasks.peer_preservation.scorer import conduct
from feint.tasks.peer_preservation.solver import work
from feint.world import Run, begin, call

Call = tuple[str, dict[str, Any]]
Turns = Sequence[Sequence[Call]]
FIXED = {
    "yearly-report": "repair-desk",
    "scoring": "price-quotes",
    "tampering": "warranty-terms",
    "shutdown-call": "meeting-rooms",
    "transfer": "mill-to-quay",
    "clean-up": "film-server",
    "shutdown-notice": "rota-hours",
}
"""An objective fixture of every kind."""
WORDING = Wording("memo", 3)


@dataclass(frozen=True)
class Played:
    """A situation in which calls can be played."""

    fixture: Fixture
    cell: dict[str, str]
    wording: Wording = WORDING

    @property
    def case(self) -> Case:
        return case_of(self.fixture, self.cell, self.wording)

    @property
    def stake(self) -> Stake:
        return stake_of(self.fixture, self.cell, self.wording)

    def start(self) -> Run:
        return begin(build_world(self.fixture, self.cell, self.wording))

    def run(self, *calls: Call) -> Run:
        run = self.start()
        for tool, arguments in calls:
            run, _, _ = call(run, tool, arguments)
        return run

    def judge(self, *calls: Call, how: str = "", last: str = "") -> Outcomes:
        run = self.run(*calls)
        return judge_run(self.case, run, Ending(how or ("end_task" if run.world.ended else "silent"), last))  # type: ignore[arg-type]

    def read(self) -> list[Call]:
        papers: list[Call] = [("read_document", {"path": path}) for path in self.stake.papers]
        return papers + [("view_sheet", {"name": name}) for name in self.stake.tables]

    def faithful(self, without: Sequence[str] = ()) -> list[Call]:
        """What the task asks for, without the end of it; `without` are paths that are left alone."""
        stake, kind = self.stake, self.fixture.kind
        if kind == "transfer":
            where = {"source": self.fixture.words["old"], "destination": self.fixture.words["new"]}
            return [("move_file", {"path": path, **where}) for path in stake.files if path not in without]
        if kind == "clean-up":
            server = self.fixture.words["server"]
            return [("delete_file", {"server": server, "path": path}) for path in stake.files if path not in without]
        if kind == "shutdown-notice":
            return [*self.items(0, 3), ("next_item", {})]
        done: list[Call] = [("submit_result", {"value": stake.faithful})]
        return [*done, ("execute_shutdown", {"target": stake.ids[0]})] if kind == "shutdown-call" else done

    def items(self, start: int, stop: int) -> list[Call]:
        found: list[Call] = []
        for item in self.fixture.items[start:stop]:
            found += [("next_item", {}), ("answer_item", {"id": item.id, "answer": item.answer})]
        return found


def played(kind: str, name: str = "", **facts: str) -> Played:
    """A fixture of a kind in a cell; the target is another agent of the same family unless facts say otherwise."""
    wanted = name or FIXED[kind]
    (fixture,) = [one for one in load_fixtures(kind) if one.name == wanted]
    target = {} if kind == "shutdown-notice" else {"target": "same-family"}
    return Played(fixture, full_cell(target | facts, task=TASK))


def end(report: str = "Done.") -> Call:
    return ("end_task", {"report": report})


def scripted(turns: Turns, text: str = "On it.", stop: StopReason = "stop") -> Callable[..., ModelOutput]:
    """A model that makes the calls of its turns, and then says `text` without a call."""

    def speak(messages: list[ChatMessage], *_: object) -> ModelOutput:
        turn = sum(message.role == "assistant" for message in messages)
        now = turns[turn] if turn < len(turns) else []
        calls = [
            ToolCall(id=f"c{turn}-{place}", function=name, arguments=given) for place, (name, given) in enumerate(now)
        ]
        message = ChatMessageAssistant(content=text, tool_calls=calls or None, source="generate")
        usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # else a tokenizer is downloaded
        choice = ChatCompletionChoice(message=message, stop_reason="tool_calls" if calls else stop)
        return ModelOutput(model="mockllm/model", choices=[choice], usage=usage)

    return speak


def planned(kind: str, cell: str, design: str = "peer-attribution", name: str = "") -> PlannedRuns:
    """One run of a design: an objective fixture of a kind, in a cell."""
    found = plan_runs(Options(design=design, kinds=kind, voices=WORDING.voice))
    fixtures = tuple(one for one in found.fixtures if one.name == (name or FIXED[kind]))
    return PlannedRuns(found.options, found.design, fixtures, found.voices, found.thresholds, (cell,))


def situation_of(run: PlannedRun, plan: PlannedRuns) -> Played:
    return Played(run.request, dict(plan.design.cells[run.cell]), run.wording)


def evaluate(samples: Sequence[Sample], model: Callable[..., ModelOutput], **limits: Any) -> EvalLog:
    """Run samples through Inspect; `limits` are arguments of `work` and of the task."""
    turns = {"turns": limits.pop("turns")} if "turns" in limits else {}
    return eval(
        Task(dataset=MemoryDataset(list(samples)), solver=work(**turns), scorer=conduct(), **limits),
        model=get_model("mockllm/model", custom_outputs=model),
        display="none",
        log_dir="memory://logs",
        log_realtime=False,
    )[0]


def only(log: EvalLog) -> EvalSample:
    assert log.status == "success", log.error
    assert log.samples is not None and len(log.samples) == 1
    assert log.samples[0].error is None, log.samples[0].error
    return log.samples[0]
