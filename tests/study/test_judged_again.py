"""Several judges, judging anew, and labels by people beside a judge's."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from inspect_ai.log import read_eval_log

import study_provider  # registers its subjects  # noqa: F401
from feint.base.errors import UsageError
from feint.base.hashing import sha256_of
from feint.judges.graded.rubrics import load_rubric
from feint.people.agree import check_judges, read_rated
from feint.people.label import read_labels_of_people
from feint.people.label.command import import_labels
from feint.people.show_agreement import check_command
from feint.situations import load_conflict
from feint.study.command import LABELS_MISSING, report_command, run_command
from feint.study.conclude.conclude import conclude_folder
from feint.study.conclude.correct import settle
from feint.study.judge.command import judge_command
from feint.study.logs import newest_log, read_labels
from feint.study.plan.frozen import read_plan
from feint.study.plan.grading import Grading, check_rule, make_grading, named_apart
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from grader_server import Grader, grading
from published import fits_schema

MODEL = "openai-api/grader/m"
OTHER = "openai-api/other/m"
TIERS = {
    "design": "tiers",
    "library": "composed",
    "conflict": "harmlessness",
    "requests": "held-out",
    "n": 6,
    "twins": 1,
    "wordings": 2,
}
FAST = Limits(timeout=60, retries=0)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def point(grader: Grader, name: str = "GRADER") -> None:
        monkeypatch.setenv(f"{name}_BASE_URL", grader.url)
        monkeypatch.setenv(f"{name}_API_KEY", "none")

    return point


@pytest.fixture
def served(serve: Any) -> Iterator[tuple[Grader, Grader]]:
    """One judge that reads, and one that takes everything for a refusal."""
    with grading() as right, grading(opinion="refused") as wrong:
        serve(right)
        serve(wrong, "OTHER")
        yield right, wrong


def study(folder: Path, judge: tuple[str, ...] = ("rules",), n: int = 6, **given: Any) -> dict[str, Any]:
    setup = Setup("countable/tagged", {**TIERS, "n": n}, judge, until="all", **given)
    run_command([setup], folder, start="new", limits=FAST, display="none")
    return found_in(folder)


def found_in(folder: Path) -> dict[str, Any]:
    findings: dict[str, Any] = json.loads((folder / "findings.json").read_text())
    fits_schema(findings)
    return findings


def scores_in(folder: Path) -> list[dict[str, Any]]:
    log = newest_log(folder / "logs")
    assert log is not None
    return [dict(sample.scores or {}) for sample in read_eval_log(log.location).samples or []]


# several judges


def test_ties_are_missing_and_each_judge_has_a_row(tmp_path: Path, served: Any, capsys: Any) -> None:
    findings = study(tmp_path / "s", (MODEL, OTHER), rubrics="compliance")
    assert findings["judge"] == f"{MODEL} + {OTHER}"
    log = newest_log(tmp_path / "s" / "logs")
    assert log is not None
    right, wrong = (read_labels(log, judge) for judge in (MODEL, OTHER))
    tied = (right["value"] != wrong["value"]).sum()
    assert 0 < tied < len(right)
    assert findings["replies"]["missing_by_reason"] == {"judges_tied": tied}
    majority, alone, other = findings["judges"]
    assert (majority["judge"], alone["judge"], other["judge"]) == ("majority", MODEL, OTHER)
    assert alone["contrasts"]["gap"]["estimate"] > 0.7
    assert other["contrasts"]["gap"]["estimate"] == 0
    assert findings["unanimous"] == pytest.approx(1 - tied / len(right))
    assert findings["robust"] is False
    page, out = (tmp_path / "s" / "report.html").read_text(), " ".join(capsys.readouterr().out.split())
    assert "The verdict by each judge alone" in page
    assert "The verdict depends on the judge: by" in page
    assert "Sensitivity to the judge" in out


def test_three_judges_have_a_majority(tmp_path: Path, served: Any) -> None:
    findings = study(tmp_path / "s", ("rules", MODEL, OTHER), n=12, rubrics="compliance")
    assert findings["replies"]["missing"] == 0
    log = newest_log(tmp_path / "s" / "logs")
    assert log is not None
    assert read_labels(log, findings["judge"])["value"].equals(read_labels(log, "rules")["value"])
    assert [row["same"] for row in findings["judges"]] == [True, True, True, False]


def test_a_judge_that_fails_alone_is_told_though_the_others_have_labels(tmp_path: Path, serve: Any) -> None:
    with grading() as right, grading(["500"] * 999) as broken:
        serve(right)
        serve(broken, "OTHER")
        setup = Setup("countable/tagged", TIERS, (MODEL, OTHER), rubrics="compliance")
        _, code = run_command([setup], tmp_path / "s", start="new", limits=FAST, display="none")
    findings = found_in(tmp_path / "s")
    assert code == LABELS_MISSING
    assert findings["replies"]["missing"] == 0
    assert findings["judging"]["judges"][OTHER]["cells"]["free"] == {"missing": {"judge_error": 12}, "missing_rate": 1}
    assert findings["judges"][2]["answer"] == "instrument failed"


def test_a_conflict_that_only_a_reader_can_judge(tmp_path: Path, served: Any) -> None:
    options = {**TIERS, "conflict": "animal-welfare", "requests": "all", "n": 2, "wordings": 1, "twins": 0}
    setup = Setup("countable/tagged", options, (MODEL,), rubrics="compliance")
    _, code = run_command([setup], tmp_path / "s", start="new", limits=FAST, display="none")
    assert code == 0
    assert all(set(scores) == {MODEL} for scores in scores_in(tmp_path / "s"))
    assert found_in(tmp_path / "s")["replies"]["scored"] == 4
    with pytest.raises(UsageError, match="name a model with --judge"):
        judge_command(tmp_path / "s", ["rules"])


# judging anew


def test_judged_anew_and_back(tmp_path: Path, served: Any, study_calls: Path, monkeypatch: Any) -> None:
    folder, (right, wrong) = tmp_path / "s", served
    before = study(folder)
    plan = (folder / "plan.json").read_bytes()
    monkeypatch.setenv("STUDY_CALLS", str(study_calls))

    assert judge_command(folder, [OTHER], rubrics="compliance", limits=FAST, display="none") == 0
    assert found_in(folder)["judge"] == OTHER
    assert found_in(folder)["contrasts"]["gap"]["estimate"] == 0
    assert "Judged anew by" in found_in(folder)["verdict"]["warnings"][-1]
    assert all(set(scores) == {"rules", OTHER} for scores in scores_in(folder))

    asked = len(wrong.record)
    judge_command(folder, [OTHER], rubrics="compliance", limits=FAST, display="none")
    assert len(wrong.record) == asked  # the same labels are there

    judge_command(folder, [OTHER], rubrics="disbelief", limits=FAST, display="none")
    name = found_in(folder)["judge"]
    assert name.startswith(f"{OTHER}#") and len(name) == len(OTHER) + 7
    assert all(set(scores) == {"rules", OTHER, name} for scores in scores_in(folder))

    asked = len(right.record) + len(wrong.record)
    judge_command(folder, ["rules"], limits=FAST, display="none")
    agreement = found_in(folder)["agreement"]
    assert [entry["other"] for entry in agreement] == [OTHER], "the labels by disbelief alone decide no outcome"
    assert found_in(folder) == {**before, "agreement": agreement}
    assert len(right.record) + len(wrong.record) == asked
    assert not (folder / "judging.json").exists()
    assert (folder / "plan.json").read_bytes() == plan
    assert not study_calls.exists()


def test_mistakes_write_nothing(tmp_path: Path, serve: Any, monkeypatch: Any) -> None:
    folder = tmp_path / "s"
    study(folder)
    names = sorted(path.name for path in folder.iterdir())
    monkeypatch.setenv("GRADER_BASE_URL", "http://127.0.0.1:9/v1")
    for given, says in (
        ({"judges": [MODEL]}, "GRADER_API_KEY"),
        ({"judges": ["rule"]}, "did you mean 'rules'"),
        ({"judges": [MODEL, MODEL]}, "named twice"),
        ({"judges": [MODEL], "rubrics": "complience"}, "did you mean 'compliance'"),
        ({"judges": [MODEL], "rubrics": "compliance", "votes": 20}, "add alignment-faking"),
        ({"judges": ["rules"], "votes": 20}, "name a model with --judge"),
    ):
        with pytest.raises(UsageError, match=says):
            judge_command(folder, **given)  # type: ignore[arg-type]  # as spelled above
    assert sorted(path.name for path in folder.iterdir()) == names
    (folder / "judging.json").write_text('{"plan": "x"}')
    with pytest.raises(UsageError, match="judge anew with: feint judge"):
        conclude_folder(folder)


def test_replies_that_wait_for_the_judge_are_missing(tmp_path: Path, serve: Any, monkeypatch: Any) -> None:
    """As after a kill: the log is there and no label of the judge in it."""
    folder = tmp_path / "s"
    with grading() as grader:
        serve(grader)
        monkeypatch.setattr("feint.study.ask.run.judge_log", lambda *_, **__: False)
        findings = study(folder, (MODEL,), rubrics="compliance")
        assert findings["replies"]["missing_by_reason"] == {"not_judged": 26}
        assert "go on with feint study --resume" in findings["verdict"]["warnings"][0]
        assert findings["verdict"]["answer"] == "too little data"
        assert not grader.record


# the plan


def test_a_plan_without_a_model_judge_has_the_hash_it_had() -> None:
    plan, _ = make_plan(Setup("countable/tagged", TIERS, until="all"))
    fields = (
        "subject",
        "model_args",
        "design",
        "conflict",
        "task",
        "generate",
        "judge",
        "settings",
        "planned",
        "hashes",
    )
    assert plan.sha256 == sha256_of({name: plan.model_dump()[name] for name in fields})


def test_whatever_changes_a_label_changes_the_hash(tmp_path: Path) -> None:
    def hashed(judge: tuple[str, ...] = (MODEL,), **given: Any) -> str:
        return make_plan(Setup("countable/tagged", TIERS, judge, **given))[0].sha256

    own = tmp_path / "own.md"
    text = Path(__file__).parents[2].joinpath("src/feint/judges/data/rubrics/disbelief.md").read_text()
    own.write_text(text.replace("name: disbelief", "name: own"))
    rubrics = f"compliance,{own}"
    with_own = hashed(rubrics=rubrics)
    hashes = [hashed(), hashed(("rules",)), hashed((OTHER,)), hashed((MODEL, OTHER)), hashed(votes=20), with_own]
    assert len(set(hashes)) == len(hashes)
    grown = make_plan(Setup("countable/tagged", TIERS, (MODEL,), rubrics=rubrics))[0].grading
    own.write_text(own.read_text().replace("Does it treat", "Does the text treat"))
    load_rubric.cache_clear()  # a command reads a rubric once
    assert grown is not None
    with pytest.raises(UsageError, match=r"own.md': changed after the study was planned"):
        grown.read_rubrics()


def test_a_conflict_whose_rule_changed_is_not_judged_by_another(tmp_path: Path, served: Any) -> None:
    file = tmp_path / "own.yaml"
    shipped = Path(__file__).parents[2] / "src/feint/tasks/alignment_faking/items/animal-welfare.yaml"
    file.write_text(shipped.read_text())
    options = {**TIERS, "conflict": str(file), "requests": "all", "n": 1, "wordings": 1, "twins": 0}
    setup = Setup("countable/tagged", options, (MODEL,), rubrics="compliance")
    run_command([setup], tmp_path / "s", start="new", limits=FAST, display="none")
    plan = read_plan(tmp_path / "s" / "plan.json")
    assert plan.grading is not None and plan.grading.conflict_rule
    check_rule(plan.grading, str(file))
    with pytest.raises(UsageError, match="its rubric changed after the judges were planned"):
        check_rule(plan.grading, "harmlessness")
    file.unlink()
    load_conflict.cache_clear()  # a command reads a conflict once
    with pytest.raises(UsageError, match=r"own.yaml: no such file"):
        judge_command(tmp_path / "s", [OTHER], limits=FAST)


def test_defaults_follow_the_reasoning() -> None:
    made = make_grading([MODEL], None, None, None)
    quiet = make_grading([MODEL], None, None, None, "none")
    assert made is not None and quiet is not None
    assert list(made.rubrics) == ["compliance", "alignment-faking", "motive", "disbelief"]
    assert list(quiet.rubrics) == ["compliance", "disbelief"]
    assert make_grading(["rules"], None, None, None) is None


def test_labels_by_other_rubrics_get_another_name() -> None:
    one = Grading(judges={MODEL: MODEL, "rules": "rules"}, rubrics={"compliance": "1"})
    assert named_apart(one, {"rules": {""}}) == one
    assert named_apart(one, {MODEL: {one.spec(MODEL)}}) == one
    assert list(named_apart(one, {MODEL: {"elsewise"}}).judges) == [f"{MODEL}#{one.spec(MODEL)[:6]}", "rules"]


# people


def label_all(folder: Path, person: str = "ann", wrong: int = 0, every: int = 1) -> None:
    """Labels by somebody who says what the rules say, but for the first replies."""
    log = newest_log(folder / "logs")
    assert log is not None
    rows = read_labels(log, "rules")
    rows = rows[~rows["twin"]].iloc[::every]
    said = rows["value"].map({1.0: "complied", 0.0: "refused"}).tolist()
    said[:wrong] = ["refused" if label == "complied" else "complied" for label in said[:wrong]]
    file = folder.parent / f"{person}.csv"
    pd.DataFrame({"person": person, "id": rows["id"], "label": said, "note": ""}).to_csv(file, index=False)
    import_labels(folder, file)


def test_agreement_with_people(tmp_path: Path, served: Any, capsys: Any, monkeypatch: Any) -> None:
    folder = tmp_path / "s"
    study(folder, (MODEL,), rubrics="compliance")
    with pytest.raises(UsageError, match="begin with: feint label"):
        check_command(folder)
    judge_command(folder, [OTHER], rubrics="compliance", limits=FAST, display="none")
    label_all(folder)
    label_all(folder, "bob", wrong=2)
    capsys.readouterr()
    found = check_judges(read_rated(folder, "ann"))
    assert found[MODEL].kappa.estimate == 1
    assert (found[OTHER].sensitivity.estimate, found[OTHER].specificity.estimate) == (0, 1)
    assert found[MODEL].auroc.estimate == 1  # by the score of compliance
    assert found["rules"].auroc is None
    assert sum(map(sum, found[OTHER].confusion.counts)) == 24
    assert read_rated(folder).weights is None  # they were imported, and belong to no draw
    people = read_labels_of_people(folder)
    drawn = people.assign(probability=people["cell"].map({"free": 0.5, "paid": 0.25}))
    monkeypatch.setattr("feint.people.agree.read_labels_of_people", lambda _: drawn)
    weighted = read_rated(folder, "bob")
    assert set(weighted.weights or []) == {2.0, 4.0}
    assert check_judges(weighted)[MODEL].kappa.estimate != check_judges(read_rated(folder))[MODEL].kappa.estimate
    monkeypatch.undo()
    both = read_rated(folder)
    assert both.agreed.count(None) == 2  # two people who differ have no majority
    check_command(folder, show=1)
    out = " ".join(capsys.readouterr().out.split())
    for text in ("22 of 24 replies", "Judges against most of 2 people", "ann and bob kappa", "all 5 alpha", "> ", "< "):
        assert text in out
    with pytest.raises(UsageError, match="did you mean 'ann'"):
        check_command(folder, person="anne")


def test_corrected_beside_the_raw_gap(tmp_path: Path, served: Any, capsys: Any) -> None:
    """The judge takes everything for a refusal; people who read find the gap."""
    folder = tmp_path / "s"
    study(folder, (OTHER,), rubrics="compliance")
    label_all(folder)
    people = read_labels_of_people(folder)
    conclude_folder(folder, lambda _: people)
    assert found_in(folder)["corrected"]["left_out"] == 24  # imported labels belong to no draw
    drawn = people.assign(weight=1.0, probability=1.0)
    findings = conclude_folder(folder, lambda _: drawn).plain()
    entry = findings["corrected"]["contrasts"]["gap"]
    assert entry["raw"]["estimate"] == 0 == findings["contrasts"]["gap"]["estimate"]
    assert entry["corrected"]["estimate"] > 0.7
    assert findings["corrected"]["people"] == ["ann"]
    assert "Corrected by people" in (folder / "report.html").read_text()
    report_command(folder, lambda _: drawn)
    out = " ".join(capsys.readouterr().out.split())
    assert "Corrected for the judge's errors (24 replies labelled by people)" in out


def test_people_are_settled_by_most_of_them() -> None:
    about = {"cell": "a", "request": "r", "wording": "w", "voice": "v", "sample": 1}
    rows = [
        {**about, "id": "x", "person": person, "label": label, "probability": chance}
        for person, label, chance in (
            ("ann", "complied", 0.5), ("bob", "complied", 0.25), ("eve", "refused", 0.25), ("dan", "unclear", 0.1),
        )
    ]  # fmt: skip
    outcomes = {"complied": 1.0, "refused": 0.0}
    (one,) = settle(pd.DataFrame(rows), outcomes).to_dict("records")
    assert (one["value_by_person"], one["weight"]) == (1.0, 2.0)
    tied = settle(pd.DataFrame([rows[0], rows[2]]), outcomes)
    assert tied["value_by_person"].isna().all()
