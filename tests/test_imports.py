"""The rooms import one way (ARCHITECTURE.md). A room that imports upward fails here by name."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import feint

PACKAGE = Path(feint.__file__).parent
LEVELS = {
    "cli": 4,
    "_registry": 2.5,  # names what Inspect finds; the study imports it where no entry point is installed
    "calibrating": 3.4,
    "calibration": 3.1,
    "labelling": 3.2,
    "study": 3, "comparing": 3,
    "acting": 2.7,
    "tasks": 2, "judges": 2, "subjects": 2, "report": 2, "transcripts": 2,
    "designs": 1,
    "hierarchical": 0.5,
    "world": 0.2,
    "situations": 0, "inference": 0,
}  # fmt: skip
COMMON = {"errors", "version"}
SIBLINGS = {("tasks", "judges"), ("transcripts", "judges")}
"""Imports between rooms of one level that are meant: a task is scored by a judge."""


def imports_of(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in found if name.startswith("feint.")}


def wrong(room: str, imported: set[str]) -> set[str]:
    rooms = {name for name in imported & set(LEVELS) if name != room}
    return {
        name
        for name in rooms
        if LEVELS[name] > LEVELS[room] or (LEVELS[name] == LEVELS[room] and (room, name) not in SIBLINGS)
    }


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_runs_upward(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room in COMMON | {"__init__"}:
        assert not imports_of(path.read_text()) - COMMON - {"__version__"}
        return
    assert room in LEVELS, f"room '{room}' has no level: add it here and to ARCHITECTURE.md"
    assert wrong(room, imports_of(path.read_text())) == set()


def test_the_check_can_fail() -> None:
    assert wrong("situations", imports_of("from feint.designs import load_design")) == {"designs"}
    assert wrong("inference", imports_of("import feint.study")) == {"study"}
    assert wrong("report", imports_of("from feint import judges")) == {"judges"}


def test_import_is_light() -> None:
    code = (
        "import sys, feint, feint.cli; print(*sorted({'torch','transformers','peft','matplotlib','inspect_ai',"
        "'scipy','pandas','jax','numpyro'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert loaded == ""
