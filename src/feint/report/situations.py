"""The sections on what was asked: the facts of every cell, and one wording of each, set against the nearest cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feint.findings.analysis import StudyData
from feint.findings.contrasts import ContrastFinding
from feint.report.contrasts import requests_of
from feint.report.examples import choose_examples, said
from feint.report.section import Section, Told, View
from feint.report.text import Segment, cut, word_diff
from feint.situations import load_facts

LONGEST_PROMPT = 8000
FILES = {"published": "the published prompt, word for word", "own-files": "own files"}
"""The words for a cell that is told by files, by whose words they are."""


@dataclass(frozen=True)
class Situated:
    """A wording of a cell: the level of each fact, the system turn and the user turn."""

    cell: str
    facts: Mapping[str, str]
    system: str
    user: str


@dataclass(frozen=True)
class Compared:
    """A cell's prompt, set against that of another cell.

    Attributes:
        cell: The cell.
        facts: Fact to level.
        reference: The other cell; None for the first.
        changed: The facts in which they differ, with the level there and here.
        system: The system turn, word by word.
        same_request: Whether the user turns are the same.
        user: The user turn, word by word.
    """

    cell: str
    facts: Mapping[str, str]
    reference: str | None
    changed: Mapping[str, tuple[str, str]]
    system: Sequence[Segment]
    same_request: bool
    user: Sequence[Segment]


def read_situations(study: StudyData) -> list[Situated]:
    """Read the prompt of every cell from the log, for the request and the wording that are shown first.

    Facts that no cell says anything about are left out.
    """
    chosen = choose_examples(study.labels, study.contrasts)[0]
    samples = study.read(study.rows(*chosen))
    told = [
        name
        for name, fact in load_facts(study.task).items()
        if any(facts.get(name, fact.unstated) != fact.unstated for facts in study.cells.values())
    ]
    return [
        Situated(
            cell,
            {name: facts[name] for name in told if name in facts},
            said(samples[cell], "system"),
            said(samples[cell], "user"),
        )
        for cell, facts in study.cells.items()
        if cell in samples
    ]


def changed_facts(reference: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """List the facts in which two cells differ, with the level in each.

    >>> changed_facts({"rated": "no"}, {"rated": "yes"})
    {'rated': ('no', 'yes')}
    """
    levels = {name: (reference.get(name, "–"), facts.get(name, "–")) for name in (*facts, *reference)}
    return {name: pair for name, pair in levels.items() if pair[0] != pair[1]}


def compare_situations(situations: Sequence[Situated], contrasts: Mapping[str, ContrastFinding]) -> list[Compared]:
    """Set every cell's prompt, in design order, against the prompt of the earlier cell nearest to it.

    Nearest is the one that differs in the fewest facts; among equals, one that a contrast compares it with, then
    the first.
    """
    pairs = [set(entry.weights) for entry in contrasts.values() if len(entry.weights) == 2]
    rows = []
    for i, here in enumerate(situations):
        distances = [
            (len(changed_facts(there.facts, here.facts)), {here.cell, there.cell} not in pairs, at)
            for at, there in enumerate(situations[:i])
        ]
        if distances:
            there = situations[min(distances)[-1]]
            rows.append(
                Compared(
                    here.cell, here.facts, there.cell, changed_facts(there.facts, here.facts),
                    _differences(there.system, here.system), there.user == here.user,
                    _differences(there.user, here.user),
                )
            )  # fmt: skip
        else:
            whole = [[Segment("same", cut(text, LONGEST_PROMPT)[0])] for text in (here.system, here.user)]
            rows.append(Compared(here.cell, here.facts, None, {}, whole[0], False, whole[1]))
    return rows


def _differences(reference: str, text: str) -> list[Segment]:
    return word_diff(cut(reference, LONGEST_PROMPT)[0], cut(text, LONGEST_PROMPT)[0])


def told_by(design: object) -> dict[str, str]:
    """Say in words whose files tell a cell, by cell; cells in the words of a library are left out.

    >>> told_by({"files": {"free": {"told": "own-files"}}})
    {'free': 'own files'}
    """
    files = design.get("files") if isinstance(design, Mapping) else None
    if not isinstance(files, Mapping):
        return {}
    said = {cell: told.get("told") for cell, told in files.items() if isinstance(told, Mapping)}
    return {cell: FILES[whose] for cell, whose in said.items() if whose in FILES}


def is_ours(plan: Mapping[str, object]) -> bool:
    """Tell if a study asked in words of this program's; an imported study did not."""
    task = plan.get("task")
    return isinstance(task, Mapping) and "wordings" in task


def show_situations(told: Told) -> View:
    """Show what was asked: the facts of every cell, and one wording of it."""
    every = len(requests_of(told))
    return {
        "some_cells": any(len(entry.per_request) < every for entry in told.findings.contrasts.values()),
        "told_by": (files := told_by(told.plan.get("design"))),
        "ours": is_ours(told.plan) and len(files) < len(told.findings.cells),
        "situations": compare_situations(told.gathered.get("situations", ()), told.findings.contrasts),
    }


ASKED = Section("asked", "What was asked", show=show_situations)
SITUATIONS = Section("situations", "What it was told", show=show_situations, gather=read_situations)
