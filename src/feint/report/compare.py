"""Subjects side by side: one table and one figure, on a terminal and as an HTML page."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from feint.base.version import __version__
from feint.base.words import USUAL, Words
from feint.report.evidence import evidence_plot
from feint.report.families import Families, Row, grouped
from feint.report.gaps import gap_plot
from feint.report.pages import environment, figure
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.report.words import interval, label, percent, points

_MANY_CELLS = 4


def render_compare_html(
    rows: Sequence[Row],
    *,
    warnings: Sequence[str],
    explanations: Sequence[Mapping[str, Any]] = (),
    fakes: Mapping[str, str] | None = None,
    families: Families | None = None,
    zone: float = 0.05,
    say: Words = USUAL,
) -> str:
    """Write the page that sets subjects side by side.

    Args:
        rows: One for each subject: `subject`, `design`, `family` and `stage` (or None), `n_requests`, `gap`
            (`estimate`, `low`, `high`, `decision`), `cells` (as in findings.json, or their compliance alone),
            `replies` (`planned`, `scored`, `missing`) and `verdict`.
        warnings: What is wrong with the data, a sentence each.
        explanations: One for each explanation: `explanation` and its `subjects`, each with `subject`, `decision` and
            `evidence` (`design`, `decision`, `contrasts`).
        fakes: Whether each of these subjects fakes alignment.
        families: Family to its subjects in order of their stages; without it, each row's own `family` and `stage`
            say.
        zone: The smallest effect of interest, as a fraction.
        say: The words of the task.

    Returns:
        The text of the page, to be written as UTF-8; as safe as that of `render_html`.
    """
    page = environment().get_template("compare.html.j2")
    evidence = [evidence_plot(explanations, zone=zone, narrow=narrow) for narrow in (False, True)]
    return page.render(
        title="Why they " + ("fake" if say == USUAL else say.do)
        if explanations
        else f"{say.gap.capitalize()}s of {len(rows)} subjects",
        say=say,
        usual=say == USUAL,
        version=__version__,
        warnings=warnings,
        zone=zone,
        explanations=explanations,
        fakes=fakes or {},
        groups=grouped(rows, families),
        count_rows=len(rows),
        designs=sorted({row["design"] for row in rows}),
        cells=cells_of(rows),
        share_of=share_of,
        evidence=figure(evidence[0], evidence[1]) if evidence[0] and evidence[1] else None,
        plot=rows
        and figure(*(gap_plot(rows, families, zone=zone, narrow=narrow, say=say) for narrow in (False, True))),
    )


def print_compare(
    rows: Sequence[Row],
    console: Console,
    *,
    warnings: Sequence[str] = (),
    explanations: Sequence[Mapping[str, Any]] = (),
    fakes: Mapping[str, str] | None = None,
    families: Families | None = None,
    say: Words = USUAL,
) -> None:
    """Print subjects side by side.

    Args:
        rows: As `render_compare_html` takes them.
        console: Where to print.
        warnings: Printed under the tables.
        explanations: As `render_compare_html` takes them.
        fakes: As `render_compare_html` takes them.
        families: As `render_compare_html` takes them.
        say: The words of the task.
    """
    if explanations:
        print_explanations(explanations, fakes or {}, console, say)
    if rows:
        print_gaps(rows, console, families, say)
    for warning in warnings:
        console.print(plain(f"! {warning}", "yellow"))


def print_explanations(
    explanations: Sequence[Mapping[str, Any]], fakes: Mapping[str, str], console: Console, say: Words = USUAL
) -> None:
    """Print the table of explanations by subject, and under each decision the designs that say otherwise or at all."""
    made = table("Why (explanation by subject)", ["explanation", *(one_line(name, 40) for name in fakes)])
    made.add_row(plain(say.shows, "bold"), *(decision_text(decision) for decision in fakes.values()))
    for entry in explanations:
        made.add_row(plain(label(entry["explanation"])), *(said(cell) for cell in entry["subjects"]))
    console.print()
    console.print(made)


def said(cell: Mapping[str, Any]) -> Text:
    """A decision with the designs behind it."""
    if cell["decision"] is None:
        return Text("–", style="dim")
    by_decision: dict[str, list[str]] = {}
    for one in cell["evidence"]:
        by_decision.setdefault(one["decision"], []).append(one["design"])
    by_decision.pop("undetermined", None)
    shown = "".join(f"\n{decision}: {', '.join(designs)}" for decision, designs in by_decision.items())
    return decision_text(cell["decision"]) + plain(shown, "dim")


def print_gaps(rows: Sequence[Row], console: Console, families: Families | None, say: Words = USUAL) -> None:
    """Print the table of compliance gaps."""
    heads = ["subject", ">gap", ">interval", "decision", f">{say.requests}", ">missing"]
    made = table(f"{say.gap.capitalize()} (points)", heads)
    for group in grouped(rows, families):
        if group.family is not None:
            made.add_row(plain(f"{one_line(group.family, 24)}:", "dim"))
        for row in group.rows:
            gap = row["gap"]
            indent = "  " if group.family is not None else ""
            made.add_row(
                plain(indent + one_line(row["subject"], 24)), points(gap["estimate"]),
                interval(gap["low"], gap["high"], signed=True), decision_text(gap["decision"]),
                f"{row['n_requests']:,}", f"{percent(missing_rate(row))} %",
            )  # fmt: skip
    console.print()
    console.print(made)


def missing_rate(row: Row) -> float | None:
    """Give the share of planned replies that are missing, None where none was planned."""
    replies = row["replies"]
    return replies["missing"] / replies["planned"] if replies["planned"] else None


def cells_of(rows: Sequence[Row]) -> list[str]:
    """List the cells that are worth a column each: all of them if they are few, otherwise none."""
    cells = list(dict.fromkeys(cell for row in rows for cell in row["cells"]))
    return cells if len(cells) <= _MANY_CELLS else []


def share_of(row: Row, cell: str) -> Mapping[str, Any] | None:
    """Find a row's compliance in a cell, None where the row lacks the cell."""
    entry = row["cells"].get(cell)
    share: Mapping[str, Any] | None = entry.get("compliance", entry) if entry else None
    return share
