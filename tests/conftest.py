"""Fixtures that several rooms' tests share."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from started import command

Feint = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def study_feint(tmp_path: Path) -> Feint:
    """The command line in a process of its own, with the subjects of `study_provider`."""

    def feint(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        settings = {**os.environ, "COLUMNS": "100", **environment}
        return subprocess.run(
            command(arguments), cwd=tmp_path, env=settings, capture_output=True, text=True, timeout=600
        )

    return feint


@pytest.fixture
def study_calls(tmp_path: Path) -> Path:
    """Where `study_provider` counts its calls."""
    return tmp_path / "calls.jsonl"
