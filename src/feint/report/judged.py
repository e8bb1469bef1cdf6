"""The sections on judges: labels by rubric and cell, the verdict by each judge, contrasts corrected by people."""

from collections import Counter
from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from feint.findings import Findings
from feint.findings.judging import CorrectedFinding, RubricInCell
from feint.report.section import Section, Told, View, show_always
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.report.words import Glossary, interval, minus, percent, points

_WIDE = 26


def judging_tables(told: Told) -> Iterator[RenderableType]:
    """Print the labels of model judges, and the verdict by each of several judges."""
    findings = told.findings
    for judge, entry in (findings.judging.judges if findings.judging else {}).items():
        if entry.rubrics:
            yield rubrics_table(judge, entry.rubrics, told.say)
    if findings.judges:
        yield judges_table(findings, told.say)


def rubrics_table(judge: str, rubrics: Mapping[str, Mapping[str, RubricInCell]], say: Glossary) -> Table:
    """Tabulate, for the replies of each cell, the share (%) with a yes by each rubric, and what is missing."""
    heads = [f">{say.rubric(rubric)}" for rubric in rubrics]
    made = table(f"What {one_line(judge, 40)} says (%)", ["cell", *heads, "missing"])
    for cell in next(iter(rubrics.values())):
        parts = [rubrics[rubric][cell] for rubric in rubrics]
        reasons: Counter[str] = sum((Counter(part.missing) for part in parts), Counter())
        made.add_row(
            plain(one_line(cell, 22)),
            *(percent(part.share.estimate) for part in parts),
            plain(say.reasons(reasons) or "0", "" if reasons else "dim"),
        )
    return made


def judges_table(findings: Findings, say: Glossary) -> Table:
    """Tabulate the verdict by the majority of the judges, and by each of them alone."""
    agree = findings.unanimous
    told = "" if agree is None else f"; all agree on {percent(agree)} % of the {say.words.replies}"
    made = table(f"Sensitivity to the judge{told}", ["judge", say.words.shows, ">labelled", ">missing"])
    for row in findings.judges:
        motives = ", ".join(say.label(key).lower() for key in row.motives)
        differs = "" if row.same else "another verdict than the majority's"
        notes = "".join(f"\n  {note}" for note in (motives, differs) if note)
        made.add_row(
            plain(one_line(row.judge, 36)) + plain(notes, "dim"),
            decision_text(row.answer),
            f"{row.labelled:,}",
            f"{row.missing:,}",
        )
    return made


def corrected_tables(told: Told) -> Iterator[RenderableType]:
    """Print the contrasts as corrected by people's labels."""
    if told.findings.corrected is not None:
        yield corrected_table(told.findings.corrected, told.say)


def corrected_table(corrected: CorrectedFinding, say: Glossary) -> Table:
    """Tabulate every contrast as judged, and corrected for the judge's errors by what people said."""
    made = table(
        f"Corrected for the judge's errors ({corrected.labelled:,} {say.words.replies} labelled by people)",
        ["contrast", ">as judged", ">corrected", ">interval", "decision"],
    )
    for key, entry in corrected.contrasts.items():
        found = entry.corrected
        few = Text(f"\n  {one_line(entry.too_few, 70)}", "dim") if entry.too_few else Text()
        made.add_row(
            plain(one_line(say.label(key), _WIDE)) + Text("\n") + plain(minus(entry.expression), "dim") + few,
            points(entry.raw.estimate), points(found.estimate),
            interval(found.low, found.high, signed=True), decision_text(found.decision),
        )  # fmt: skip
    return made


def show_judging(told: Told) -> View | None:
    """Show the labels of model judges, if there are any."""
    return show_always(told) if told.findings.judging is not None else None


def show_corrected(told: Told) -> View | None:
    """Show the corrected contrasts, if there are any."""
    return show_always(told) if told.findings.corrected is not None else None


JUDGING = Section(
    "judging", "What the judges said", "sections/judging.html.j2", show=show_judging, terminal=judging_tables
)  # fmt: skip
CORRECTED = Section(
    "corrected", "Corrected by people", "sections/corrected.html.j2", show=show_corrected, terminal=corrected_tables
)  # fmt: skip
