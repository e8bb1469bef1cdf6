"""The fault matrix: every way in which a judge or a provider fails, at the first call, in the middle, at the last.

Each ends in its own reason and exit code; all other labels are as they would be without the fault, and going on asks
again only what was not answered.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import study_provider  # registers its subjects  # noqa: F401
from feint.study.command import LABELS_MISSING, run_command
from feint.study.judge.command import judge_command
from feint.study.logs import newest_log, read_labels
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits
from grader_server import SLOW as SLOW_ANSWER
from grader_server import Grader, grading

MODEL = "openai-api/grader/m"
FEW = {"design": "tiers", "conflict": "harmlessness", "requests": "held-out", "n": 1, "twins": 0, "wordings": 2}
CALLS = 4
WHEN = {"first": 0, "middle": 2, "last": 3}
PATIENT = Limits(max_connections=1, timeout=120, retries=0)
HASTY = Limits(max_connections=1, timeout=5, retries=0)
"""For faults that end by the clock alone; a busy machine must not run into it elsewhere."""
ANSWERED = {
    "malformed": "judge_malformed", "foreign": "judge_malformed", "extra": "judge_malformed",
    "empty": "judge_malformed", "nothing": "judge_malformed", "refuses": "judge_refused", "cut": "judge_truncated",
}  # fmt: skip
"""Faults that are answers: they are kept, and not asked for again."""
UNANSWERED = {
    "filtered": "judge_content_filter", "429": "judge_rate_limit", "500": "judge_error", "bad": "judge_error",
    "garbage": "judge_error", "denied": "judge_denied", "slow": "judge_timeout", "drops": "judge_error",
}  # fmt: skip
"""Faults that are none."""
OF_SUBJECT = {
    "cut": "truncated", "filtered": "content_filter", "empty": "empty", "nothing": "provider_error",
    "429": "provider_error", "500": "provider_error", "denied": "provider_error", "slow": "provider_error",
    "drops": "provider_error",
}  # fmt: skip
REPLIED = ("cut", "filtered", "empty")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[[Grader], None]:
    def point(grader: Grader) -> None:
        monkeypatch.setenv("GRADER_BASE_URL", grader.url)
        monkeypatch.setenv("GRADER_API_KEY", "none")

    return point


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A study that was asked, for judges to read."""
    folder = tmp_path_factory.mktemp("matrix") / "asked"
    run_command([Setup("countable/tagged", FEW)], folder, start="new", limits=PATIENT, display="none")
    yield folder


def labels_in(folder: Path, judge: str) -> dict[str, Any]:
    """By the mark of each reply, its label, or why there is none."""
    log = newest_log(folder / "logs")
    assert log is not None
    rows = read_labels(log, judge)
    return dict(zip(rows["id"], rows["missing"].where(rows["missing"].notna(), rows["value"]), strict=True))


def findings_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "findings.json").read_text())
    return found


def judged(folder: Path, limits: Limits = PATIENT) -> int:
    return judge_command(folder, [MODEL], rubrics="compliance", limits=limits, display="none")


def clock(fault: str) -> Limits:
    return HASTY if fault == "slow" else PATIENT


def test_the_matrix_has_its_size() -> None:
    assert len(ANSWERED) + len(UNANSWERED) + len(OF_SUBJECT) >= 12
    assert (HASTY.timeout or 0) < SLOW_ANSWER


@pytest.mark.slow
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("fault", [*ANSWERED, *UNANSWERED])
def test_a_judge_that_fails(asked: Path, tmp_path: Path, serve: Any, fault: str, when: str) -> None:
    folder = tmp_path / "s"
    shutil.copytree(asked, folder)
    with grading(faults={WHEN[when]: fault}) as grader:
        serve(grader)
        assert judged(folder, clock(fault)) == LABELS_MISSING
        reason = (ANSWERED | UNANSWERED)[fault]
        findings, labels = findings_in(folder), labels_in(folder, MODEL)
        assert findings["replies"]["missing_by_reason"] == {reason: 1}
        assert findings["verdict"]["answer"] == "too little data"
        truth, (failed,) = labels_in(folder, "rules"), [key for key, label in labels.items() if label == reason]
        assert {key: label for key, label in labels.items() if key != failed} == {
            key: label for key, label in truth.items() if key != failed
        }
        before, grader.faults = len(grader.record), {}
        code = judged(folder)
        again = grader.record[before:]
    if fault in ANSWERED:
        assert (code, again) == (LABELS_MISSING, [])
        assert labels_in(folder, MODEL) == labels
    else:
        assert (code, [call.kind for call in again]) == (0, ["valid"])
        assert labels_in(folder, MODEL) == truth
        assert findings_in(folder)["replies"]["missing"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("fault", OF_SUBJECT)
def test_a_provider_that_fails(tmp_path: Path, serve: Any, fault: str, when: str) -> None:
    folder = tmp_path / "s"
    setup = Setup(MODEL, FEW)
    with grading(faults={WHEN[when]: fault}) as grader:
        serve(grader)
        _, code = run_command([setup], folder, start="new", limits=clock(fault), display="none")
        findings = findings_in(folder)
        assert code == LABELS_MISSING
        assert findings["replies"] == {
            "planned": CALLS, "scored": CALLS - 1, "missing": 1, "missing_by_reason": {OF_SUBJECT[fault]: 1},
            "cut_off": 0,
        }  # fmt: skip
        assert sorted(map(str, labels_in(folder, "rules").values())) == sorted(["1.0"] * 3 + [OF_SUBJECT[fault]])
        before, grader.faults = len(grader.record), {}
        _, code = run_command([setup], folder, start="resume", limits=PATIENT, display="none")
        again = grader.record[before:]
    if fault in REPLIED:
        assert (code, again) == (LABELS_MISSING, [])
    else:
        assert (code, [call.kind for call in again]) == (0, ["valid"])
        assert findings_in(folder)["replies"]["missing"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("when", WHEN)
def test_a_provider_that_fails_before_a_judge_reads(tmp_path: Path, serve: Any, when: str) -> None:
    """What the subject did not say is no question to the judge; when it is said, the judge is asked about it alone."""
    setup = Setup(MODEL, FEW, (MODEL,), rubrics="compliance")
    with grading(faults={WHEN[when]: "500"}) as grader:
        serve(grader)
        _, code = run_command([setup], tmp_path / "s", start="new", limits=PATIENT, display="none")
        assert code == LABELS_MISSING
        assert findings_in(tmp_path / "s")["replies"]["missing_by_reason"] == {"provider_error": 1}
        before, grader.faults = len(grader.record), {}
        _, code = run_command([setup], tmp_path / "s", start="resume", limits=PATIENT, display="none")
        assert (code, len(grader.record) - before) == (0, 2)
        assert findings_in(tmp_path / "s")["replies"]["missing"] == 0
