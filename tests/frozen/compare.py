"""Run the frozen studies with the code at hand, and compare: `python tests/frozen/compare.py [NAME...] [--write]`.

Exit codes: 0, nothing differs but what `renamed.yaml` allows; 1, something does; 2, an unknown study. With --write,
what is found now is frozen in place of what was.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from frozen_diff import Outcome, Renamed, compare
from frozen_run import HERE, Frozen, read_fixture, run_study, write_fixture
from studies import STUDIES, Study

RENAMED = HERE / "renamed.yaml"
HEAD = ("study", "seconds", "numbers", "largest", "far", "decisions", "differ", "removed", "added", "hashes", "differ",
        "lines", "differ", "allowed", "")  # fmt: skip
SHOWN = 5
"""Differences of a kind that are printed."""


def fresh(study: Study) -> tuple[Frozen, float]:
    """Run a study from scratch.

    Returns:
        What it found, and the seconds it took.
    """
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        return run_study(study, Path(folder)), time.monotonic() - start


def row(name: str, seconds: float, found: Outcome) -> tuple[str, ...]:
    """A line of the table."""
    return (
        name, f"{seconds:.0f}", f"{found.numbers:,}", f"{found.largest:.1g}", str(len(found.far)),
        f"{found.decisions:,}", str(len(found.differ)), str(found.removed), str(found.added), str(found.plans),
        str(len(found.hashes)), f"{found.lines:,}", str(len(found.words)), str(len(found.allowed)),
        "same" if found.ok else "DIFFERS",
    )  # fmt: skip


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows below their headings, numbers to the right."""
    rows = [HEAD, *rows]
    widths = [max(len(one[at]) for one in rows) for at in range(len(HEAD))]
    lines = (
        "  ".join(text.ljust(width) if at in (0, len(HEAD) - 1) else text.rjust(width)
                  for at, (text, width) in enumerate(zip(one, widths, strict=True)))
        for one in rows
    )  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def details(name: str, found: Outcome) -> str:
    """The first differences of each kind, or nothing."""
    kinds = (
        ("numbers", found.far),
        ("decisions", found.differ),
        ("hashes", found.hashes),
        ("text", found.words),
        ("allowed", found.allowed),
    )
    lines = []
    for kind, all_of_them in kinds:
        if all_of_them:
            lines.append(f"{name}, {kind}: {len(all_of_them)}")
            lines += [f"  {one[:300]}" for one in all_of_them[:SHOWN]]
    return "\n".join(lines)


def main() -> int:
    """Compare, or freeze."""
    parser = argparse.ArgumentParser(description="Compare the frozen studies with the code at hand.")
    parser.add_argument("names", metavar="NAME", nargs="*", help="studies; all if none is given")
    parser.add_argument("--write", action="store_true", help="freeze what is found now")
    given = parser.parse_args()
    if unknown := set(given.names) - {study.name for study in STUDIES}:
        parser.error(f"no study {', '.join(sorted(unknown))}; there are {', '.join(one.name for one in STUDIES)}")
    rows, told, good = [], [], True
    for study in STUDIES:
        if given.names and study.name not in given.names:
            continue
        now, seconds = fresh(study)
        if given.write:
            path = write_fixture(study.name, now)
            print(f"{study.name}: {seconds:.0f} s, {len(now['folders'])} folders, {path.stat().st_size:,} bytes")
            continue
        found = compare(read_fixture(study.name), now, Renamed.read(RENAMED))
        good = good and found.ok
        rows.append(row(study.name, seconds, found))
        told.append(details(study.name, found))
    if rows:
        print("\n".join([table(rows), *filter(None, told)]))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
