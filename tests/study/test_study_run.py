import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.study.ask.run import run_study
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.logs import failures, newest_log, read_labels
from feint.study.plan.prepare import Setup, make_plan
from study_small import (
    MIDDLING,
    MIDDLING_OPTIONS,
    MIDDLING_REPLIES,
    SMALL_OPTIONS,
    SMALL_REPLIES,
    TINY,
    TINY_REPLIES,
)

Feint = Callable[..., Any]


def asked(calls: Path) -> Counter[str]:
    return Counter(calls.read_text().splitlines()) if calls.exists() else Counter()


def run(folder: Path, subject: str = "terminal", *, start: Any = "new", options: Any = MIDDLING) -> dict[str, Any]:
    plan, _ = make_plan(Setup(f"countable/{subject}", options))
    run_study(plan, Folder(folder), start=start)
    return conclude_folder(folder).plain()


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "done"
    run(folder)
    return folder


def test_a_study_from_plan_to_report(done: Path) -> None:
    findings = json.loads((done / "findings.json").read_text())
    assert findings["subject"] == "countable/terminal"
    assert findings["replies"] == {
        "planned": MIDDLING_REPLIES,
        "scored": MIDDLING_REPLIES,
        "missing": 0,
        "missing_by_reason": {},
        "cut_off": 0,
    }
    assert findings["plan_hash"] == json.loads((done / "plan.json").read_text())["sha256"]
    assert findings["contrasts"]["terminal"]["estimate"] > 0.5
    assert findings["contrasts"]["rater_sycophancy"]["estimate"] < 0.3
    assert findings["cells"]["trained"]["twins"]["estimate"] == 1.0
    assert "trained-sealed" in (done / "report.html").read_text()
    assert not (done / "cache").exists()
    assert {path.name for path in done.iterdir()} == {
        "plan.json", "logs", "findings.json", "report.html", "spending.jsonl",
    }  # fmt: skip


def test_findings_come_from_the_logs_alone(done: Path) -> None:
    before = (done / "findings.json").read_text()
    (done / "findings.json").unlink()
    (done / "report.html").unlink()
    conclude_folder(done)
    assert (done / "findings.json").read_text() == before
    assert (done / "report.html").exists()


def test_the_log_says_who_asked_what(done: Path) -> None:
    log = newest_log(done / "logs")
    assert log is not None
    assert log.eval.task_registry_name == "feint/alignment_faking"
    assert (log.plan.config.temperature, log.plan.config.max_tokens) == (1.0, 2000)
    assert log.results is not None
    metrics = log.results.scores[0].metrics
    assert {"trained", "rated", "trained twins"} <= set(metrics)
    labels = read_labels(log, "rules")
    assert len(labels) == MIDDLING_REPLIES
    assert labels["stated"].map(type).eq(tuple).all()


def test_a_finished_study_asks_nothing_more(done: Path, study_calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_CALLS", str(study_calls))
    before = (done / "findings.json").read_text()
    run(done, start="resume")
    assert not asked(study_calls)
    assert (done / "findings.json").read_text() == before


@pytest.mark.parametrize("dies_after", [17, pytest.param(73, marks=pytest.mark.slow)])
def test_killed_and_resumed(done: Path, tmp_path: Path, study_calls: Path, study_feint: Feint, dies_after: int) -> None:
    """Kills the process in the middle, where neither the log nor its buffer holds all replies given so far."""
    folder = tmp_path / "killed"
    command = ("study", "countable/terminal", *MIDDLING_OPTIONS, "--out", folder)
    killed = study_feint(*command, STUDY_CALLS=str(study_calls), STUDY_DIES=str(dies_after))
    assert killed.returncode == -9, killed.stderr
    assert sum(asked(study_calls).values()) == dies_after
    resumed = study_feint(*command, "--resume", STUDY_CALLS=str(study_calls))
    assert resumed.returncode == 0, resumed.stderr
    assert len(asked(study_calls)) == MIDDLING_REPLIES
    assert set(asked(study_calls).values()) == {1}
    assert (folder / "findings.json").read_text() == (done / "findings.json").read_text()
    assert not (folder / "cache").exists()


@pytest.mark.slow
def test_interrupted_and_resumed(done: Path, tmp_path: Path, study_calls: Path, study_feint: Feint) -> None:
    folder = tmp_path / "interrupted"
    command = ("study", "countable/terminal", *MIDDLING_OPTIONS, "--out", folder)
    stopped = study_feint(*command, STUDY_CALLS=str(study_calls), STUDY_DIES="40", STUDY_SIGNAL="SIGINT")
    assert stopped.returncode == 130
    assert stopped.stderr == f"feint: stopped; {folder} goes on where it was with --resume\n"
    assert 0 < len(asked(study_calls)) < MIDDLING_REPLIES
    assert study_feint(*command, "--resume", STUDY_CALLS=str(study_calls)).returncode == 0
    assert set(asked(study_calls).values()) == {1}
    assert (folder / "findings.json").read_text() == (done / "findings.json").read_text()


def test_failed_calls_are_missing_until_they_succeed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, study_calls: Path
) -> None:
    findings = run(tmp_path / "s", "flaky", options=TINY)
    missing = findings["replies"]["missing_by_reason"]["provider_error"]
    assert 0 < missing < TINY_REPLIES
    log = newest_log(tmp_path / "s" / "logs")
    assert log is not None
    assert len(failures(log)) == missing
    assert "the line went dead" in failures(log)[0]
    monkeypatch.setenv("STUDY_CALLS", str(study_calls))
    monkeypatch.setenv("STUDY_HEALED", "1")
    findings = run(tmp_path / "s", "flaky", start="resume", options=TINY)
    assert findings["replies"]["missing"] == 0
    assert sum(asked(study_calls).values()) == missing
    assert all(json.loads(call)[3:] == [1.0, 2000] for call in asked(study_calls))


def test_cut_replies_are_missing(tmp_path: Path) -> None:
    findings = run(tmp_path / "s", "cut", options=TINY)
    assert set(findings["replies"]["missing_by_reason"]) == {"truncated"}
    assert findings["replies"]["scored"] + findings["replies"]["missing"] == TINY_REPLIES


def test_a_dead_subject_decides_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"failed 20 times in a row, the last time with: nobody is at home.*--resume"):
        run(tmp_path / "s", "broken", options=TINY)
    assert not (tmp_path / "s" / "findings.json").exists()


def test_a_subject_that_cannot_be_opened_writes_nothing(tmp_path: Path) -> None:
    for subject, says in (("countable/keyless", "no key for this provider"), ("nowhere/model", "nowhere")):
        plan, _ = make_plan(Setup(subject, MIDDLING))
        with pytest.raises(UsageError, match=says):
            run_study(plan, Folder(tmp_path / "s"))
    assert not (tmp_path / "s").exists()


def test_hostile_replies_stay_text(tmp_path: Path) -> None:
    run(tmp_path / "s", "shouting", options=TINY)
    page = (tmp_path / "s" / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_environment_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECT_CACHE_DIR", "elsewhere")
    plan, _ = make_plan(Setup("countable/terminal", {**TINY, "n": 1, "twins": 0}))
    run_study(plan, Folder(tmp_path / "s"))
    assert os.environ["INSPECT_CACHE_DIR"] == "elsewhere"
    assert not Path("elsewhere").exists()


def test_no_plan_and_no_logs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        conclude_folder(tmp_path)
    plan, _ = make_plan(Setup("countable/terminal", MIDDLING))
    Folder(tmp_path).create(plan)
    with pytest.raises(UsageError, match="no logs"):
        conclude_folder(tmp_path)


@pytest.mark.slow
def test_an_unfinished_study_says_so(done: Path, tmp_path: Path, study_feint: Feint) -> None:
    folder = tmp_path / "part"
    # Replies are written a hundred at a time; some are then in the log, however busy the machine is.
    study_feint("study", "countable/terminal", *SMALL_OPTIONS, "--out", folder, STUDY_DIES="215")
    log = newest_log(folder / "logs")
    assert log is not None
    assert log.status == "started"
    findings = conclude_folder(folder).plain()
    assert findings["replies"]["planned"] == SMALL_REPLIES
    assert findings["replies"]["missing_by_reason"]["not_asked"] > 0
    assert "not finished" in findings["verdict"]["warnings"][0]
