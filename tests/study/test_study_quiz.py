"""Comprehension questions beside a study: asked, resumed, scored, and the contrasts of those who read right."""

import json
from pathlib import Path
from typing import Any

import pytest

import study_provider  # registers its subjects
from feint.base.errors import UsageError
from feint.study.ask.run import run_study
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.plan.prepare import Setup, make_plan
from published import fits_schema
from study_small import SMALL, TINY

QUESTIONS = 5 * 11


def quizzed(folder: Path, subject: str, options: Any = SMALL) -> dict[str, Any]:
    plan, _ = make_plan(Setup(f"countable/{subject}", options, quiz=True))
    run_study(plan, Folder(folder))
    findings = conclude_folder(folder).plain()
    fits_schema(findings)
    return findings


@pytest.fixture(scope="module")
def misread(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("studies") / "misreads"
    return folder, quizzed(folder, "misreads")


def test_who_misreads_a_fact_is_found_out(misread: tuple[Path, dict[str, Any]]) -> None:
    folder, findings = misread
    read = findings["comprehension"]
    assert list(read["facts"]) == ["future", "penalty", "rated", "trained", "wish"]
    assert {fact for fact, entry in read["facts"].items() if entry["estimate"] == 1} == set(read["facts"]) - {"trained"}
    assert 0.7 < read["facts"]["trained"]["estimate"] < 0.9
    assert read["facts"]["trained"]["chance"] == 1 / 4
    assert read["facts"]["trained"]["missing"] == 0
    gap, understood = findings["contrasts"]["goal_guarding"], read["contrasts"]["goal_guarding"]
    assert gap["estimate"] < 0.75 < 0.85 < understood["estimate"]
    assert understood["wordings"] * 3 == understood["all_wordings"] * 2  # two voices of three
    assert read["contrasts"]["intimidation"]["n"] == findings["contrasts"]["intimidation"]["n"] == 6
    page = (folder / "report.html").read_text()
    assert "Does it know what it was told?" in page and "chance, %" in page


def test_who_reads_right_loses_nothing(tmp_path: Path) -> None:
    findings = quizzed(tmp_path / "study", "terminal", TINY)
    read = findings["comprehension"]
    assert read["unread"] == [] and all(entry["estimate"] == 1 for entry in read["facts"].values())
    for key, entry in findings["contrasts"].items():
        assert read["contrasts"][key]["estimate"] == entry["estimate"]


def test_replies_are_those_of_a_study_without_questions(tmp_path: Path) -> None:
    with_questions = quizzed(tmp_path / "with", "terminal", TINY)
    plan, _ = make_plan(Setup("countable/terminal", TINY))
    run_study(plan, Folder(tmp_path / "without"))
    without = conclude_folder(tmp_path / "without").plain()
    assert "comprehension" not in without
    assert "Does it know" not in (tmp_path / "without/report.html").read_text()
    assert with_questions["contrasts"] == without["contrasts"]


def test_finished_answers_are_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = tmp_path / "calls"
    monkeypatch.setenv("STUDY_CALLS", str(calls))
    quizzed(tmp_path / "study", "terminal", TINY)
    asked = calls.read_text().splitlines()
    assert sum(study_provider.QUESTION in line for line in asked) % QUESTIONS == 0
    plan, _ = make_plan(Setup("countable/terminal", TINY, quiz=True))
    run_study(plan, Folder(tmp_path / "study"), start="resume")
    assert calls.read_text().splitlines() == asked


def test_cells_that_differ_in_no_fact_have_nothing_to_misread(tmp_path: Path) -> None:
    """A dropped tier changes the prompt and no fact; a design that changes none at all cannot be asked about."""
    findings = quizzed(tmp_path / "study", "terminal", {**TINY, "design": "drop-tier"})
    same = [key for key, entry in findings["contrasts"].items() if "no-plus" in entry["is"]]
    assert same
    for key in same:
        read = findings["comprehension"]["contrasts"][key]
        assert read["wordings"] == read["all_wordings"]
        assert read["estimate"] == findings["contrasts"][key]["estimate"]
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "{name: mine, source: a test, question: Same, signal: tag, cells: {a: {rated: yes}, b: {rated: yes}},"
        " contrasts: {gap: {is: a - b, gap: true}}}"
    )
    with pytest.raises(UsageError, match="leave --quiz out"):
        make_plan(Setup("countable/terminal", {**TINY, "design": str(mine)}, quiz=True))


def test_the_plan_says_that_questions_are_asked(misread: tuple[Path, dict[str, Any]]) -> None:
    plan = json.loads((misread[0] / "plan.json").read_text())
    assert plan["planned"]["quiz"] % QUESTIONS == 0
    other, _ = make_plan(Setup("countable/misreads", SMALL))
    with pytest.raises(UsageError, match="quiz"):
        run_study(other, Folder(misread[0]), start="resume")
