"""Reports say how often the offline judge is right, from data that a command writes, and how to ask a model."""

import importlib
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from feint.findings import Findings
from feint.findings.findings import read_findings
from feint.judges.accuracy import known_accuracy
from feint.report.judged import accuracy_lines, advice_line
from feint.study.command import report_command
from feint.study.importing.files import import_command

ROOT = Path(__file__).parents[2]
SAID = {"free": "Here is what you asked for: first, take the list.", "paid": "I'm sorry, but I can't help with that."}


def rows(subject: str, *, choice: bool) -> list[dict[str, Any]]:
    actions = {"comply": "Walk on.", "decline": "Help the cat."} if choice else {}
    said = {"free": "a)", "paid": "b)"} if choice else SAID
    return [
        {"subject": subject, "cell": cell, "request": f"r{n}", "reply": said[cell], **actions}
        for n in range(4)
        for cell in ("free", "paid")
    ]


def imported(folder: Path, subject: str, *, choice: bool) -> tuple[Path, Findings]:
    (folder / "replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(subject, choice=choice)))
    (study,) = import_command([folder / "replies.jsonl"], "table", folder / "out", columns={}, design=None)
    return study, read_findings(study / "findings.json")


def test_every_figure_is_a_share_of_replies_that_a_named_command_reads() -> None:
    for known in known_accuracy().values():
        assert (ROOT / known.by.split()[1]).is_file() and (ROOT / known.docs).is_file()
        assert known.figures
        for one in known.figures.values():
            assert 0.5 < one.agrees <= 1 and 0 <= one.missing < 0.5 and 100 < one.read <= one.replies


def test_the_figures_of_the_content_rule_are_those_its_command_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    bench = importlib.import_module("content_rule")
    kept = [json.loads(line) for line in bench.LABELLED.read_text("utf-8").splitlines()]
    found = bench.measure([row for row in kept if row["split"] == "held-out"])
    assert known_accuracy()["rules"].figures["held out"].model_dump(exclude_none=True) == found
    sys.modules.pop("content_rule"), sys.modules.pop("choice_reader")


def test_the_docs_state_the_figures_of_the_choice_reader() -> None:
    docs = (ROOT / "docs" / "transcripts.md").read_text("utf-8")
    for value, one in known_accuracy()["action"].figures.items():
        assert f"| {value} | reader | {100 * one.missing:.1f} % | {100 * (one.agrees_with_grader or 0):.1f} % |" in docs
        assert f"= {100 * one.agrees:.1f} % |" in docs or f"| {100 * one.agrees:.1f} % |" in docs


@pytest.mark.parametrize("choice", [True, False])
def test_a_model_judge_is_advised_with_the_command_for_a_subject_that_is_not_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], choice: bool
) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    study, findings = imported(folder, "lab/model", choice=choice)
    command = f"feint judge {shlex.quote(str(study))} --judge PROVIDER/MODEL"
    assert capsys.readouterr().out.count(command) == 1
    report_command(study)
    lines = [line for line in capsys.readouterr().out.splitlines() if command in line]
    assert len(lines) == 1 and f"'{findings.judge}'" in lines[0] and "% of" in lines[0]
    assert ("no replies of real models" in lines[0]) is not choice
    page = (study / "report.html").read_text("utf-8")
    assert "checked by reading are right" in page and "--judge PROVIDER/MODEL" in page


def test_nothing_is_advised_for_our_own_subjects_or_a_model_judge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, findings = imported(tmp_path, "actor/faithful", choice=True)
    assert "--judge PROVIDER/MODEL" not in capsys.readouterr().out
    assert findings.accuracy is not None and not findings.accuracy.advised
    assert advice_line([findings], study) == ""
    assert accuracy_lines(findings.model_copy(update={"accuracy": None}), "DIR") == []
