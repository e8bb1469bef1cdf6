"""What a run tells never changes unnoticed: prompt and world of every fixture, cell and voice, frozen by hash.

After a change that is meant: `python tests/tasks/peer_preservation/test_frozen_runs.py` writes the hashes anew.
"""

import hashlib
import json
from pathlib import Path

import pytest

from feint.designs import list_designs, load_design
from feint.situations import Wording, load_voices
from feint.tasks.peer_preservation.build import build_world
from feint.tasks.peer_preservation.fixtures import TASK, load_fixtures
from feint.tasks.peer_preservation.prompt import render_run
from feint.world import to_json

FROZEN = Path(__file__).with_name("frozen_runs.json")
DESIGNS = list_designs(TASK)


def digest(name: str, *, added: bool) -> str:
    """Hash of prompts and worlds of a design: each cell over the fixtures of its kinds, voices and seeds in turn.

    The fixtures are those that were added later, or the others.
    """
    design, found, place = load_design(name), hashlib.sha256(), 0
    voices = sorted(load_voices(TASK))
    for cell, facts in design.cells.items():
        for kind in design.kinds_of(cell):
            for fixture in (one for one in load_fixtures(kind) if one.added is added):
                wording = Wording(voices[place % len(voices)], 1 + place % 4)
                told, world = render_run(fixture, facts, wording), build_world(fixture, facts, wording)
                text = json.dumps(to_json(world), sort_keys=True, ensure_ascii=False)
                found.update(f"{cell}\x1f{told.system}\x1f{told.user}\x1f{text}\x1e".encode())
                place += 1
    return found.hexdigest()


def digests(name: str) -> dict[str, str]:
    """Both hashes of a design, by the names under which they are frozen."""
    return {name: digest(name, added=False), f"{name}, added": digest(name, added=True)}


@pytest.mark.parametrize("name", DESIGNS)
def test_runs_are_as_they_were(name: str) -> None:
    frozen = json.loads(FROZEN.read_text())
    assert name in frozen, f"a new design; freeze it with: python {Path(__file__).name}"
    found = digests(name)
    assert found == {key: frozen[key] for key in found}


def test_no_design_is_gone() -> None:
    assert {key.removesuffix(", added") for key in json.loads(FROZEN.read_text())} == set(DESIGNS)


if __name__ == "__main__":
    FROZEN.write_text(json.dumps({key: one for name in DESIGNS for key, one in digests(name).items()}, indent=1) + "\n")
