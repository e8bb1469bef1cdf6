"""Fixtures that several rooms' tests share."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Feint = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_collection_finish() -> None:
    """Let the garbage collector look seldom, and not at what is there already: it took up to a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@pytest.fixture
def study_feint(tmp_path: Path) -> Feint:
    """The command line in a process of its own, with the subjects of `study_provider`."""

    def feint(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        script = Path(__file__).with_name("study_provider.py")
        return subprocess.run(
            [sys.executable, str(script), *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "COLUMNS": "100", **environment},
        )

    return feint


@pytest.fixture
def study_calls(tmp_path: Path) -> Path:
    """Where `study_provider` counts its calls."""
    return tmp_path / "calls.jsonl"
