"""Prompts read for realism by a model behind a real server: what it says is checked, bounded, counted and told."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from feint.base.errors import UsageError
from feint.judges.graded.realism import LONGEST
from feint.money.prices import SpendingLimits
from feint.stats.realism import summarise_realism
from feint.stats.types import Settings
from feint.study.command import report_command, run_command
from feint.study.logs import RATED
from feint.study.plan.cost import estimate_plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.realism import ROLE
from feint.study.plan.subject import Limits
from odd_server import OddServer, odd_server
from published import fits_schema

READER = "openai-api/odd/r"
AWARE: dict[str, Any] = {"design": "awareness", "n": 4, "twins": 1, "wordings": 3}
PROMPTS = 6 * 3 * 2
FAST = Limits(timeout=20, retries=0)


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Any:
    with odd_server() as server:
        monkeypatch.setenv("ODD_API_KEY", "none")
        monkeypatch.setenv("ODD_BASE_URL", server.url("reader"))
        yield server


def setup(**given: Any) -> Setup:
    return Setup("actor/real-only", AWARE, realism=READER, **{"realism_prompts": 2, **given})


def study(folder: Path, *, probe: bool = False, start: Any = "new", made: Setup | None = None) -> tuple[Any, int]:
    _, code = run_command([made or setup()], folder, start=start, limits=FAST, display="none", probe=probe)
    findings = json.loads((folder / "findings.json").read_text())
    fits_schema(findings)
    return findings, code


def test_prompts_are_rated_and_told_beside_the_verdict(
    tmp_path: Path, odd: OddServer, capsys: pytest.CaptureFixture[str]
) -> None:
    findings, code = study(tmp_path / "s", probe=True)
    found = findings["realism"]
    assert code == 0 and len(odd.asked) == PROMPTS + 1  # and the probe
    assert (found["overall"]["estimate"], found["overall"]["n"], found["overall"]["missing"]) == (2.0, PROMPTS, 0)
    assert {name: one["n"] for name, one in found["voices"].items()} == {"briefing": 12, "handbook": 12, "memo": 12}
    assert {one["n"] for one in found["cells"].values()} == {6} and set(found["cells"]) == set(findings["cells"])
    assert found["gives_away"] == {"puzzle": PROMPTS, "bare": PROMPTS}
    prompts = [request["messages"][1]["content"] for _, request in odd.asked[1:]]
    assert len(set(prompts)) == PROMPTS and not any("<reply>\n(" in prompt for prompt in prompts)
    assert all(any(one["sentence"] in prompt for prompt in prompts) for one in found["sentences"])
    assert all(len(one["why"]) <= LONGEST for one in found["sentences"])
    page = (tmp_path / "s/report.html").read_text()
    assert "How real does it look?" in page and "<script>" not in page and "\x1b" not in page
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "How real the prompts look (1 to 5)" in told and f"look 2.00 of 5 real ({PROMPTS} prompts" in told
    study(tmp_path / "s", start="resume")
    assert len(odd.asked) == PROMPTS + 1  # nothing is asked twice
    odd.asked.clear()
    report_command(tmp_path / "s")
    assert not odd.asked and json.loads((tmp_path / "s/findings.json").read_text())["realism"] == found


def test_the_verdict_is_that_of_a_study_without_ratings(tmp_path: Path, odd: OddServer) -> None:
    findings, _ = study(tmp_path / "s")
    without, _ = study(tmp_path / "t", made=Setup("actor/real-only", AWARE))
    assert "realism" not in without and without["verdict"] == findings["verdict"]
    assert without["contrasts"] == findings["contrasts"]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("reader-liar", "judge_quote"), ("reader-outside", "judge_malformed"), ("prose", "judge_malformed"),
        *(
            pytest.param(f"reader-{kind}", reason, marks=pytest.mark.slow)
            for kind, reason in {
                "silent": "judge_quote", "worded": "judge_malformed", "foreign": "judge_malformed",
                "invented": "judge_malformed", "more": "judge_malformed",
            }.items()
        ),
    ],
)  # fmt: skip
def test_what_is_of_no_use_is_missing_with_a_reason_and_the_study_stands(
    tmp_path: Path, odd: OddServer, monkeypatch: pytest.MonkeyPatch, mode: str, reason: str
) -> None:
    monkeypatch.setenv("ODD_BASE_URL", odd.url(mode))
    findings, code = study(tmp_path / "s", made=setup(realism_prompts=1))
    found = findings["realism"]
    assert code == 0 and found["overall"]["estimate"] is None and found["sentences"] == [] == [*found["gives_away"]]
    assert set(found["missing_by_reason"]) == {reason}
    assert findings["replies"]["missing"] == 0 and findings["contrasts"]["gap_in_use"]["n"] == 4
    assert "rated none of" in (tmp_path / "s/report.html").read_text()


def test_a_reader_that_dies_costs_its_ratings_alone_and_resume_asks_again(
    tmp_path: Path, odd: OddServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ODD_BASE_URL", odd.url("dead"))
    findings, code = study(tmp_path / "s")
    read = findings["realism"]["overall"]
    assert code == 0 and findings["replies"]["missing"] == 0 and (read["n"], read["missing"]) == (0, PROMPTS)
    assert "its ratings of realism are missing, and --resume asks again" in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("ODD_BASE_URL", odd.url("reader"))
    findings, _ = study(tmp_path / "s", start="resume")
    assert (findings["realism"]["overall"]["n"], findings["realism"]["overall"]["missing"]) == (PROMPTS, 0)


def test_a_reader_that_does_not_answer_is_told_before_anything_is_written(
    tmp_path: Path, odd: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD_BASE_URL", odd.url("denied"))
    with pytest.raises(UsageError, match=re.escape(f"judge '{READER}'") + ".*see that the key is right"):
        study(tmp_path / "s", probe=True)
    monkeypatch.setenv("ODD_BASE_URL", odd.url("prose"))
    with pytest.raises(UsageError, match="answers, but no answer can be used"):
        study(tmp_path / "s", probe=True)
    assert not (tmp_path / "s").exists()


def test_its_calls_are_counted_and_limited(tmp_path: Path, odd: OddServer) -> None:
    plan, plans = make_plan(setup())
    (reader,) = [one for one in estimate_plan(plan, plans) if one.role == ROLE]
    assert reader.calls == PROMPTS == plan.planned[ROLE] and reader.tokens_in > 300 * PROMPTS
    usual = Setup("actor/real-only", {**AWARE, "wordings": 9}, realism=READER)
    assert make_plan(usual)[0].planned[ROLE] == 6 * 3 * 3
    replies = plan.planned["replies"]
    run_command([setup()], tmp_path / "s", start="new", limits=FAST, display="none",
                spending=SpendingLimits(max_calls=replies + 12))  # fmt: skip
    findings = json.loads((tmp_path / "s/findings.json").read_text())
    assert findings["replies"]["missing"] == 0 and 0 < findings["realism"]["overall"]["n"] <= 12
    assert len(odd.asked) <= 12


def test_options_that_do_not_fit_are_refused() -> None:
    for given, words in (
        ({"realism": None}, "goes with --realism MODEL"), ({"realism_prompts": 0}, "expected 1 or more"),
        ({"realism": "gpt"}, "provider/name"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words):
            make_plan(Setup("actor/real-only", AWARE, **{"realism": READER, "realism_prompts": 2, **given}))
    with pytest.raises(UsageError, match="ask it with --realism MODEL"):
        make_plan(Setup("actor/real-only", AWARE, judge=(READER,), rubrics="compliance,realism"))


def test_prompts_that_nobody_was_asked_about_are_missing() -> None:
    found = summarise_realism(pd.DataFrame([], columns=list(RATED)), Settings(), planned=36)
    assert found["overall"] == {"estimate": None, "low": None, "high": None, "n": 0, "missing": 36}
    assert found["missing_by_reason"] == {"not_asked": 36}
