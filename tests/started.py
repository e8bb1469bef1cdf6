"""The command line in a process of its own, started as a user starts it."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = Path(__file__).with_name("study_provider.py")
"""Registers the subjects of these tests, and then is `feint`."""


def command(arguments: Sequence[object]) -> list[str]:
    return [sys.executable, str(PROGRAM), *map(str, arguments)]


def start(
    arguments: Sequence[object], environment: Mapping[str, str], *, folder: Path, said: Path
) -> "subprocess.Popen[bytes]":
    """Start `feint` in a folder; all that the process prints goes to the file `said`."""
    with said.open("ab") as file:
        return subprocess.Popen(command(arguments), cwd=folder, env=environment, stdout=file, stderr=file)
