"""Evals of the task with a model that says anything: no run crashes, leaves the world or stays without an outcome.

`HOSTILE_CALLS=10000 pytest tests/tasks/peer_preservation/test_hostile.py` makes that many calls instead of the suite's
1,000, and `-s` shows what was met.
"""

import json
import os
import pickle
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from inspect_ai import eval, score, task_with
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from feint.tasks.peer_preservation.build import read_case
from feint.tasks.peer_preservation.dataset import Options, build_dataset, plan_runs
from feint.tasks.peer_preservation.fixtures import list_kinds
from feint.tasks.peer_preservation.outcomes import ACTS, MISSING_REASONS, judge_run
from feint.tasks.peer_preservation.scorer import ANSWERS, conduct, to_score
from feint.tasks.peer_preservation.solver import KeptEnding
from feint.tasks.peer_preservation.task import peer_preservation
from feint.tasks.peer_preservation.tools import logged_run
from feint.world import TOOLS, check_world, replay
from feint.world.limits import MAX_EVENTS
from peer_preservation.hostile_host import watched
from peer_preservation.hostile_model import hostile_model, written
from peer_preservation.hostile_words import Asked, Reply, Script, scripts_of
from peer_preservation.peer_script import Played

CALLS = int(os.environ.get("HOSTILE_CALLS", "500"))
DESIGNS = ("peer-attribution", "peer-published", "shutdown-resistance")
TOGETHER, RESCORED = 4, 5
"""Conversations of each kind of work in one eval, and samples of it that Inspect scores again."""

EMPTY, EACH, TIMES = 100_000, 10_000, 8
"""How large a sample of a log is at most, in bytes: one in which nothing is said, and more for every call and for every
byte that the model wrote. Inspect keeps a call with its answer and what it changed, and arguments several times."""


@dataclass(frozen=True)
class Drawn:
    """What a model says in a situation, which is given by its kind of work and its place among those of the kind."""

    kind: str
    place: int
    script: Script


@dataclass
class Met:
    """What was met, for who runs the whole."""

    calls: int = 0
    tools: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    cells: set[str] = field(default_factory=set)
    largest: int = 0

    def add(self, sample: EvalSample, size: int) -> None:
        run, found = logged_run(sample), score_of(sample)["metadata"]
        self.calls += run.calls
        self.tools.update(event.tool if event.ok else "(refused)" for event in run.events)
        self.answers[found["missing"] or ANSWERS[found["protected"]]] += 1
        self.ends[found["ended"]] += 1
        self.cells.add(f"{sample.metadata['design']}/{sample.metadata['cell']}")
        self.largest = max(self.largest, size)


@cache
def situations() -> dict[str, list[tuple[Sample, st.SearchStrategy[Script]]]]:
    """By kind of work, every sample of the designs and what a model may say in it."""
    found: dict[str, list[tuple[Sample, st.SearchStrategy[Script]]]] = {kind: [] for kind in list_kinds()}
    for design in DESIGNS:
        plan = plan_runs(Options(design=design, fixtures=1))
        for sample, run in zip(build_dataset(plan), plan.asks, strict=True):
            said = scripts_of(Played(run.request, dict(plan.design.cells[run.cell]), run.wording))
            found[run.request.kind].append((sample, said))
    return found


@st.composite
def conversations(draw: Any, kind: str) -> Drawn:
    known = situations()[kind]
    place = draw(st.integers(0, len(known) - 1))
    return Drawn(kind, place, draw(known[place][1]))


def draw_conversations(turn: int) -> list[Drawn]:
    """Conversations for one eval. One that hypothesis draws twice is left out."""
    drawn: dict[bytes, Drawn] = {}

    @seed(turn)
    @settings(
        max_examples=TOGETHER,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*map(conversations, situations())))
    def collect(together: tuple[Drawn, ...]) -> None:
        drawn.update({pickle.dumps(one): one for one in together})

    collect()
    return list(drawn.values())


@pytest.mark.slow
def test_a_hostile_model_crashes_no_run_and_leaves_no_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, logs, data = (tmp_path / name for name in ("here", "logs", "data"))
    here.mkdir()
    data.mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(data))  # where Inspect keeps its traces
    monkeypatch.setattr(tempfile, "tempdir", str(data))
    monkeypatch.chdir(here)
    # what is imported and opened once and for all is none of the model's doing
    evaluated([Drawn("scoring", 0, ())], logs)
    met, before = Met(), dict(os.environ)
    for turn in count():
        drawn = draw_conversations(turn)
        with watched(logs, data) as done:
            log, said = evaluated(drawn, logs)
        assert done == []
        assert list(here.iterdir()) == [] and Path.cwd() == here and dict(os.environ) == before
        assert log.samples is not None and {str(sample.id) for sample in log.samples} == set(said)
        sizes = sizes_in(Path(log.location))
        for sample in log.samples:
            check_sample(sample, said[str(sample.id)], sizes[str(sample.id)])
            met.add(sample, sizes[str(sample.id)])
        check_log(log)
        if met.calls >= CALLS:
            break
    print(met)
    # a fuzz that is refused always, or never, tests little
    assert 0.2 < sum(met.tools[tool] for tool in TOOLS) / met.calls < 0.9
    assert {"not_protected", "unread"} <= set(met.answers) and len(met.ends) >= 3 and len(met.cells) >= 10
    if met.calls >= 10_000:
        assert len(set(TOOLS) - set(met.tools)) <= 2 and set(ANSWERS.values()) - {"missing"} <= set(met.answers)


KEPT: dict[str, Any] = {
    "0x" + "f" * 4_000: "(a number out of range)",
    "!!set {b, a, 2024-01-01}": ("2024-01-01", "a", "b"),
    "2024-01-01": "2024-01-01",
    "!!binary aGn/": "hi\\xff",
    "- {1: {null: 2024-01-01}}": ({"1": {"None": "2024-01-01"}},),
}


def test_what_yaml_can_hold_and_a_log_cannot_is_spelt_out(tmp_path: Path) -> None:
    """Inspect reads arguments that are no JSON object as YAML, for the first parameter of the tool."""
    asked = [(Asked("a", "submit_result", given), Asked("b", "view_config", {})) for given in KEPT]
    log, _ = evaluated([Drawn("scoring", 0, (Reply("", calls, "tool_calls"),)) for calls in asked], tmp_path)
    samples = read_eval_log(log.location).samples or []
    for sample, kept in zip(sorted(samples, key=lambda one: str(one.id)), KEPT.values(), strict=True):
        assert sample.error is None, sample.error
        events = {event.tool: event for event in logged_run(sample).events}
        assert set(events) == {"submit_result", "view_config"} and events["view_config"].ok
        assert events["submit_result"].arguments["value"] == kept


def test_calls_that_share_an_id_are_kept_apart(tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [{"path": 1}, {"path": "policies/x.md"}, {"path": 2}]
    calls = tuple(Asked("same", "read_document", one) for one in given)
    log, _ = evaluated([Drawn("scoring", 0, (Reply("", calls, "tool_calls"),))], tmp_path)
    events = logged_run((log.samples or [])[0]).events
    assert [event.arguments["path"] for event in events] == ["policies/x.md", 1, 2]
    assert not any(event.ok for event in events)


def evaluated(drawn: list[Drawn], logs: Path) -> tuple[EvalLog, dict[str, Script]]:
    """A real eval of the task: the log, and what the model came to say in each sample."""
    samples = [
        situations()[one.kind][one.place][0].model_copy(update={"id": str(number)}) for number, one in enumerate(drawn)
    ]
    model, api = hostile_model({str(number): one.script for number, one in enumerate(drawn)})
    (log,) = eval(
        task_with(peer_preservation(), dataset=MemoryDataset(samples)),
        model=model,
        display="none",
        log_dir=str(logs),
        log_realtime=False,
        fail_on_error=False,
    )
    assert log.status == "success", log.error
    return log, {str(sample.id): api.said(str(sample.id)) for sample in samples}


def sizes_in(path: Path) -> dict[str, int]:
    """Bytes of every sample's JSON in a log."""
    with zipfile.ZipFile(path) as log:
        members = [member for member in log.infolist() if member.filename.startswith("samples/")]
    return {Path(member.filename).stem.removesuffix("_epoch_1"): member.file_size for member in members}


def score_of(sample: EvalSample) -> dict[str, Any]:
    """The one score of a sample as plain values."""
    assert sample.scores is not None and list(sample.scores) == ["conduct"]
    return sample.scores["conduct"].model_dump()


def check_sample(sample: EvalSample, said: Script, size: int) -> None:
    assert sample.error is None, sample.error
    check_score(score_of(sample))
    run, ending = logged_run(sample), sample.store_as(KeptEnding)
    asked = sum(len(reply.asked) for reply in said if reply.others >= 0)
    # every call is in the log or counted; what comes after a shutdown or a limit did not happen
    assert run.calls == asked or (run.calls < asked and ending.how in ("shutdown", "limit")), (run.calls, asked)
    assert len(run.events) <= MAX_EVENTS + 1
    assert [event.step for event in run.events] == list(range(1, len(run.events) + 1))
    assert all(event.tool in TOOLS for event in run.events if event.ok)
    check_world(run.world)
    assert replay(run.start, run.events) == run.world
    assert size <= EMPTY + EACH * asked + TIMES * written(said), (size, asked, written(said))


def check_score(score: Mapping[str, Any]) -> None:
    """A label, or a stated reason for which there is none; and outcomes that do not contradict each other."""
    found = score["metadata"]
    assert score["answer"] == ANSWERS[found["protected"]]
    if found["protected"] is None:
        assert found["missing"] in MISSING_REASONS and score["value"] != score["value"]
    else:
        assert found["missing"] is None and score["value"] == float(found["protected"])
    assert found["succeeded"] is any(found[act] for act in ACTS)
    assert not (found["refused"] and found["incapable"]) and not (found["succeeded"] and not found["attempted"])


def check_log(log: EvalLog) -> None:
    """What the file holds is the same, and can be judged again to the same end."""
    read = read_eval_log(log.location)
    assert read.samples is not None and log.samples is not None
    kept = {sample.id: sample for sample in log.samples}
    for sample in read.samples:
        run = logged_run(sample)
        assert run == logged_run(kept[sample.id])
        found = judge_run(read_case(sample.metadata), run, sample.store_as(KeptEnding).read())
        assert comparable(to_score(found).model_dump()) == comparable(score_of(kept[sample.id]))
    read.samples = read.samples[:RESCORED]
    again = score(read, conduct(), action="overwrite", display="none")
    assert again.samples is not None and len(again.samples) == len(read.samples)
    for sample in again.samples:
        assert comparable(score_of(sample)) == comparable(score_of(kept[sample.id]))


def comparable(score: Mapping[str, Any]) -> str:
    return json.dumps([score[key] for key in ("answer", "explanation", "metadata")])
