"""The command line in this process, for every file of this folder."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from feint.cli import main


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def feint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, run in an empty folder."""
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
