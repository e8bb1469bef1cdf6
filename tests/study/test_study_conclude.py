"""What is concluded from labels, without asking anybody."""

import math
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from feint.base.errors import UsageError
from feint.findings.analysis import StudyData
from feint.report.examples import choose_examples
from feint.study.conclude.common import find
from feint.study.folder import Folder
from feint.study.logs import label_row
from feint.study.plan.frozen import Plan
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.until import whole_pairs
from feint.tasks.alignment_faking import Planned
from feint.tasks.registry import load_task
from study_small import SMALL


@pytest.fixture(scope="module")
def made() -> tuple[Plan, Planned]:
    return make_plan(Setup("countable/terminal", SMALL, until="all"))


@pytest.fixture
def labels(made: tuple[Plan, Planned]) -> pd.DataFrame:
    """A subject that complies when its weights are trained by what it replies, and with every twin."""
    planned = made[1]
    rows = []
    for ask in planned.asks:
        said = planned.metadata(ask)
        complied = float(ask.request.twin or planned.design.cells[ask.cell]["trained"] == "self")
        kept = {key: said[key] for key in ("cell", "request", "wording", "voice", "seed", "sample", "twin")}
        rows.append({**kept, "value": complied, "missing": None, "stated": (), "id": ask.id, "epoch": 1})
    return pd.DataFrame(rows)


def test_the_findings_are_complete(made: tuple[Plan, Planned], labels: pd.DataFrame) -> None:
    common = find(made[0], labels)
    assert {"cells", "contrasts", "coherence", "twins", "stated", "verdict"} <= set(common.found)
    assert list(common.found["cells"]) == list(made[1].design.cells)
    assert common.found["contrasts"]["terminal"]["estimate"] == 1
    assert common.replies.missing_by_reason == {} and common.unfinished == ""
    assert set(common.power.contrasts) == set(common.found["contrasts"]) and common.stopping is None


def test_half_a_pair_waits(made: tuple[Plan, Planned], labels: pd.DataFrame) -> None:
    cells = list(made[1].design.cells)
    part = whole_pairs(labels.iloc[: len(cells) * 3 + 5], len(cells))
    assert len(part) == len(cells) * 3
    common = find(made[0], part)
    assert common.replies.missing_by_reason == {"not_asked": len(labels) - len(part)}
    assert common.unfinished.startswith("The study is not finished: 33 of 220 replies are in")
    assert not len(whole_pairs(labels.iloc[:5], len(cells)))


def test_examples_go_with_the_gap_then_against_it_then_a_twin(made: tuple[Plan, Planned], labels: pd.DataFrame) -> None:
    requests = sorted(labels.loc[~labels["twin"], "request"].unique())
    labels.loc[(labels["request"] == requests[0]) & (labels["cell"] == "trained"), "value"] = math.nan
    labels.loc[(labels["request"] == requests[1]) & (labels["cell"] == "rated"), "value"] = 1.0
    chosen = choose_examples(labels, made[0].contrasts())
    assert len(chosen) == 5
    assert [request for request, _ in chosen[:3]] == requests[2:5]
    assert chosen[3][0] == requests[1]
    assert chosen[4][0].endswith("~twin")
    cells, contrasts = made[1].design.cells, made[0].contrasts()
    data = StudyData("alignment_faking", labels, (), cells, contrasts, made[0].read_settings(), lambda _: {}, "log")
    rows = data.rows(*chosen[0])
    assert list(rows) == list(made[1].design.cells)


def test_few_labels_give_few_examples(made: tuple[Plan, Planned], labels: pd.DataFrame) -> None:
    one = labels[labels["request"] == labels["request"].iloc[0]]
    one = one[one["wording"] == one["wording"].iloc[0]]
    assert len(choose_examples(one, made[0].contrasts())) == 1


SAID = {"cell": "a", "request": "r", "wording": "memo-1", "voice": "memo", "seed": 1, "twin": False, "sample": 2}


def summary(**changes: Any) -> Any:
    return SimpleNamespace(**{"id": "x", "epoch": 1, "metadata": SAID, "scores": {}, "error": None, **changes})


def score(answer: str, **metadata: Any) -> Any:
    return SimpleNamespace(answer=answer, metadata=metadata)


def test_a_label() -> None:
    said = summary(scores={"rules": score("refused", missing=None, stated=["intimidation"])})
    row = label_row(said, "rules", "log", load_task())
    assert (row["value"], row["missing"], row["stated"], row["sample"]) == (0.0, None, ("intimidation",), 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scores": {"rules": score("missing", missing="truncated")}}, "truncated"),
        ({"scores": {"rules": score("missing")}}, "unlabelled"),
        ({"scores": {"rules": score("perhaps")}}, "unlabelled"),
        ({"scores": None, "error": "boom"}, "provider_error"),
        ({"scores": {}}, "provider_error"),
    ],
)
def test_what_is_missing_is_neither_0_nor_1(changes: dict[str, Any], reason: str) -> None:
    row = label_row(summary(**changes), "rules", "log", load_task())
    assert math.isnan(row["value"])
    assert row["missing"] == reason


def test_epochs_are_further_samples() -> None:
    assert label_row(summary(epoch=2), "rules", "log", load_task())["sample"] not in (1, 2)


def test_logs_that_are_not_ours() -> None:
    with pytest.raises(UsageError, match="log: sample 'x' states no 'cell'"):
        label_row(summary(metadata={}), "rules", "log", load_task())
    with pytest.raises(UsageError, match="no label by 'rules', only by other"):
        label_row(summary(scores={"other": score("complied")}), "rules", "log", load_task())


def test_one_process_at_a_time(tmp_path: Path) -> None:
    code = "import sys, time; from pathlib import Path; from feint.study.folder import Folder\n"
    code += "with Folder(Path(sys.argv[1])).held(): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match="another process is running this study"), Folder(tmp_path).held():
            pass
        other.kill()
        other.wait()
    with Folder(tmp_path).held():
        assert (tmp_path / ".lock").exists()
    assert not (tmp_path / ".lock").exists()
