"""Simulate whole studies of a task's actors and hold planted numbers against their estimates.

Prints a table in Markdown and, with --svg, draws it: planted value, mean estimate, standard deviation over studies,
share of 95 % intervals that hold the planted value (with Wilson's interval of that share), and how often a study
decides *yes* where nothing was planted (wrong yes) or where an effect of interest was (found).

Usage: python benchmarks/recovery.py TASK [--studies 500] [--actors a,b] [--design NAME] [--size quick] [--svg FILE]
"""

import argparse
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from feint.calibration.recovery import Recovered, recover, together
from feint.report.recovery import Shown, recovery_figure
from feint.tasks.ruled import ruled_task

HEADINGS = ("number", "actor", "planted", "mean estimate", "sd", "coverage of 95 % intervals", "wrong yes", "found")


def part(job: tuple[str, str, dict[str, object], range, int]) -> list[Recovered]:
    """Simulate some studies of one actor; runs in a process of its own."""
    task, name, given, studies, seed = job
    owner = ruled_task(task)
    return recover(owner, name, owner.actors()[name], given, studies, seed)


def rows_of(found: list[Recovered]) -> list[str]:
    """Write the rows of the table, by number and actor."""
    rows = [" | ".join(HEADINGS), " | ".join("---" for _ in HEADINGS)]
    for one in sorted(found, key=lambda one: one.key):
        share, low, high = one.coverage
        told = f"{100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
        if one.known < len(one.lows):
            told += f", {len(one.lows) - one.known} without interval"
        shares = ["–" if value is None else f"{100 * value:.1f} %" for value in (one.wrong_yes, one.found)]
        mean, spread = np.nanmean(one.estimates), np.nanstd(one.estimates, ddof=1)
        cells = [one.key, one.actor, f"{one.planted:z.3f}", f"{mean:z.3f}", f"{spread:.3f}", told, *shares]
        rows.append(" | ".join(cells))
    return [f"| {row} |" for row in rows]


def figure_of(found: list[Recovered], title: str) -> str:
    """Draw the table."""
    panels: dict[str, list[Shown]] = {}
    for one in sorted(found, key=lambda one: one.key):
        low, high = np.nanquantile(one.estimates, [0.025, 0.975])
        shown = Shown(one.actor, one.planted, float(np.nanmean(one.estimates)), float(low), float(high))
        panels.setdefault(one.key, []).append(shown)
    return recovery_figure(panels, title)


def main() -> None:
    """Simulate, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task")
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--actors", default="", help="names separated by commas; all of the task by default")
    parser.add_argument("--design", default=None)
    parser.add_argument("--size", default=None)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--svg", type=Path, default=None)
    asked = parser.parse_args()
    task = ruled_task(asked.task)
    given = {name: value for name in ("design", "size") if (value := getattr(asked, name)) is not None}
    names = [name for name in asked.actors.split(",") if name] or list(task.actors())
    bounds = np.linspace(0, asked.studies, asked.processes + 1).astype(int)
    found: list[Recovered] = []
    with get_context("spawn").Pool(asked.processes) as pool:
        for name in names:
            parts = [range(low, high) for low, high in pairwise(bounds)]
            found += together(pool.map(part, [(asked.task, name, given, one, asked.seed) for one in parts]))
    print(f"{asked.studies} simulated studies of each actor, design {given.get('design', task.vocabulary.design)}:\n")
    print("\n".join(rows_of(found)))
    if asked.svg:
        asked.svg.write_text(figure_of(found, f"Recovery of planted numbers, task {asked.task}"))


if __name__ == "__main__":
    main()
