"""The README's own design and conflict, from a folder of the user's."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

import study_provider  # registers its subjects  # noqa: F401
from feint.study.command import run_command
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits

README = Path(__file__).parents[2] / "README.md"
FILES = {
    yaml.safe_load(block)["name"]: block for block in re.findall(r"```yaml\n(.*?)```", README.read_text(), re.DOTALL)
}


def test_the_readme_shows_a_design_and_a_conflict_of_twenty_lines() -> None:
    assert set(FILES) == {"mine", "own"}
    assert all(len(block.splitlines()) <= 20 for block in FILES.values())


def test_they_run_as_they_stand(tmp_path: Path) -> None:
    for name, block in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(block)
    options: Any = {"design": f"{tmp_path}/mine.yaml", "conflict": f"{tmp_path}/own.yaml", "wordings": 6, "twins": 2}
    (folder,), _ = run_command(
        [Setup("countable/terminal", options)], tmp_path / "study", start="new", limits=Limits(), display="none"
    )
    findings = json.loads((folder / "findings.json").read_text())
    assert (findings["design"], findings["conflict"]) == ("mine", "own")
    assert findings["replies"] == {"planned": 56, "scored": 56, "missing": 0, "missing_by_reason": {}, "cut_off": 0}
    assert findings["contrasts"]["goal_guarding"]["estimate"] > 0.5
    assert findings["contrasts"]["honesty"]["n"] == 2
