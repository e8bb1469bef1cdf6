"""A finished study whose subject complies and refuses by a rule and writes scripts into its replies."""

import shutil
from pathlib import Path

import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.people.label.replies import FinishedStudy, open_study
from feint.study.ask.run import run_study
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.plan.prepare import Setup, make_plan
from study_small import SMALL


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "three-secret-cells"
    plan, _ = make_plan(Setup("countable/shouting", {**SMALL, "n": 4, "design": "three-tier"}))
    run_study(plan, Folder(folder))
    conclude_folder(folder)
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy, to label in."""
    return Path(shutil.copytree(finished, tmp_path / finished.name))


@pytest.fixture
def study(folder: Path) -> FinishedStudy:
    return open_study(folder)
