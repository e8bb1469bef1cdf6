"""The sections on what was asked: the facts of every cell, and one wording of each, set against the nearest cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feint.findings.analysis import StudyData
from feint.findings.contrasts import ContrastFinding
from feint.report.contrasts import requests_of
from feint.report.examples import choose_examples, said
from feint.report.section import Section, Told, View
from feint.report.text import cut
from feint.report.worddiff import Segment, word_diff
from feint.situations import load_facts

LONGEST_PROMPT = 8000


@dataclass(frozen=True)
class Situated:
    """A wording of a cell.

    Attributes:
        cell: The cell.
        facts: Fact to level.
        system: The system turn.
        user: The user turn.
    """

    cell: str
    facts: Mapping[str, str]
    system: str
    user: str


@dataclass(frozen=True)
class Change:
    """A fact in which two cells differ: its level there and here."""

    fact: str
    was: str
    now: str


@dataclass(frozen=True)
class Compared:
    """A cell's prompt, set against that of another cell.

    Attributes:
        cell: The cell.
        facts: Fact to level.
        reference: The other cell; None for the first.
        changed: The facts in which they differ.
        system: The system turn, word by word.
        same_request: Whether the user turns are the same.
        user: The user turn, word by word.
    """

    cell: str
    facts: Mapping[str, str]
    reference: str | None
    changed: Sequence[Change]
    system: Sequence[Segment]
    same_request: bool
    user: Sequence[Segment]

    @property
    def moved(self) -> set[str]:
        """Names of the facts in which they differ."""
        return {change.fact for change in self.changed}


def read_situations(study: StudyData) -> list[Situated]:
    """Read the prompt of every cell from the log, for the request and the wording that are shown first.

    Facts that no cell says anything about are left out.
    """
    chosen = choose_examples(study.labels, study.contrasts)[0]
    samples = study.read(study.rows(*chosen))
    unstated = {name: fact.unstated for name, fact in load_facts(study.task).items()}
    told = [
        name
        for name, level in unstated.items()
        if any(facts.get(name, level) != level for facts in study.cells.values())
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


def changed_facts(reference: Mapping[str, str], facts: Mapping[str, str]) -> list[Change]:
    """List the facts in which two cells differ.

    Args:
        reference: Fact to level of the one cell.
        facts: Fact to level of the other.

    >>> changed_facts({"rated": "no"}, {"rated": "yes"})
    [Change(fact='rated', was='no', now='yes')]
    """
    names = [*facts, *(name for name in reference if name not in facts)]
    return [
        Change(name, reference.get(name, "–"), facts.get(name, "–"))
        for name in names
        if facts.get(name) != reference.get(name)
    ]


def reference_of(index: int, situations: Sequence[Situated], pairs: Sequence[set[str]]) -> int | None:
    """Choose the cell that a cell's text is compared with: the earlier one nearest to it.

    Nearest is the one that differs in the fewest facts; among equals, one that a contrast compares it with, then
    the first.

    Args:
        index: The place of the cell.
        situations: All cells' situations, in design order.
        pairs: The cells of each contrast that compares two.

    Returns:
        The place of the reference, None for the first cell.
    """
    here = situations[index]

    def distance(at: int) -> tuple[int, bool, int]:
        there = situations[at]
        return len(changed_facts(there.facts, here.facts)), {here.cell, there.cell} not in pairs, at

    return min(range(index), key=distance, default=None)


def compare_situations(situations: Sequence[Situated], contrasts: Mapping[str, ContrastFinding]) -> list[Compared]:
    """Set every cell's prompt against the prompt of the cell nearest to it."""
    pairs = [set(entry.weights) for entry in contrasts.values() if len(entry.weights) == 2]
    rows = []
    for i, here in enumerate(situations):
        at = reference_of(i, situations, pairs)
        there = situations[at] if at is not None else None
        rows.append(
            Compared(
                cell=here.cell,
                facts=here.facts,
                reference=there.cell if there else None,
                changed=changed_facts(there.facts, here.facts) if there else [],
                system=_segments(there.system if there else None, here.system),
                same_request=there is not None and there.user == here.user,
                user=_segments(there.user if there else None, here.user),
            )
        )
    return rows


def _segments(reference: str | None, text: str) -> list[Segment]:
    text = cut(text, LONGEST_PROMPT)[0]
    return [Segment("same", text)] if reference is None else word_diff(cut(reference, LONGEST_PROMPT)[0], text)


def _compared(told: Told) -> list[Compared]:
    return compare_situations(told.gathered.get("situations", ()), told.findings.contrasts)


def show_situations(told: Told) -> View:
    """Show one wording of every cell."""
    return {"situations": _compared(told)}


def show_asked(told: Told) -> View:
    """Show what was asked, and the facts of every cell."""
    every = len(requests_of(told))
    some = any(len(entry.per_request) < every for entry in told.findings.contrasts.values())
    return {"some_cells": some, "situations": _compared(told)}


ASKED = Section("asked", "What was asked", "sections/asked.html.j2", show=show_asked)
SITUATIONS = Section(
    "situations", "What it was told", "sections/situations.html.j2", show=show_situations, gather=read_situations
)  # fmt: skip
