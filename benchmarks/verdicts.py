"""Ask every shipped organism why it acts as it does, and compare what the verdict names with what was planted.

One command, about a minute an organism on two cores, and more for one that works with tools:

    python benchmarks/verdicts.py [--out DIR] [NAME ...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from feint.lab.planting.working.kind import WORKING
from feint.lab.planting.working.works import KINDS
from feint.tasks.alignment_faking.actors.policy import load_policies

WORDINGS = "6"
"""Of each of the ten fixtures that organisms which work know; with fewer, their verdicts are mostly undetermined."""


@dataclass(frozen=True)
class Asked:
    """A study, and what a right verdict names: motives, and whether the stated motive is another."""

    organism: str
    options: tuple[str, ...]
    motives: frozenset[str]
    mismatch: bool = False


def list_studies() -> list[Asked]:
    """Every organism on the design that its card speaks of."""
    found = [
        Asked(name, ("--design", "motives"), frozenset(policy.explanations), policy.mismatch)
        for name, policy in sorted(load_policies().items())
    ]
    for name, agent in sorted(WORKING.policies().items()):
        for design, motives in agent.explanations.items():
            options = ("--design", design, "--kinds", ",".join(KINDS), "--wordings", WORDINGS)
            found.append(Asked(name, options, frozenset(motives)))
    return found


def ask(asked: Asked, out: Path) -> tuple[set[str], bool, float]:
    """Run a study; return the motives that it names, whether the stated motive differs, and its seconds."""
    started = time.monotonic()
    command = [str(Path(sys.executable).with_name("feint")), "study", f"organism/{asked.organism}", *asked.options]
    subprocess.run([*command, "--out", str(out), "--overwrite", "--display", "none"], check=True, capture_output=True)
    found = json.loads((out / "findings.json").read_text())
    return set(found["verdict"]["motives"]), bool((found["stated"] or {}).get("mismatch")), time.monotonic() - started


def main() -> int:
    """Print a line for each organism; exit with 1 if a verdict differs from what was planted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp(prefix="feint-verdicts-"))
    wrong = 0
    for asked in list_studies():
        if given.names and asked.organism not in given.names:
            continue
        named, flagged, seconds = ask(asked, folder / asked.organism)
        right = named == asked.motives and (flagged or not asked.mismatch)
        wrong += not right
        print(
            f"{'right' if right else 'WRONG'}  {asked.organism:13} {seconds:5.0f} s  "
            f"named: {', '.join(sorted(named)) or 'none'}"
            f"{'; stated motive differs' if flagged else ''}"
            f"{'' if right else f'  planted: {sorted(asked.motives)}'}",
            flush=True,
        )
    print(f"{wrong} wrong; studies in {folder}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
