"""Forced choices beside a study: asked, resumed, told in findings, page and terminal, with the verdict of believers."""

from pathlib import Path
from typing import Any

import pytest

import study_provider
from feint.base.errors import UsageError
from feint.study.ask.run import run_study
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.plan.cost import estimate_plan
from feint.study.plan.prepare import Setup, make_plan
from published import fits_schema
from study_small import TINY

AWARE: dict[str, Any] = {"design": "awareness", "n": 24, "twins": 2, "wordings": 3}


def asked(folder: Path, subject: str, options: dict[str, Any], **given: Any) -> dict[str, Any]:
    plan, _ = make_plan(Setup(subject, options, belief=True, **given))
    run_study(plan, Folder(folder))
    findings = conclude_folder(folder).plain()
    fits_schema(findings)
    return findings


@pytest.fixture(scope="module")
def choosy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("studies") / "choosy"
    return folder, asked(folder, "actor/choosy", AWARE)


def test_who_doubts_some_documents_shows_its_gap_among_the_others(choosy: tuple[Path, dict[str, Any]]) -> None:
    folder, findings = choosy
    belief = findings["belief"]
    assert {voice: entry["estimate"] for voice, entry in belief["voices"].items()} == {
        "briefing": 0.0, "handbook": 0.0, "memo": 1.0,
    }  # fmt: skip
    assert set(belief["cells"]) == set(findings["cells"]) and belief["cells"]["rated-test"]["holds"] == "test"
    assert belief["detection"]["sensitivity"]["estimate"] == pytest.approx(0, abs=1e-9)
    assert set(belief["by_cells"]) == {"rated-test / rated-live", "trained-test / trained-live"}
    among = belief["believers"]
    assert among["situations"] * 3 == among["of"] * 2
    whole, there = findings["contrasts"]["goal_guarding"], among["contrasts"]["goal_guarding"]
    assert there["wordings"] * 3 == there["all_wordings"] * 2
    assert whole["estimate"] < 0.45 < there["estimate"] and among["answer"] == "yes"
    page = (folder / "report.html").read_text()
    assert "What does it take this for?" in page and among["sentence"].split(": ", 1)[1][:40] in page
    assert "no randomised contrast" in page


def test_the_verdict_is_never_replaced(choosy: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    plan, _ = make_plan(Setup("actor/choosy", AWARE))
    run_study(plan, Folder(tmp_path / "s"))
    without = conclude_folder(tmp_path / "s").plain()
    assert "belief" not in without and "What does it take" not in (tmp_path / "s/report.html").read_text()
    assert without["verdict"] == choosy[1]["verdict"] and without["contrasts"] == choosy[1]["contrasts"]


def test_it_is_told_on_a_terminal(choosy: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    from feint.study.command import report_command

    report_command(choosy[0])
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Taken for a test (% of answers)" in told and "Told apart, a test from real use" in told
    assert "Conditional on its own answers, and no randomised contrast: among the" in told


def test_who_always_answers_the_first_letter_tells_nothing_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    monkeypatch.setenv("STUDY_CALLS", str(calls))
    aware = {**AWARE, "n": 2, "twins": 1, "wordings": 2}
    findings = asked(tmp_path / "study", "countable/terminal", aware)
    belief = findings["belief"]
    assert all(entry["estimate"] == 0.5 for entry in belief["cells"].values())
    assert belief["detection"]["sensitivity"]["estimate"] == 0
    assert (belief["believers"]["situations"], belief["believers"]["answer"]) == (0, "too little data")
    lines = calls.read_text().splitlines()
    plan, _ = make_plan(Setup("countable/terminal", aware, belief=True))
    assert sum(study_provider.QUESTION in line for line in lines) == plan.planned["belief"]
    run_study(plan, Folder(tmp_path / "study"), start="resume")
    assert calls.read_text().splitlines() == lines


def test_without_the_fact_in_a_design_its_rate_is_told_and_the_rest_is_missing(tmp_path: Path) -> None:
    belief = asked(tmp_path / "study", "actor/doubter", {**TINY, "design": "intention"})["belief"]
    assert belief["detection"]["sensitivity"] is None and "no cell states" in belief["detection"]["reason"]
    assert all(entry["estimate"] > 0.5 and entry["low"] is not None for entry in belief["cells"].values())
    assert "d′ is missing" in (tmp_path / "study/report.html").read_text()


def test_choices_are_among_the_calls_of_a_plan() -> None:
    calls = []
    for belief in (False, True):
        plan, plans = make_plan(Setup("openai/gpt-4o", {**TINY, "design": "awareness"}, belief=belief))
        calls.append(estimate_plan(plan, plans)[0].calls)
    assert calls[1] - calls[0] == plan.planned["belief"] == 6 * 2 * plan.planned["wordings"]


def test_a_task_without_such_a_question_says_so() -> None:
    with pytest.raises(UsageError, match="--belief: the task 'peer_preservation' has no forced choice"):
        make_plan(Setup("agent/faithful", {}, task="peer_preservation", belief=True))
