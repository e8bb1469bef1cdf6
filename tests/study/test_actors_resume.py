"""A study of an actor that is killed, then interrupted, then finished: no reply is asked twice, and none differs."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feint.study.ask.run import run_study
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.plan.prepare import Setup, make_plan
from study_small import SMALL, SMALL_OPTIONS, SMALL_REPLIES

SUBJECT = "actor/lost-refusals?rate=0.3&difficulty=1&population=2&malformed_refusing=0.1"  # some replies break off


def asked(calls: Path) -> Counter[str]:
    return Counter(calls.read_text().splitlines())


@pytest.mark.slow
def test_killed_interrupted_and_resumed(tmp_path: Path, study_calls: Path, study_feint: Callable[..., Any]) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    plan, _ = make_plan(Setup(SUBJECT, SMALL))
    run_study(plan, Folder(whole))
    findings = conclude_folder(whole).plain()
    assert findings["replies"]["missing_by_reason"]["truncated"] > 0
    assert 0 < findings["cells"]["rated"]["compliance"]["estimate"] < 1

    command, calls = ("study", SUBJECT, *SMALL_OPTIONS, "--out", folder), {"STUDY_CALLS": str(study_calls)}
    killed = study_feint(*command, **calls, STUDY_DIES="70")
    assert killed.returncode == -9, killed.stderr
    assert sum(asked(study_calls).values()) == 70
    assert not (folder / "findings.json").exists()

    stopped = study_feint(*command, "--resume", **calls, STUDY_DIES="60", STUDY_SIGNAL="SIGINT")
    assert stopped.returncode == 130
    assert stopped.stderr == f"feint: stopped; {folder} goes on where it was with --resume\n"
    assert 70 + 60 <= len(asked(study_calls)) < SMALL_REPLIES

    resumed = study_feint(*command, "--resume", **calls)
    assert resumed.returncode == 0, resumed.stderr
    assert len(asked(study_calls)) == SMALL_REPLIES
    assert set(asked(study_calls).values()) == {1}
    assert (folder / "findings.json").read_text() == (whole / "findings.json").read_text()
