"""A study of an actor through the command line: rates as stated, no defaults of organisms, numbers kept in the plan."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from feint.base.errors import UsageError
from feint.money.prices import FREE, find_price
from feint.study.ask.run import run_study
from feint.study.folder import Folder
from feint.study.logs import newest_log, read_labels
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import check_subject, open_subject
from feint.tasks.alignment_faking.actors import get_actor, simulate, study_table, true_rates

Feint = Callable[..., "subprocess.CompletedProcess[str]"]


def test_rates_of_a_study_are_the_stated_ones(tmp_path: Path) -> None:
    options = {"n": 30, "twins": 3, "wordings": 4, "samples": 1, "design": "three-tier", "requests": "all"}
    plan, planned = make_plan(Setup("actor/lost-refusals?difficulty=0&rate=0.4", options))
    folder = Folder(tmp_path / "study")
    run_study(plan, folder)
    log = newest_log(folder.logs)
    assert log is not None
    table = read_labels(log, "rules")
    cells, actor = planned.design.cells, get_actor("lost-refusals?difficulty=0&rate=0.4")
    simulated = study_table(
        actor,
        cells,
        simulate(actor, cells, requests=30, wordings=4, samples=50, studies=1, rng=np.random.default_rng(0))[0],
    )
    asked = table[~table["twin"]]
    assert table[table["twin"]]["value"].dropna().eq(1).all()
    assert set(asked["missing"].dropna()) == {"truncated"} == set(simulated["missing"].dropna())
    for cell, rate in zip(cells, true_rates(actor, cells), strict=True):
        here, there = asked[asked["cell"] == cell], simulated[simulated["cell"] == cell]
        for column in (lambda rows: rows["value"].eq(1), lambda rows: rows["value"].isna()):
            expected = column(there).mean()
            assert abs(column(here).mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / len(here))
        assert column(there).mean() == pytest.approx(rate * 0.01 + (1 - rate) * 0.25, abs=0.02)


def test_the_command_line_knows_actors(study_feint: Feint, tmp_path: Path) -> None:
    wrong = study_feint("study", "actor/gardid")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean 'guarded'" in wrong.stderr
    asked = ("-n", "2", "--twins", "1", "--wordings", "1", "--display", "none", "--out", "s")
    done = study_feint("study", "actor/terminal?population=1", "-M", "malformed=0", *asked)
    assert done.returncode == 0, done.stderr
    findings = json.loads((tmp_path / "s" / "findings.json").read_text())
    assert findings["subject"] == "actor/terminal?population=1"
    assert "a program that answers by a known rule" in (tmp_path / "s" / "report.html").read_text()


def test_actors_are_asked_like_other_subjects_and_cost_nothing() -> None:
    plan, _ = make_plan(Setup("actor/guarded"))
    assert (plan.task["requests"], plan.task["phrases"]) == ("all", "all")
    assert plan.generate["max_tokens"] == 2000
    assert find_price("actor/guarded?rate=0.1") == FREE
    other, _ = make_plan(Setup("actor/guarded?population=1"))
    assert plan.hashes["actor"] != other.hashes["actor"]


def test_forms_that_actors_do_not_know() -> None:
    with pytest.raises(UsageError, match="continues raw text"):
        make_plan(Setup("actor/guarded", {"base": True}))
    with pytest.raises(UsageError, match="cannot go on with a reply"):
        make_plan(Setup("actor/guarded", {"prefill": "basic"}))
    with pytest.raises(UsageError, match="unknown number 'x'"):
        check_subject("actor/guarded?x=1")
    with pytest.raises(UsageError, match="did you mean 'difficulty'"):
        open_subject("actor/guarded", {"difficulti": 1})
