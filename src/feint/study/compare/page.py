"""A comparison as one table and one figure, on a terminal and as an HTML page."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from feint.base.version import __version__
from feint.findings import Estimated
from feint.report.pages import both, environment
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.report.words import interval, percent, points
from feint.study.compare.evidence import evidence_plot
from feint.study.compare.families import grouped
from feint.study.compare.gaps import gap_plot
from feint.study.compare.rows import Combined, Comparison, Row

ROOM = "feint.study.compare"
_MANY_CELLS = 4
ZONE = 0.05
"""The smallest effect of interest that figures shade, as a fraction."""


def render_comparison(found: Comparison) -> str:
    """Write the page that sets subjects side by side.

    Returns:
        The text of the page, to be written as UTF-8; as safe as that of `feint.report.page.render_report`.
    """
    say, rows, words = found.say, found.rows, found.say.words
    drawn = [evidence_plot(found.explanations, say, zone=ZONE, narrow=narrow) for narrow in (False, True)]
    evidence = both(lambda narrow: str(drawn[narrow])) if drawn[0] else None
    return environment(ROOM).get_template(f"{ROOM}/templates/compare.html.j2").render(
        title=f"Why they {words.act or words.do}" if found.explanations
        else f"{words.gap.capitalize()}s of {len(rows)} subjects",
        say=words,
        glossary=say,
        version=__version__,
        warnings=found.warnings,
        zone=ZONE,
        explanations=found.explanations,
        answers=found.answers,
        groups=grouped(rows),
        count_rows=len(rows),
        designs=sorted({row.design for row in rows}),
        cells=cells_of(rows),
        share_of=share_of,
        evidence=evidence,
        plot=both(lambda narrow: gap_plot(rows, say, zone=ZONE, narrow=narrow)) if rows else None,
    )  # fmt: skip


def print_comparison(found: Comparison, console: Console) -> None:
    """Print subjects side by side."""
    if found.explanations:
        print_explanations(found, console)
    if found.rows:
        print_gaps(found, console)
    for warning in found.warnings:
        console.print(plain(f"! {warning}", "yellow"))


def print_explanations(found: Comparison, console: Console) -> None:
    """Print the explanations by subject, and under each decision the designs that say otherwise or at all."""
    made = table("Why (explanation by subject)", ["explanation", *(one_line(name, 40) for name in found.answers)])
    made.add_row(plain(found.say.words.shows, "bold"), *(decision_text(answer) for answer in found.answers.values()))
    for entry in found.explanations:
        made.add_row(plain(found.say.label(entry.explanation)), *(said(cell) for cell in entry.subjects))
    console.print()
    console.print(made)


def said(cell: Combined) -> Text:
    """Write a decision with the designs behind it."""
    if cell.decision is None:
        return Text("–", style="dim")
    by_decision: dict[str, list[str]] = {}
    for one in cell.evidence:
        by_decision.setdefault(one.decision, []).append(one.design)
    by_decision.pop("undetermined", None)
    shown = "".join(f"\n{decision}: {', '.join(designs)}" for decision, designs in by_decision.items())
    return decision_text(cell.decision) + plain(shown, "dim")


def print_gaps(found: Comparison, console: Console) -> None:
    """Print the table of gaps."""
    words = found.say.words
    heads = ["subject", ">gap", ">interval", "decision", f">{words.requests}", ">missing"]
    made = table(f"{words.gap.capitalize()} (points)", heads)
    for group in grouped(found.rows):
        if group.family is not None:
            made.add_row(plain(f"{one_line(group.family, 24)}:", "dim"))
        indent = "  " if group.family is not None else ""
        for row in group.rows:
            made.add_row(
                plain(indent + one_line(row.subject, 24)), points(row.gap.estimate),
                interval(row.gap.low, row.gap.high, signed=True), decision_text(row.gap.decision),
                f"{row.gap.n:,}", f"{percent(row.missing_rate)} %",
            )  # fmt: skip
    console.print()
    console.print(made)


def cells_of(rows: Sequence[Row]) -> list[str]:
    """List the cells that are worth a column each: all of them if they are few, otherwise none."""
    cells = list(dict.fromkeys(cell for row in rows for cell in row.cells))
    return cells if len(cells) <= _MANY_CELLS else []


def share_of(row: Row, cell: str) -> Estimated | None:
    """Return a row's rate in a cell, None where the row lacks the cell."""
    return row.cells[cell].compliance if cell in row.cells else None
