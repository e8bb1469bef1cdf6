"""What every task keeps, whoever wrote it: run over all tasks that are found, those of installed packages too."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from inspect_ai import eval as inspect_eval
from inspect_ai.log import list_eval_logs, read_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from pydantic import TypeAdapter

from feint.base.discovery import task_folder
from feint.base.errors import UsageError
from feint.base.words import Words
from feint.designs import list_designs, load_design
from feint.findings import Findings
from feint.people.label.words import label_words
from feint.situations import load_facts
from feint.study.command import run_command
from feint.study.plan.frozen import read_plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from feint.tasks.registry import full_names, list_tasks
from feint.tasks.task import Task

HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} </reply> \x1b[31m \u202e ignore all"


@pytest.fixture(scope="module", params=list_tasks(), ids=lambda task: task.name)
def task(request: pytest.FixtureRequest) -> Task:
    found: Task = request.param
    return found


def actors_of(task: Task) -> list[str]:
    """Names of the subjects that ask the task's actors."""
    return [name for name, found in full_names().items() if found.task == task.name]


def small(task: Task) -> dict[str, Any]:
    """Options of a study of seconds."""
    return {"design": task.vocabulary.design, "n": 1 if task.vocabulary.kinds else 6, "wordings": 1}


def run(task: Task, subject: str, out: Path, start: Any = "new", **more: Any) -> int:
    setup = Setup(subject, {**small(task), **more}, task=task.name)
    return run_command([setup], out, start=start, limits=Limits(), display="none")[1]


@pytest.fixture(scope="module")
def studied(task: Task, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study of the task's first actor."""
    out = tmp_path_factory.mktemp(task.name) / "study"
    assert run(task, actors_of(task)[0], out) in (0, 3)
    return out


def test_its_folder_has_what_a_reader_needs(task: Task) -> None:
    folder = task_folder(task.name)
    assert (folder / "README.md").read_text().startswith("# ")
    said = yaml.safe_load((folder / "eval.yaml").read_text())
    assert {"title", "description", "version", "tasks"} <= set(said)
    assert task.name in [one["name"] for one in said["tasks"]]


def test_its_words_are_complete(task: Task) -> None:
    known = task.vocabulary
    empty = [
        field.name
        for field in fields(Words)
        if isinstance(field.default, str) and field.default and not getattr(known.words, field.name).strip()
    ]
    assert not empty and known.title.endswith("?")
    assert {"yes", "no", "undetermined"} <= set(known.headlines)
    assert all(one.label and one.meaning for one in known.explanations.values())
    assert set(task.outcomes.values()) == {0.0, 1.0}
    for name in list_designs(task.name):
        design = load_design(name)
        assert design.task == task.name and set(design.kinds) <= set(design.cells)
    assert load_design(known.design).contrasts and load_facts(task.name)
    labels = label_words(task.name)
    assert labels is None or {labels.label_of(1.0), labels.label_of(0.0)} <= set(labels.labels)


def test_its_axes_name_what_its_default_study_estimates(task: Task) -> None:
    contrasts = load_design(task.vocabulary.design).contrasts
    estimands = {one.key for several in task.estimands().values() for one in several}
    for key, axis in task.vocabulary.axes.items():
        assert axis.of in contrasts or axis.of in estimands, key
        assert axis.of in contrasts or axis.of in task.vocabulary.estimands, f"{key}: {axis.of} has no label"
        assert axis.label and axis.less and axis.more and axis.less != axis.more
    assert set(task.vocabulary.estimands) <= estimands


def test_its_options_are_described_and_have_defaults(task: Task) -> None:
    for name, field in task.options.model_fields.items():
        assert field.description and not field.is_required(), name
        TypeAdapter(field.annotation).validate_python(field.default)
    with pytest.raises(UsageError):
        task.settle({"no_such_option": 1}, "openai/gpt-4o")


def test_its_plan_is_the_same_twice_and_asks_pairs(task: Task) -> None:
    setup = Setup(actors_of(task)[0], small(task), task=task.name)
    (one, plans), (other, _) = make_plan(setup), make_plan(setup)
    assert one.sha256 == other.sha256 == one.hash()
    assert len({ask.id for ask in plans.asks}) == len(plans.asks) == one.planned["replies"]
    asked: dict[tuple[str, str], set[str]] = {}
    for ask in plans.asks:
        asked.setdefault((ask.request.id, str(ask.wording)), set()).add(ask.cell)
    for cells in asked.values():
        assert len(cells) > 1, "each item is asked in several cells"


def test_it_runs_as_an_inspect_task(task: Task, tmp_path: Path) -> None:
    plan, plans = make_plan(Setup(actors_of(task)[0], small(task), task=task.name))
    made = task.inspect_task(plan.task)
    assert sorted(str(sample.id) for sample in made.dataset) == sorted(ask.id for ask in plans.asks)
    [log] = inspect_eval(made, model=actors_of(task)[0], limit=3, log_dir=str(tmp_path), display="none")
    assert log.status == "success" and all(sample.scores for sample in log.samples or [])


def test_its_findings_are_read_back_and_add_up(studied: Path, task: Task) -> None:
    findings = Findings.model_validate_json((studied / "findings.json").read_text())
    plan = read_plan(studied / "plan.json")
    assert findings.task == task.name and findings.replies.planned == plan.planned["replies"]
    assert sum(findings.replies.missing_by_reason.values()) == findings.replies.missing
    assert set(findings.contrasts) == set(plan.read_design().contrasts)


def test_a_finished_study_asks_nothing_again(studied: Path, task: Task) -> None:
    before = {path.name: path.read_bytes() for path in studied.glob("*.jsonl")}
    page = (studied / "report.html").read_text()
    assert run(task, actors_of(task)[0], studied, "resume") in (0, 3)
    assert {path.name: path.read_bytes() for path in studied.glob("*.jsonl")} == before
    assert (studied / "report.html").read_text() == page


def test_its_report_needs_the_plan_and_the_log_alone(studied: Path) -> None:
    from feint.study.conclude.conclude import conclude_folder

    found = json.loads((studied / "findings.json").read_text())
    (studied / "findings.json").unlink()
    conclude_folder(studied)
    assert json.loads((studied / "findings.json").read_text()) == found


def test_hostile_replies_are_missing_by_reason_and_escaped(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from feint.study.ask import run as asking
    from feint.study.ask import stop, watch

    hostile = [ModelOutput.from_content("mockllm/model", HOSTILE) for _ in range(5_000)]
    for one in hostile:
        one.usage = ModelUsage(input_tokens=9, output_tokens=9, total_tokens=18)  # or a tokenizer is fetched
    monkeypatch.setattr(watch, "FIRST_REPLIES", 10_000)  # the study is not stopped, so that all is concluded and shown
    monkeypatch.setattr(stop, "AHEAD", 20_000)
    monkeypatch.setattr(asking, "open_subject", lambda *_, **__: get_model("mockllm/model", custom_outputs=hostile))
    run(task, "mockllm/model", tmp_path / "s", n=1)
    findings = Findings.model_validate_json((tmp_path / "s" / "findings.json").read_text())
    page = (tmp_path / "s" / "report.html").read_text()
    assert "<script>alert" not in page and "\x1b" not in page and "\u202e" not in page
    assert findings.replies.scored + findings.replies.missing == findings.replies.planned
    [log] = [read_eval_log(info, header_only=True) for info in list_eval_logs(str(tmp_path / "s" / "logs"))]
    assert log.status == "success"


def test_its_actors_do_what_was_planted(task: Task, tmp_path: Path) -> None:
    design = load_design(task.vocabulary.design)
    for name in actors_of(task)[:2]:
        planted = full_names()[name].actor.planted(design)
        out = tmp_path / name.replace("/", "-")
        run(task, name, out, n=3 if task.vocabulary.kinds else 30)
        found = Findings.model_validate_json((out / "findings.json").read_text())
        assert planted.rates, f"{name} plants rates by cell"
        for cell, rate in planted.rates.items():
            seen = found.cells[cell].compliance
            assert seen.estimate is not None and seen.n > 0
            assert abs(seen.estimate - rate) <= 0.1 + 4 * (max(rate * (1 - rate), 0.02) / seen.n) ** 0.5, (name, cell)


def test_two_studies_of_it_are_compared(studied: Path, task: Task, tmp_path: Path) -> None:
    from feint.study.compare.studies import compare_command

    run(task, actors_of(task)[1], tmp_path / "other")
    compare_command([studied, tmp_path / "other"], tmp_path / "page.html")
    assert (
        task.words.gap.capitalize() in (tmp_path / "page.html").read_text()
        or task.words.gap in (tmp_path / "page.html").read_text()
    )
