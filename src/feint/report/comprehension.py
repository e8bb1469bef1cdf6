"""The sections on what the subject knows and says: comprehension of the facts, motives stated beside those revealed."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType

from feint.findings import Findings
from feint.report.section import Section, Told
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import interval, known, percent


def comprehension_table(told: Told) -> Iterator[RenderableType]:
    """Print the answers to comprehension questions by fact, if they were asked."""
    found = told.findings.comprehension
    if found is None:
        return
    made = table(
        "Comprehension (% right when asked what is stated)", ["fact", ">%", ">interval", ">chance", ">n", ">missing"]
    )
    for fact, entry in found.facts.items():
        made.add_row(
            plain(one_line(fact, 22)), percent(entry.estimate), interval(entry.low, entry.high),
            percent(entry.chance), f"{entry.n:,}", f"{entry.missing:,}",
        )  # fmt: skip
    yield made


@dataclass(frozen=True)
class Motive:
    """An explanation with the evidence of choices and of stated reasons.

    Attributes:
        key: The explanation.
        decision: The decision on it.
        stated: Replies whose reasoning states it, of those in which the subject does what is measured.
        read: Replies whose reasoning was read.
        share: Their share; None if no reasoning was read.
    """

    key: str
    decision: str
    stated: int
    read: int
    share: float | None


def motives_of(findings: Findings) -> list[Motive]:
    """Set what choices reveal beside what reasoning states, for each explanation; those decided "yes" come first."""
    cells = [entry.stated for entry in findings.cells.values() if entry.stated]
    read = sum(max(found.n for found in shares.values()) for shares in cells)
    rows = []
    for key, decision in findings.verdict.explanations.items():
        found = [shares[key] for shares in cells if key in shares]
        stated = round(sum(one.estimate * one.n for one in found if one.estimate is not None and known(one.estimate)))
        rows.append(Motive(key, decision, stated, read, stated / read if read else None))
    return sorted(rows, key=lambda row: row.decision != "yes")


COMPREHENSION = Section(
    "comprehension", "Does it know what it was told?", terminal=comprehension_table,
    show=lambda told: None if told.findings.comprehension is None else {},
)  # fmt: skip
MOTIVES = Section("motives", "Stated and revealed", show=lambda told: {"motives": motives_of(told.findings)})
