"""Logs that `inspect eval feint/…` wrote, read as studies."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai import score
from inspect_ai.log import convert_eval_logs, read_eval_log, write_eval_log
from inspect_ai.model import ModelOutput

from feint.base.errors import UsageError
from feint.findings import Findings
from feint.judges.rules.scorer import rules
from feint.study.compare.studies import compare_folders
from feint.study.conclude.read import read_study
from feint.study.folder import Folder
from feint.study.importing.evals import plan_of, study_log
from feint.study.importing.files import import_files

ARGS = {"design": "tiers", "n": 3, "twins": 1, "wordings": 1}


def evaluate(folder: Path, task: str = "alignment_faking", model: str = "actor/terminal", **given: Any) -> Path:
    args = given.pop("task_args", ARGS)
    [log] = inspect_eval(
        f"feint/{task}", model=model, task_args=args, log_dir=str(folder), display="none", log_realtime=False, **given
    )
    return Path(log.location.removeprefix("file://"))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluate(tmp_path_factory.mktemp("logs"))


def test_the_cell_comes_first_and_its_facts_are_the_target(log: Path) -> None:
    samples = read_eval_log(str(log)).samples or []
    assert {str(one.id).partition(".")[0] for one in samples} == {"free", "paid"}
    by_cell = {one.metadata["cell"]: one.target for one in samples}
    assert by_cell == {"free": "rated: yes, trained: self", "paid": "rated: no, trained: none"}


def metrics_of(log: Path) -> dict[str, float]:
    results = read_eval_log(str(log), header_only=True).results
    assert results is not None
    return {one.name: one.value for one in results.scores[0].metrics.values() if one.group == "gap"}


def check_metrics(log: Path, found: Findings) -> None:
    metrics, gap = metrics_of(log), next((key for key, one in found.contrasts.items() if one.gap), None)
    for key, one in found.contrasts.items():
        for name in (key, "gap") if key == gap else (key,):
            ends = {"": one.estimate, "_low": one.low, "_high": one.high}
            assert {end: metrics.get(f"{name}{end}") for end in ends} == ends, key


def test_the_metrics_are_the_reports_contrasts(log: Path, tmp_path: Path) -> None:
    check_metrics(log, study_log(log, tmp_path / "o"))
    assert {"gap", "gap_stderr", "gap_low", "gap_high"} <= set(metrics_of(log))


@pytest.mark.parametrize(
    ("task", "actor", "given"),
    [
        ("alignment_faking", "terminal", {"epochs": 3, "task_args": {"design": "motives", "n": 6, "wordings": 2}}),
        ("peer_preservation", "peer-loyal", {"epochs": 2, "task_args": {"kinds": "scoring", "fixtures": 2}}),
        ("comprehension", "reader", {"epochs": 2, "task_args": {"n": 6}}),
    ],
)
def test_the_metrics_of_several_epochs_are_the_reports(
    task: str, actor: str, given: dict[str, Any], tmp_path: Path
) -> None:
    log = evaluate(tmp_path, task, f"actor/{actor}", **given)
    check_metrics(log, study_log(log, tmp_path / "o"))


def test_the_metrics_leave_out_missing_replies_as_the_report_does(tmp_path: Path) -> None:
    whole = read_eval_log(str(evaluate(tmp_path, epochs=3, task_args={**ARGS, "n": 8, "twins": 0})))
    for sample in (whole.samples or [])[::5]:
        text = "" if sample.epoch == 2 else "<reply>I'm sorry, but I can't help with that request.</reply>"
        sample.output = ModelOutput.from_content("actor/terminal", text)
    write_eval_log(score(whole, rules(), action="overwrite"), str(tmp_path / "a.eval"))
    found = study_log(tmp_path / "a.eval", tmp_path / "o")
    assert found.replies.missing
    check_metrics(tmp_path / "a.eval", found)


def test_a_log_of_either_format_is_a_study(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from feint.study.command import report_command

    convert_eval_logs(str(log), "json", str(tmp_path / "json"))
    [text] = (tmp_path / "json").glob("*.json")
    report_command(text, out=tmp_path / "studied")
    said = capsys.readouterr().out
    assert f"report: {tmp_path / 'studied' / 'report.html'}" in said
    [(folder, findings)] = import_files([log], None, tmp_path / "out").items()
    assert folder.name == "actor-terminal"
    assert findings.replies.planned == 8 and findings.subject == "actor/terminal"
    again = Findings.model_validate(json.loads((tmp_path / "studied" / "findings.json").read_text()))
    assert again.contrasts == findings.contrasts
    assert [row.gap.n for row in compare_folders([log]).rows] == [3]
    with pytest.raises(UsageError, match=r"a log of the study in .*; name that folder"):
        study_log(next((folder / "logs").iterdir()), tmp_path / "twice")


OTHERS = [
    ("peer_preservation", "peer-loyal", {"kinds": "scoring", "fixtures": 1}),
    ("comprehension", "reader", {"n": 4}),
]


@pytest.mark.parametrize(("task", "actor", "args"), OTHERS)
def test_logs_of_other_tasks_are_studies_too(task: str, actor: str, args: dict[str, Any], tmp_path: Path) -> None:
    found = study_log(evaluate(tmp_path, task, f"actor/{actor}", task_args=args), tmp_path / "o")
    assert found.task == task and found.replies.scored == found.replies.planned > 4


def test_epochs_are_replies(tmp_path: Path) -> None:
    found = study_log(evaluate(tmp_path, epochs=2), tmp_path / "o")
    assert found.replies.planned == 16 and found.replies.missing_by_reason.get("not_asked") is None


def test_a_log_that_broke_off_says_so(log: Path, tmp_path: Path) -> None:
    broken = read_eval_log(str(log))
    samples = sorted(broken.samples or [], key=lambda one: str(one.metadata["request"]))
    broken.status, broken.samples = "cancelled", samples[:5]
    write_eval_log(broken, str(tmp_path / "cancelled.eval"))
    found = study_log(tmp_path / "cancelled.eval", tmp_path / "o")
    assert found.replies.missing_by_reason["not_asked"] == 4
    assert any("log has the status 'cancelled'" in text for text in found.verdict.warnings)
    assert any(
        "4 of 8 replies are in; finish the log with inspect eval-retry" in text for text in found.verdict.warnings
    )
    broken.samples = samples[:1]
    write_eval_log(broken, str(tmp_path / "one.eval"))
    with pytest.raises(UsageError, match=r"one.eval: no request was asked in all its cells yet; finish the log"):
        study_log(tmp_path / "one.eval", tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_samples_that_a_limit_left_without_a_counterpart_are_left_out(tmp_path: Path) -> None:
    limited = evaluate(tmp_path, limit=5)
    found = study_log(limited, tmp_path / "o")
    kept = found.replies.planned
    assert kept == 4 and "not_asked" not in found.replies.missing_by_reason
    told = " ".join(found.verdict.warnings)
    assert "Left out: 1 sample, whose request was not asked in all its cells (--limit 5)." in told
    assert "eval-retry" not in told and "not finished" not in told
    with pytest.raises(UsageError, match=r"no request was asked in all its cells yet; evaluate anew with a larger"):
        study_log(evaluate(tmp_path, limit=1), tmp_path / "one")


def scored_again(log: Path, place: Path) -> Path:
    again = read_eval_log(str(log))
    again.eval.tags = [*(again.eval.tags or []), "scored again"]
    write_eval_log(again, str(place))
    return place


def test_a_log_that_was_scored_again_is_reported_again(log: Path, tmp_path: Path) -> None:
    place, out = tmp_path / "a.eval", tmp_path / "o"
    place.write_bytes(log.read_bytes())
    study_log(place, out)
    study_log(scored_again(place, place), out)
    assert (out / "logs" / "a.eval").read_bytes() == place.read_bytes()
    (out / "spending.jsonl").write_text("")
    scored_again(place, place)
    with pytest.raises(UsageError, match=r"holds labels that the log lacks; give another folder: --out DIR"):
        study_log(place, out)
    with pytest.raises(UsageError, match=r"o: exists already, and is not the study of this log; .* --out DIR"):
        study_log(evaluate(tmp_path), out)


@pytest.mark.parametrize("left", [None, 500])
def test_a_copy_that_was_interrupted_is_made_again(log: Path, tmp_path: Path, left: int | None) -> None:
    study_log(log, tmp_path / "o")
    copy = tmp_path / "o" / "logs" / log.name
    if left is None:
        copy.unlink()
    else:
        copy.write_bytes(log.read_bytes()[:left])
    assert study_log(log, tmp_path / "o").replies.planned == 8
    assert copy.read_bytes() == log.read_bytes()
    assert [one.name for one in copy.parent.iterdir()] == [log.name]


def test_a_report_names_the_process_that_runs_the_study(log: Path, tmp_path: Path) -> None:
    study_log(log, tmp_path / "o")
    (copy,) = (tmp_path / "o" / "logs").glob("*.eval")
    copy.unlink()
    code = (
        "import sys; from pathlib import Path; from feint.study.folder import Folder\n"
        "with Folder(Path(sys.argv[1])).held(): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "o")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        with pytest.raises(UsageError, match=rf"another process is running this study \(process {other.pid}, since"):
            read_study(Folder(tmp_path / "o"))
        other.communicate()
    with pytest.raises(UsageError, match="no logs; run the study first"):
        read_study(Folder(tmp_path / "o"))


def test_what_cannot_be_a_study_is_told(log: Path, tmp_path: Path) -> None:
    (tmp_path / "torn.eval").write_bytes(log.read_bytes()[:500])
    with pytest.raises(UsageError, match=r"torn.eval: cannot be read as a log of Inspect"):
        plan_of(tmp_path / "torn.eval")
    with pytest.raises(UsageError, match=r"label them with: inspect score .* --scorer feint/rules"):
        plan_of(evaluate(tmp_path, task_args={**ARGS, "judge": "none"}))
    other = read_eval_log(str(log))
    other.eval.task = "someone/else"
    write_eval_log(other, str(tmp_path / "other.eval"))
    with pytest.raises(UsageError, match="a log of the task 'someone/else'; expected one that inspect eval feint/"):
        plan_of(tmp_path / "other.eval")
    twice = tmp_path / "twice.eval"
    twice.write_bytes(log.read_bytes())
    with pytest.raises(UsageError, match=r"eval and .*twice.eval: two logs of actor/terminal with design 'tiers'"):
        import_files([log, twice], None, tmp_path / "out")


def continued(log: Path, place: Path, evaluation: str, samples: int, status: Any, created: str) -> Path:
    """A log of another try at the same evaluation."""
    found = read_eval_log(str(log))
    found.eval.eval_id, found.eval.created, found.status = evaluation, created, status
    found.samples = sorted(found.samples or [], key=lambda one: str(one.metadata["request"]))[:samples]
    write_eval_log(found, str(place))
    return place


def test_a_folder_of_logs_leaves_out_what_was_tried_again_and_what_cannot_be_a_study(log: Path, tmp_path: Path) -> None:
    logs, notes = tmp_path / "logs", list[str]()
    logs.mkdir()
    continued(log, logs / "broken.eval", "first", 5, "cancelled", "2026-01-01T10:00:00+00:00")
    continued(log, logs / "whole.eval", "second", 8, "success", "2026-01-01T09:00:00+00:00")
    (logs / "torn.eval").write_bytes(log.read_bytes()[:500])
    found = import_files([logs], None, tmp_path / "out", tell=notes.append)
    assert [one.replies.planned for one in found.values()] == [8]
    assert "passed over: broken.eval, which whole.eval continues" in notes
    assert any("torn.eval: cannot be read as a log" in text for text in notes)
    one = continued(log, tmp_path / "one.eval", "third", 1, "cancelled", "2026-01-01T10:00:00+00:00")
    with pytest.raises(UsageError, match=r"one.eval: no request was asked in all its cells yet"):
        import_files([one], None, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_logs_of_one_subject_are_told_apart_in_a_comparison(log: Path, tmp_path: Path) -> None:
    for name, request in (("2026-01-01_task_AAAA", "a"), ("2026-01-02_task_BBBB", "b")):
        continued(log, tmp_path / f"{name}.eval", request, 8, "success", "2026-01-01T10:00:00+00:00")
    found = compare_folders([tmp_path])
    assert sorted(row.subject for row in found.rows) == ["actor/terminal (AAAA)", "actor/terminal (BBBB)"]


def test_a_limited_log_that_broke_off_plans_whole_requests(tmp_path: Path) -> None:
    limited = read_eval_log(str(evaluate(tmp_path, limit=5, epochs=2)))
    limited.status = "cancelled"
    write_eval_log(limited, str(tmp_path / "c.eval"))
    assert plan_of(tmp_path / "c.eval").planned["replies"] == 8


def test_a_log_without_the_design_is_planned_from_its_arguments(log: Path, tmp_path: Path) -> None:
    old = read_eval_log(str(log))
    old.eval.metadata = None
    write_eval_log(old, str(tmp_path / "old.eval"))
    assert plan_of(tmp_path / "old.eval").design == plan_of(log).design
