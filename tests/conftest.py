"""Fixtures that several rooms' tests share."""

import gc
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import spared  # before all else  # noqa: F401
from forked import start

Feint = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_collection_finish() -> None:
    """Let the garbage collector look seldom, and not at what is there already: it took up to a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@pytest.fixture
def study_feint(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Feint:
    """The command line in a process of its own, with the subjects of `study_provider`."""

    def feint(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        said = tmp_path_factory.mktemp("said")
        out, err = said / "out", said / "err"
        settings = {**os.environ, "COLUMNS": "100", **environment}
        process = start(list(map(str, arguments)), settings, folder=tmp_path, out=out, err=err)
        process.join(600)
        if process.is_alive():
            process.kill()
            raise TimeoutError(f"feint {arguments}: not done after 600 seconds")
        assert process.exitcode is not None
        return subprocess.CompletedProcess(arguments, process.exitcode, out.read_text(), err.read_text())

    return feint


@pytest.fixture
def study_calls(tmp_path: Path) -> Path:
    """Where `study_provider` counts its calls."""
    return tmp_path / "calls.jsonl"
