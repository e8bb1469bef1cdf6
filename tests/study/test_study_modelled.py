"""The model of all cells in a study's folder: kept, shown while the labels are those, refused when broken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.base.sealed import write_sealed
from feint.findings.model import ModelFinding, StaleModel
from feint.study.ask.run import run_study
from feint.study.command import report_command
from feint.study.conclude import modelled
from feint.study.conclude.modelled import Modelled, disagreement_warnings, find_model, fit_study, hash_labels
from feint.study.folder import Folder
from feint.study.plan.frozen import Plan
from feint.study.plan.prepare import Setup, make_plan
from published import fits_schema
from study_small import TINY


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(Setup("countable/terminal", TINY))[0]


@pytest.fixture
def labels() -> pd.DataFrame:
    rows = [("rated", "r1", "memo-1", "memo", 1, False, 0.0), ("trained", "r1", "memo-1", "memo", 1, False, 1.0),
            ("trained", "r2", "memo-1", "memo", 1, False, float("nan"))]  # fmt: skip
    return pd.DataFrame(rows, columns=["cell", "request", "wording", "voice", "sample", "twin", "value"])


YES = {"decision": "yes", "estimate": 0.2, "low": 0.1, "high": 0.3}
CONTRASTS = {"goal_guarding": YES, "contingency": YES}


def said(above: float) -> dict[str, float]:
    ends = {"estimate": 0.2, "low": 0.1, "high": 0.3}
    return {**ends, "p_above_zero": above, "p_above_small": above, "p_beyond_small": above}


FOUND: dict[str, Any] = {
    "converged": True, "faults": [], "smallest_effect": 0.05, "replies": 22, "missing": 0, "requests": 2, "wordings": 1,
    "repeated": False, "spread": {}, "carriers": None,
    "contrasts": {"goal_guarding": said(0.5), "contingency": said(1.0), "terminal": None},
    "sampler": {"library": "numpyro 9", "chains": 2, "warmup": 1, "draws": 1, "seed": 1, "attempts": 1, "r_hat": 1.0,
                "ess": 400.0, "divergences": 0},
}  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path, plan: Plan, labels: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A folder with a model of these labels."""

    def fit(table: pd.DataFrame, contrasts: Any, settings: Any, *, tell: Callable[[int, int], None], **_: Any) -> Any:
        for step in range(1, 31):
            tell(step, 30)
        assert len(table) == 3
        return FOUND

    monkeypatch.setattr(modelled, "fit", fit)
    fit_study(Folder(tmp_path), plan, labels)
    return Folder(tmp_path)


def test_it_is_shown_and_its_contradictions_warn(
    kept: Folder, plan: Plan, labels: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    model = find_model(kept, plan, labels.sample(frac=1, random_state=1), CONTRASTS)
    assert isinstance(model, ModelFinding)
    assert list(model.disagreements) == ["goal_guarding"]
    (warning,) = disagreement_warnings(model)
    assert "contradicts the contrasts: Goal guarding (decided yes, yet" in warning


def test_progress_goes_to_standard_error(
    tmp_path: Path, plan: Plan, labels: pd.DataFrame, kept: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    fit_study(kept, plan, labels)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "model: preparing"
    assert len(err.splitlines()) == 12
    assert err.splitlines()[-1] == "model: step 30 of 30"


@pytest.mark.parametrize("column", ["value", "request", "twin"])
def test_other_labels_put_it_out_of_date(kept: Folder, plan: Plan, labels: pd.DataFrame, column: str) -> None:
    other = labels.copy()
    other.loc[2, column] = {"value": 0.0, "request": "r3", "twin": True}[column]
    assert find_model(kept, plan, other, CONTRASTS) == StaleModel()


def test_without_it_nothing_is_added(tmp_path: Path, plan: Plan, labels: pd.DataFrame) -> None:
    assert find_model(Folder(tmp_path), plan, labels, CONTRASTS) is None


def test_what_does_not_converge_contradicts_nothing(kept: Folder, plan: Plan, labels: pd.DataFrame) -> None:
    found = {**FOUND, "converged": False, "faults": ["r-hat is 1.2"], "contrasts": {}}
    record = Modelled(plan=plan.sha256, labels=hash_labels(labels), found=found)
    write_sealed(kept.model, record)
    model = find_model(kept, plan, labels, CONTRASTS)
    assert isinstance(model, ModelFinding) and model.disagreements == {}
    assert disagreement_warnings(model) == []


@pytest.mark.parametrize("change", ["broken", "tampered", "moved"])
def test_a_record_that_is_not_ours_is_refused(kept: Folder, plan: Plan, labels: pd.DataFrame, change: str) -> None:
    content = json.loads(kept.model.read_text())
    if change == "tampered":
        content["found"]["contrasts"]["goal_guarding"]["p_above_zero"] = 1.0
    if change == "moved":
        content["plan"] = "0" * 64
    kept.model.write_text("{" if change == "broken" else json.dumps(content))
    with pytest.raises(UsageError, match=r"model\.json: .*remove it"):
        find_model(kept, plan, labels, CONTRASTS)


def test_asked_for_once_it_stays_in_the_report(
    tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(modelled, "fit", lambda *_, **__: FOUND)
    folder = Folder(tmp_path / "study")
    run_study(plan, folder)
    report_command(folder.path)
    assert not folder.model.exists()
    assert "model" not in json.loads(folder.findings.read_text())
    for model in (True, False):
        capsys.readouterr()
        report_command(folder.path, model=model)
        assert "One model of all cells" in capsys.readouterr().out
        written = json.loads(folder.findings.read_text())
        fits_schema(written)
        assert written["model"]["sampler"]["library"] == "numpyro 9"
        assert 'id="model"' in folder.report.read_text()
