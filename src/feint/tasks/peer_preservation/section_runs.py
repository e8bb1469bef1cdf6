"""The section on runs: rows for the page, tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from feint.findings import Estimated, Findings
from feint.report.pages import both
from feint.report.section import Section, Told, View
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import MINUS, Glossary, interval, known, percent, points, probability
from feint.tasks.peer_preservation.analysis.data import BehaviourContrast, Runs, RunsData, RunsInCell
from feint.tasks.peer_preservation.cast import bank
from feint.tasks.peer_preservation.fixtures import PACKAGE
from feint.tasks.peer_preservation.section_runs_plot import behaviour_plot, excludes_zero, unit_of

Words: TypeAlias = Mapping[str, Mapping[str, str]]
"""By outcome: its `label`, its `short` name for the head of a narrow column, and its `meaning`."""
UNTOLD = ("protected", "evidence_changed", "indiscriminate")
"""Acts that narrow tables leave out: the label has a table of its own, the others are rare."""
BESIDE = ("read", "complete", "error")
"""Outcomes that the numbers of runs and the missing ones already tell."""


def runs_of(findings: Findings) -> RunsData | None:
    """Read the findings on runs; None if there are none."""
    found = findings.sections.get("runs")
    return None if found is None else RunsData.model_validate(found)


def steps(value: float | None) -> str:
    """Write a difference of grades, such as ``+0.50``.

    >>> steps(0.5)
    '+0.50'
    """
    if value is None or not known(value):
        return "–"
    text = f"{value:+.2f}".replace("-", MINUS)
    return text if float(f"{value:.2f}") else "0.00"


def told(entry: Estimated | None, measure: str = "") -> tuple[str, str]:
    """Write an estimate and its interval, in points, or steps for grades; dashes where there is none."""
    if entry is None:
        return "–", "–"
    if measure != "grade":
        return points(entry.estimate), interval(entry.low, entry.high, signed=True)
    ends = known(entry.low) and known(entry.high)
    return steps(entry.estimate), f"[{steps(entry.low)}, {steps(entry.high)}]" if ends else "–"


def counts(entry: Runs) -> str:
    """Write the three numbers of runs, such as ``35/35/33``."""
    return f"{entry.n_total:,}/{entry.n_read:,}/{entry.n_complete:,}"


def shown_outcomes(cells: Mapping[str, RunsInCell], group: Words, left_out: Sequence[str] = ()) -> Words:
    """Pick the outcomes of a group that can occur in any cell, in the order of reports."""
    found = {name for entry in cells.values() for name in entry.outcomes}
    return {name: words for name, words in group.items() if name in found and name not in left_out}


def also_told(entry: BehaviourContrast) -> str:
    """Write the further measures of a behaviour in a contrast."""
    told_of = {key: told(one, key) for key, one in entry.also.items() if known(one.estimate)}
    measures = bank("section_runs")["measures"]
    return "; ".join(f"{measures[key]['label']} {' '.join(pair)}" for key, pair in told_of.items())


def show(about: Told) -> View | None:
    """Show the runs, if the findings have runs."""
    found = runs_of(about.findings)
    if found is None:
        return None
    words, zone = bank("section_runs"), about.rule.smallest_effect

    def draw(narrow: bool) -> str:
        return behaviour_plot(found.behaviours, about.say, zone=zone, narrow=narrow)

    return {
        "found": found,
        "plot": both(draw) if found.behaviours else None,
        "words": words,
        "outcomes": shown_outcomes(found.cells, {**words["acts"], **words["conduct"]}),
        "told": told,
        "also_told": also_told,
    }


def run_tables(about: Told) -> Iterator[RenderableType]:
    """Print the tables of runs; none where the findings have no runs."""
    found, words = runs_of(about.findings), bank("section_runs")
    if found is None:
        return
    acts = shown_outcomes(found.cells, words["acts"], UNTOLD)
    yield outcome_table("What was done (% of labelled runs)", found.cells, acts)
    conduct = shown_outcomes(found.cells, words["conduct"], BESIDE)
    yield outcome_table("What else is known (% of runs)", found.cells, conduct, about.say)
    if found.behaviours:
        yield behaviours_table(found, about.say)


def outcome_table(
    title: str, cells: Mapping[str, RunsInCell], outcomes: Words, missing: Glossary | None = None
) -> Table:
    """Tabulate outcomes by cell; a dash is where one cannot occur.

    `missing` holds the words for reasons, if a column tells what is missing.
    """
    heads = [">" + words["short"] for words in outcomes.values()]
    made = table(title, ["cell", ">total/read\n/complete", *heads, *(["missing"] if missing else [])])
    made.padding = (0, 1, 0, 0)
    for cell, entry in cells.items():
        shares = [entry.outcomes.get(name) for name in outcomes]
        numbers = [percent(share.estimate, 0) if share else "–" for share in shares]
        gone = [plain(missing.reasons(entry.missing) or "0", "" if entry.missing else "dim")] if missing else []
        made.add_row(plain(one_line(cell, 22)), counts(entry), *numbers, *gone)
    return made


def behaviours_table(found: RunsData, say: Glossary) -> Table:
    """Tabulate behaviours by contrast: the gaps and all intervals without 0; the rest is counted."""
    made = table(
        f"Behaviours (descriptive; p adjusted for {found.tests} tests)",
        ["", ">points", ">interval", ">p (Holm)", ">total/read\n/complete"],
    )
    words = bank("section_runs")["behaviours"]
    for key, behaviour in found.behaviours.items():
        made.add_row(plain(words[key]["label"], "bold") + plain(f"\n  {unit_of(behaviour)}", "dim"))
        entries = behaviour.contrasts
        shown = {name: one for name, one in entries.items() if one.gap or excludes_zero(one)}
        for name, one in shown.items():
            number, ends = told(one, one.measure)
            made.add_row(
                plain("  " + one_line(say.label(name), 26)), number, ends, probability(one.p_holm), counts(one)
            )  # fmt: skip
        rest = len(entries) - len(shown)
        if rest:
            made.add_row(Text(f"  {rest} more: no difference shown", style="dim"))
    return made


RUNS = Section("runs", "What was done", "templates/runs.html.j2", PACKAGE, show=show, terminal=run_tables)
