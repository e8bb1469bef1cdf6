"""The rooms import one way (ARCHITECTURE.md). A room that imports upward fails here by name."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import feint

PACKAGE = Path(feint.__file__).parent
LEVELS = {
    "cli": 10,
    "calibration": 8, "lab": 8, "people": 8,
    "study": 7,
    "_registry": 6,  # names what Inspect finds; the study imports it where no entry point is installed
    "tasks": 6,
    "report": 5, "judges": 5, "subjects": 5, "money": 5,
    "findings": 4, "designs": 4,
    "situations": 2, "world": 2, "stats": 2,
    "base": 0,
}  # fmt: skip
COMMON = {"base"}
SIBLINGS = {("_registry", "tasks")}
"""Imports between rooms of one level that are meant: the registry only imports."""


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
    if room == "__init__":
        assert not imports_of(path.read_text()) - COMMON - {"__version__"}
        return
    assert room in LEVELS, f"room '{room}' has no level: add it here and to ARCHITECTURE.md"
    assert wrong(room, imports_of(path.read_text())) == set()


def test_the_check_can_fail() -> None:
    assert wrong("situations", imports_of("from feint.designs import load_design")) == {"designs"}
    assert wrong("stats", imports_of("import feint.study")) == {"study"}
    assert wrong("report", imports_of("from feint import judges")) == {"judges"}


def test_import_is_light() -> None:
    code = (
        "import sys, feint, feint.cli; print(*sorted({'torch','transformers','peft','inspect_ai',"
        "'scipy','pandas','jax','numpyro'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert loaded == ""


def test_what_inspect_loads_brings_no_hooks() -> None:
    """Inspect announces hooks that are there when an eval begins, also hooks that listen to studies alone."""
    code = "import feint._registry; from inspect_ai.hooks._hooks import get_all_hooks; print(get_all_hooks())"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert found == "[]"
