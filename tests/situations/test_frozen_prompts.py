"""A prompt never changes unnoticed: every cell of every design in every voice, frozen by hash.

After a change that is meant: `python tests/situations/test_frozen_prompts.py` writes the hashes anew.
"""

import hashlib
import json
from pathlib import Path

import pytest

from feint.designs import list_designs, load_design
from feint.situations import Wording, full_cell, load_conflict, load_voices, read_facts, render

FROZEN = Path(__file__).with_name("frozen_prompts.json")
LONGEST = 2500
SEEDS = (1, 2)


def digest(name: str) -> str:
    """Hash of a design's prompts, read back and measured on the way."""
    design, found = load_design(name), hashlib.sha256()
    conflicts = [load_conflict("harmlessness"), load_conflict("care")]
    for cell, facts in design.cells.items():
        for voice in load_voices():
            for seed, conflict in zip(SEEDS, conflicts, strict=True):
                told = render(
                    facts, Wording(voice, seed), conflict.requests[0], conflict=conflict, tags=design.tags(cell)
                )
                assert read_facts(told) == full_cell(facts), (cell, voice)
                assert len(told.system) <= LONGEST, (cell, voice)
                found.update(f"{cell}\x1f{told.system}\x1f{told.user}\x1e".encode())
    return found.hexdigest()


@pytest.mark.parametrize("name", list_designs())
def test_prompts_are_as_they_were(name: str) -> None:
    frozen = json.loads(FROZEN.read_text())
    assert name in frozen, f"a new design; freeze it with: python {Path(__file__).name}"
    assert digest(name) == frozen[name]


def test_no_design_is_gone() -> None:
    assert set(json.loads(FROZEN.read_text())) == set(list_designs())


if __name__ == "__main__":
    FROZEN.write_text(json.dumps({name: digest(name) for name in list_designs()}, indent=1) + "\n")
