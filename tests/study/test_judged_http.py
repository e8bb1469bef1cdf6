"""A whole study with a model judge behind a real server, which fails on a schedule: findings as computed by hand."""

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalSample

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.study.ask.run import run_study
from feint.study.command import LABELS_MISSING, run_command
from feint.study.folder import Folder
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from grader_server import Grader, grading, tag_of
from judged_by_hand import by_hand, check_findings, samples_of
from started import start

JUDGE = "openai-api/grader/m"
TIERS: dict[str, Any] = {
    "design": "tiers", "library": "composed",
    "conflict": "harmlessness", "requests": "held-out", "n": 8, "twins": 1, "wordings": 2,
}  # fmt: skip
REPLIES = 2 * (8 * 2 + 1)
FAST = Limits(timeout=60, retries=0)
HASTY = Limits(timeout=10, retries=0)  # the only one that ends slow answers
# By order of arrival, so which reply and which rubric meets which is known from the server's record alone.
CYCLE = """valid malformed 429 valid slow refuses valid 500 foreign valid valid cut filtered valid denied malformed
    valid valid valid refuses refuses 429 valid 500 valid malformed malformed valid valid valid valid"""
SCHEDULE = CYCLE.split() * 6


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Grader], None]:
    """Make Inspect's client find the server."""

    def point(grader: Grader, name: str = "GRADER") -> None:
        monkeypatch.setenv(f"{name}_BASE_URL", grader.url)
        monkeypatch.setenv(f"{name}_API_KEY", "none")

    return point


def setup(options: Any = TIERS, judge: tuple[str, ...] = (JUDGE,), **given: Any) -> Setup:
    return Setup("countable/tagged", options, judge, **given)


def study(folder: Path, *args: Setup, start: Any = "new", limits: Limits = FAST) -> tuple[dict[str, Any], int]:
    _, code = run_command(args or [setup()], folder, start=start, limits=limits, display="none")
    return json.loads((folder / "findings.json").read_text()), code


@pytest.fixture(scope="module")
def scheduled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Grader]:
    """A study judged on the schedule, and what the judge answered."""
    folder = tmp_path_factory.mktemp("scheduled") / "s"
    with grading(SCHEDULE) as grader, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_BASE_URL", grader.url)
        patch.setenv("GRADER_API_KEY", "none")
        study(folder, limits=HASTY)
    return folder, grader


def test_findings_are_those_computed_by_hand(scheduled: tuple[Path, Grader]) -> None:
    folder, grader = scheduled

    def label(sample: EvalSample) -> str:
        text = sample.output.completion
        return by_hand(grader.kinds()[tag_of(text)], "refused" if "won't" in text else "complied")

    assert check_findings(folder, JUDGE, label, planned=REPLIES) >= 4  # the schedule met this rubric


def test_other_rubrics_are_counted_too(scheduled: tuple[Path, Grader]) -> None:
    folder, grader = scheduled
    findings = json.loads((folder / "findings.json").read_text())
    found = findings["judging"]["judges"][JUDGE]["rubrics"]["disbelief"]
    kinds, twins = grader.kinds("disbelief"), {tag_of(s.output.completion) for s in samples_of(folder)
                                               if s.metadata["twin"]}  # fmt: skip
    missing = Counter(by_hand(said, "no") for reply, said in kinds.items() if reply not in twins)
    answered = missing.pop("no")
    assert sum((Counter(entry["missing"]) for entry in found.values()), Counter()) == missing
    assert sum(entry["share"]["n"] for entry in found.values()) == answered
    assert all(entry["share"]["estimate"] == 0 for entry in found.values())


def test_too_much_missing_is_an_exit_code_and_resume_asks_only_what_was_not_answered(
    tmp_path: Path, serve: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = setup(rubrics="compliance")
    with grading(faults={**dict.fromkeys(range(12), "500"), 13: "refuses"}) as grader:
        serve(grader)
        findings, code = study(tmp_path / "s", broken)
        assert code == LABELS_MISSING
        assert findings["verdict"]["answer"] == "instrument failed"
        assert findings["replies"]["missing_by_reason"] == {"judge_error": 12, "judge_refused": 1}
        assert "more than 20% of the labels are missing in" in capsys.readouterr().err
        first = len(grader.record)
        grader.faults = {13: "refuses"}
        findings, code = study(tmp_path / "s", broken, start="resume")
        assert code == 0
        assert findings["replies"]["missing_by_reason"] == {"judge_refused": 1}  # an answer, and it stays
        assert len(grader.record) == first + 12
        study(tmp_path / "s", broken, start="resume")
        assert len(grader.record) == first + 12
    assert not (tmp_path / "s" / "cache").exists()


def test_a_missing_key_is_found_before_the_first_call(
    tmp_path: Path, study_calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDY_CALLS", str(study_calls))
    monkeypatch.setenv("GRADER_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.delenv("GRADER_API_KEY", raising=False)
    plan, _ = make_plan(setup())
    with pytest.raises(UsageError, match=f"judge '{JUDGE}'.*GRADER_API_KEY"):
        run_study(plan, Folder(tmp_path / "s"))
    two = [setup({**TIERS, "design": name}) for name in ("tiers", "motives")]
    with pytest.raises(UsageError, match="GRADER_API_KEY"):
        run_command(two, tmp_path / "s", start="new", limits=FAST, display="none")
    assert not study_calls.exists()
    assert not (tmp_path / "s").exists()


def test_votes_stop_when_the_label_is_settled(tmp_path: Path, serve: Any) -> None:
    options = {**TIERS, "n": 1, "wordings": 1, "twins": 0}
    with grading() as grader:
        serve(grader)
        findings, code = study(tmp_path / "s", setup(options, rubrics="compliance,alignment-faking", votes=20))
    assert code == 0
    assert [len(kinds) for kinds in grader.kinds("alignment-faking").values()] == [5, 5]  # none of 5 says yes
    assert findings["judging"]["votes"] == 20
    for sample in samples_of(tmp_path / "s"):
        said = ((sample.scores or {})[JUDGE].metadata or {})["rubrics"]["alignment-faking"]
        assert (said["label"], said["votes"]) == ("no", [0, 5, 0])


def stop(process: "subprocess.Popen[bytes]", ends: signal.Signals) -> None:
    process.send_signal(ends)
    process.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dies_at", "ends", "code"), [(3, signal.SIGKILL, -9), (30, signal.SIGKILL, -9), (20, signal.SIGINT, 130)]
)
def test_stopped_while_judging(
    tmp_path: Path, study_calls: Path, study_feint: Callable[..., Any], dies_at: int, ends: signal.Signals, code: int
) -> None:
    """Stops the process while the judge holds a question: all answers before it are in the cache alone."""
    command = [
        "study", "countable/tagged", "--design", "tiers", "--requests", "held-out", "-n", "8", "--twins", "1",
        "--wordings", "2", "--judge", JUDGE, "--rubrics", "compliance,disbelief", "--max-connections", "1",
        "--display", "none", "--out", "s",
    ]  # fmt: skip
    with grading() as grader:
        server = {"GRADER_BASE_URL": grader.url, "GRADER_API_KEY": "none"}
        said = tmp_path / "said"
        process = start(command, {**os.environ, **server}, folder=tmp_path, said=said)
        # With the process gone or going, nothing that the server still says arrives.
        grader.before = lambda call: stop(process, ends) if call == dies_at else None
        assert process.wait(300) == code, said.read_text()
        assert len(grader.record) == dies_at + 1
        grader.before = lambda call: None
        done = study_feint(*command, "--resume", **server, STUDY_CALLS=str(study_calls))
    assert done.returncode == 0, done.stderr
    assert not study_calls.exists()  # the subject is not asked again
    asked = Counter((call.reply, call.rubric) for call in grader.record)
    assert (
        asked.pop(("?", "compliance")) == 2
    )  # the made-up reply of the probe, at the start and where the study goes on
    assert len(asked) == 2 * REPLIES
    assert sorted(asked.values()) == [1] * (2 * REPLIES - 1) + [2]  # the one that it held when it died
    assert json.loads((tmp_path / "s" / "findings.json").read_text())["replies"]["missing"] == 0
