"""A comparison as one table and one figure, on a terminal and as an HTML page."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from feint.base.version import __version__
from feint.report.pages import both, environment
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.report.words import interval, percent, points
from feint.study.compare.families import grouped
from feint.study.compare.figures import evidence_plot, gap_plot, lines_told
from feint.study.compare.rows import Combined, Comparison, short_names

ROOM = "feint.study.compare"
_MANY_CELLS = 4
"""With more cells than these, no cell has a column."""
_MANY_SUBJECTS = 5
"""With more subjects than these, the table of explanations has a row for each, so that it fits the page."""
ZONE = 0.05
"""The smallest effect of interest that figures shade, as a fraction."""


def render_comparison(found: Comparison) -> str:
    """Write the page that sets subjects side by side; as safe as that of `feint.report.page.render_report`."""
    say, rows, words = found.say, found.rows, found.say.words
    cells = list(dict.fromkeys(cell for row in rows for cell in row.cells))
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
        items=found.items,
        groups=grouped(rows),
        lines=lines_told(grouped(rows)),
        rows=rows,
        designs=sorted({row.design for row in rows}),
        turned=len(found.answers) > _MANY_SUBJECTS,
        cells=cells if len(cells) <= _MANY_CELLS else [],
        evidence=evidence,
        read=found.read,
        plot=both(lambda narrow: gap_plot(rows, say, zone=ZONE, narrow=narrow)) if rows else None,
    )  # fmt: skip


def print_comparison(found: Comparison, console: Console) -> None:
    """Print why each subject does what it does, the gaps, and the warnings."""
    say, words = found.say, found.say.words
    if found.explanations:
        made = table("Why (explanation by subject)", ["explanation", *(one_line(name, 40) for name in found.answers)])
        made.add_row(plain(words.shows, "bold"), *(answered(found, name) for name in found.answers))
        for entry in found.explanations:
            made.add_row(plain(say.label(entry.explanation)), *(said(cell) for cell in entry.subjects))
        console.print()
        console.print(made)
    if found.rows:
        heads = ["subject", ">gap", ">interval", "decision", f">{words.requests}", ">missing"]
        made = table(f"{words.gap.capitalize()} (points)", heads)
        names = short_names([row.subject for row in found.rows], 24)
        for family, rows in grouped(found.rows):
            if family is not None:
                made.add_row(plain(f"{one_line(family, 24)}:", "dim"))
            for row in rows:
                made.add_row(
                    plain(("" if family is None else "  ") + names[row.subject]), points(row.gap.estimate),
                    interval(row.gap.low, row.gap.high, signed=True), decision_text(row.decision),
                    f"{row.gap.n:,}", f"{percent(row.missing_rate)} %",
                )  # fmt: skip
        console.print()
        console.print(made)
        for row in (row for row in found.rows if row.why):
            console.print(plain(f"○ {one_line(row.subject, 40)}: {row.why}", "dim"))
    if found.read:
        console.print()
        console.print(read_table(found))
    for warning in found.warnings:
        console.print(plain(f"! {one_line(warning, 1000)}", "yellow"))  # names in it come from files


def read_table(found: Comparison) -> Table:
    """Make a table of the answers to comprehension questions, with a row for each fact and subject."""
    heads = ["fact", "subject", ">%", ">interval", ">chance", ">n", ">missing"]
    made = table("Comprehension (% right when asked what is stated)", heads)
    names = short_names(list(dict.fromkeys(name for one in found.read for name in one.answers)), 30)
    for one in found.read:
        for place, (name, entry) in enumerate(one.answers.items()):
            made.add_row(
                plain("" if place else one_line(one.fact, 22)), plain(names[name]), percent(entry.estimate),
                interval(entry.low, entry.high), percent(entry.chance), f"{entry.n:,}", f"{entry.missing:,}",
            )  # fmt: skip
    return made


def answered(found: Comparison, name: str) -> Text:
    """Write the answer for one subject with the number of items behind it."""
    items = found.items.get(name, "")
    return decision_text(found.answers[name]) + plain(f"\n{items}" if items else "", "dim")


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
