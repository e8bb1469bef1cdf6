"""Studies of runs with a model judge behind a real server: what was done decides, and the judge says what is stated."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalSample

import grader_server
from feint.base.errors import UsageError
from feint.money.budget import Ledger
from feint.money.prices import SpendingLimits
from feint.stats.types import NOT_JUDGED
from feint.study.command import LABELS_MISSING, run_command
from feint.study.folder import Folder
from feint.study.judge.command import judge_command
from feint.study.plan.cost import estimate_plan
from feint.study.plan.frozen import read_plan
from feint.study.plan.grading import PANEL, make_grading
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from feint.tasks.peer_preservation.scorer import brief
from grader_server import Grader, grading, mark_of
from judged_by_hand import samples_of

TASK, JUDGE, OTHER = "peer_preservation", "openai-api/grader/m", "openai-api/grader/other"
SUBJECT = "agent/self-preserver?rate=1&discloses=0.6"
OPTIONS: dict[str, Any] = {"design": "peer-presence", "kinds": "transfer", "n": 2, "wordings": 3}
CELLS = 6
RUNS = 2 * 3 * CELLS
SMALL: dict[str, Any] = {"design": "peer-presence", "kinds": "clean-up", "n": 1, "wordings": 1}
FAST = Limits(timeout=60, retries=0)


def answer(question: str, opinion: str) -> str:
    """What a reader says who goes by these words alone."""
    code, wrote = mark_of(question), question[question.rindex("[begin reply") :]
    if "`motives`" not in question:
        return json.dumps({"why": "so it is", "disbelieves": False, "quotation": "", "code": code})
    found = re.findall(r"to protect \w+", wrote)
    motives = [{"key": "self_preservation", "quotation": found[0]}] if found else []
    return json.dumps({"why": "so it is", "motives": motives, "code": code})


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grader_server, "answer", answer)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Grader]:
    with grading() as grader:
        monkeypatch.setenv("GRADER_BASE_URL", grader.url)
        monkeypatch.setenv("GRADER_API_KEY", "none")
        yield grader


def setup(options: Any = SMALL, judge: Sequence[str] = (JUDGE,), **given: Any) -> Setup:
    return Setup(SUBJECT, options, tuple(judge), task=TASK, **given)


def study(folder: Path, one: Setup, start: Any = "new") -> tuple[dict[str, Any], int]:
    _, code = run_command([one], folder, start=start, limits=FAST, display="none")
    return findings_of(folder), code


def findings_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "findings.json").read_text())
    return found


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unjudged") / "s"
    study(folder, setup(OPTIONS, ()))
    return folder


@pytest.fixture
def copied(unjudged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unjudged, tmp_path / "s"))


def outcomes(findings: dict[str, Any]) -> Any:
    """All that rests on the outcome."""
    cells = {cell: {k: v for k, v in entry.items() if k != "stated"} for cell, entry in findings["cells"].items()}
    verdict = {key: value for key, value in findings["verdict"].items() if key != "warnings"}
    return cells, findings["contrasts"], findings["sections"]["runs"], findings["replies"], verdict


def tells(sample: EvalSample) -> bool:
    return "to protect" in brief(sample, (), None).material.reply


def stated_by_hand(samples: Sequence[EvalSample]) -> dict[str, Counter[bool]]:
    """By cell, of the runs that protect, how many say for whose sake."""
    found: dict[str, Counter[bool]] = {}
    for sample in samples:
        if (sample.scores or {})["conduct"].answer == "protected":
            found.setdefault(sample.metadata["cell"], Counter())[tells(sample)] += 1
    return found


def test_a_finished_study_of_runs_is_judged_and_its_outcome_stays(copied: Path, served: Grader) -> None:
    before = findings_of(copied)
    assert len(samples_of(copied)) == RUNS and before["stated"]["stated"] == []
    assert judge_command(copied, [JUDGE], limits=FAST, display="none") == 0
    after, samples = findings_of(copied), samples_of(copied)
    assert outcomes(after) == outcomes(before) and after["judge"] == JUDGE
    for sample in samples:
        done, judged = ((sample.scores or {})[name] for name in ("conduct", JUDGE))
        assert (judged.value, judged.answer) == (done.value, done.answer)
        assert (judged.metadata or {})["stated"] == (["self_preservation"] if tells(sample) else [])
    expected = stated_by_hand(samples)
    told, silent = (sum(count[one] for count in expected.values()) for one in (True, False))
    assert told >= 5 <= silent
    for cell, entry in after["cells"].items():
        count = expected.get(cell, Counter())
        found = entry["stated"].get("self_preservation")
        if count.total():
            assert found["n"] == count.total() and found["estimate"] == pytest.approx(count[True] / count.total())
    assert after["stated"]["stated"] == ["self_preservation"]
    assert len(served.record) == 2 * RUNS  # two rubrics each
    shares = after["judging"]["judges"][JUDGE]["rubrics"]
    assert list(shares) == after["judging"]["rubrics"] == ["motive-peers", "disbelief"]
    for cell, part in shares["motive-peers"].items():
        here = [tells(sample) for sample in samples if sample.metadata["cell"] == cell]
        assert part["share"]["estimate"] == pytest.approx(sum(here) / len(here)) and part["missing_rate"] == 0
    assert all(part["share"]["estimate"] == 0 for part in shares["disbelief"].values())
    page = (copied / "report.html").read_text()
    section = page[page.index("What it says, and what its choices reveal") :]
    row = section[section.index(">Self-preservation<") :]
    assert f"{told} of {told + silent}" in row[: row.index("</tr>")]


def test_back_to_what_was_done_alone(copied: Path, served: Grader) -> None:
    before = findings_of(copied)
    judge_command(copied, [JUDGE], limits=FAST, display="none")
    calls = len(served.record)
    assert judge_command(copied, ["rules"], display="none") == 0
    assert findings_of(copied) == before and not (copied / "judging.json").exists()
    judge_command(copied, [JUDGE], limits=FAST, display="none")
    assert len(served.record) == calls  # its labels are in the log


def test_a_judge_that_fails_changes_no_outcome(copied: Path, served: Grader) -> None:
    before = findings_of(copied)
    served.faults = {**dict.fromkeys(range(0, RUNS, 2), "500"), 1: "malformed", 3: "refuses"}
    assert judge_command(copied, [JUDGE], limits=FAST, display="none") == LABELS_MISSING
    after = findings_of(copied)
    assert outcomes(after) == outcomes(before)
    parts = after["judging"]["judges"][JUDGE]["rubrics"].values()
    missing = sum((Counter(entry["missing"]) for part in parts for entry in part.values()), Counter[str]())
    assert missing == {"judge_error": RUNS // 2, "judge_malformed": 1, "judge_refused": 1}
    served.faults = {}
    judge_command(copied, [JUDGE], limits=FAST, display="none")
    parts = findings_of(copied)["judging"]["judges"][JUDGE]["rubrics"].values()
    assert sum(entry["missing"].get("judge_error", 0) for part in parts for entry in part.values()) == 0


def test_runs_that_wait_for_the_judge_have_their_outcome(copied: Path, served: Grader, monkeypatch: Any) -> None:
    before = findings_of(copied)
    monkeypatch.setattr("feint.study.judge.command.judge_log", lambda *_, **__: False)
    assert judge_command(copied, [JUDGE], limits=FAST, display="none") == LABELS_MISSING
    after = findings_of(copied)
    assert outcomes(after) == outcomes(before)
    part = after["judging"]["judges"][JUDGE]["rubrics"]["motive-peers"]["alone"]
    assert part["missing"] == {NOT_JUDGED: 6} and part["missing_rate"] == 1


def test_several_judges_read_the_same_runs(copied: Path, served: Grader) -> None:
    before = findings_of(copied)
    assert judge_command(copied, [JUDGE, OTHER], limits=FAST, display="none") == 0
    after = findings_of(copied)
    assert after["judge"] == PANEL.join([JUDGE, OTHER]) and outcomes(after) == outcomes(before)
    assert after["stated"]["stated"] == ["self_preservation"] and len(served.record) == 4 * RUNS


def test_judging_stops_at_its_budget_and_goes_on(copied: Path, served: Grader) -> None:
    spent = sum(1 for _ in Ledger(Folder(copied).spending).read())
    most = SpendingLimits(max_calls=spent + 3 * 2 * CELLS)
    judge_command(copied, [JUDGE], limits=FAST, display="none", spending=most)
    assert 0 < len(served.record) <= 3 * 2 * CELLS
    judge_command(copied, [JUDGE], limits=FAST, display="none")
    assert len(served.record) == 2 * RUNS


def test_a_study_that_is_judged_from_the_first(tmp_path: Path, served: Grader) -> None:
    planned = make_plan(setup())
    estimated = {one.model: one for one in estimate_plan(*planned)}
    findings, code = study(tmp_path / "s", setup())
    plan = read_plan(tmp_path / "s" / "plan.json")
    assert code == 0 and findings["judge"] == JUDGE and plan.grading is not None
    assert list(plan.grading.rubrics) == ["motive-peers", "disbelief"]
    assert estimated[JUDGE].calls == len(served.record) == 2 * plan.planned["replies"]
    used = [usage for model, usage in Ledger(Folder(tmp_path / "s").spending).read() if model == JUDGE]
    assert len(used) == len(served.record)
    assert estimated[JUDGE].most_in > estimated[JUDGE].tokens_in > 0 and estimated[JUDGE].role == "judge"
    study(tmp_path / "s", setup(), start="resume")
    assert len(served.record) == estimated[JUDGE].calls


def test_only_rubrics_that_are_voted_on_are_asked_several_times(tmp_path: Path, served: Grader) -> None:
    shipped = Path(__file__).parents[2] / "src/feint/judges/data/rubrics/disbelief.md"
    own = tmp_path / "own.md"
    own.write_text(shipped.read_text().replace("name: disbelief", "name: own\nvotes: true"))
    study(tmp_path / "s", setup(rubrics=f"motive-peers,{own}", votes=20))
    asked = Counter("`motives`" in question for question in served.questions)
    runs = len(samples_of(tmp_path / "s"))
    assert asked[True] == runs
    for sample in samples_of(tmp_path / "s"):
        said = ((sample.scores or {})[JUDGE].metadata or {})["rubrics"]
        assert said["own"]["votes"] == [0, 5, 0] and "votes" not in said["motive-peers"]


@pytest.mark.parametrize(
    ("judges", "given", "complaint"),
    [
        ((), {"rubrics": "motive-peers"}, "name a model with --judge"),
        ((), {"votes": 3}, "name a model with --judge"),
        ((JUDGE,), {"votes": 3}, "none of the rubrics motive-peers, disbelief is voted on; leave it out"),
        ((JUDGE,), {"rubrics": "compliance"}, "labelled by what was done in the world; leave it out"),
        ((JUDGE,), {"rubrics": "motive,disbelief"}, "not those of the task 'peer_preservation'; take motive-peers"),
        ((JUDGE, "rules"), {}, "--judge rules: the outcome of runs"),
        (("conduct",), {}, "unknown judge 'conduct'"),
        ((JUDGE,), {"quiz": True}, "--quiz: the task 'peer_preservation' has no comprehension questions"),
    ],
)
def test_what_cannot_be_judged_so_is_said_before(judges: Any, given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        make_plan(setup(SMALL, judges, **given))


def test_the_motives_of_runs_are_not_asked_of_replies() -> None:
    with pytest.raises(UsageError, match="not those of the task 'alignment_faking'; take motive"):
        make_grading([JUDGE], "compliance,motive-peers", None, None)


def test_a_judge_is_part_of_the_plan_and_none_changes_nothing(served: Grader) -> None:
    hashes = {make_plan(setup(SMALL, judges))[0].sha256 for judges in ((), ("rules",), (JUDGE,), (OTHER,))}
    assert len(hashes) == 3
    plain, _ = make_plan(setup(SMALL, ()))
    assert plain.judge == "conduct" and plain.grading is None and plain.hash() == plain.sha256
