"""Fixtures that several rooms' tests share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from feint.cli import main
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


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def feint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process, run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["feint", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            main()
            sys.exit(0)
        code = exit_.value.code
        return Ran(code if isinstance(code, int) else 0 if code is None else 1, *capsys.readouterr())

    return run
