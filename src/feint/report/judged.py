"""The sections on judges: labels by rubric and cell, the verdict by each judge, contrasts corrected by people."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from feint.findings import Estimated, Findings
from feint.report.section import Section, Told
from feint.report.terminal import decision_text, plain, table
from feint.report.text import one_line
from feint.report.words import interval, minus, percent, points


def judging_tables(told: Told) -> Iterator[RenderableType]:
    """Print the labels of each model judge by cell: the share (%) with a yes by each rubric, and missing labels."""
    judging, say = told.findings.judging, told.say
    for judge, entry in (judging.judges if judging else {}).items():
        if not entry.rubrics:
            continue
        heads = [f">{say.rubric(rubric)}" for rubric in entry.rubrics]
        made = table(f"What {one_line(judge, 40)} says (%)", ["cell", *heads, "missing"])
        for cell in next(iter(entry.rubrics.values())):
            parts = [by_cell[cell] for by_cell in entry.rubrics.values()]
            reasons: Counter[str] = sum((Counter(part.missing) for part in parts), Counter())
            made.add_row(
                plain(one_line(cell, 22)),
                *(percent(part.share.estimate) for part in parts),
                plain(say.reasons(reasons) or "0", "" if reasons else "dim"),
            )
        yield made
    if told.findings.judges:
        yield from verdicts_table(told)


def verdicts_table(told: Told) -> Iterator[RenderableType]:
    """Print the verdict by the majority of several judges, and by each of them alone."""
    agree, say = told.findings.unanimous, told.say
    also = "" if agree is None else f"; all agree on {percent(agree)} % of the {say.words.replies}"
    made = table(f"Sensitivity to the judge{also}", ["judge", say.words.shows, ">labelled", ">missing"])
    for row in told.findings.judges:
        motives = ", ".join(say.label(key).lower() for key in row.motives)
        differs = "" if row.same else "another verdict than the majority's"
        notes = "".join(f"\n  {note}" for note in (motives, differs) if note)
        name = plain(one_line(row.judge, 36)) + plain(notes, "dim")
        made.add_row(name, decision_text(row.answer), f"{row.labelled:,}", f"{row.missing:,}")
    yield made


def accuracy_lines(findings: Findings, folder: str) -> list[str]:
    """Say how often the offline judge is right elsewhere, and which command asks a model judge if one is advised.

    `folder` is the study's folder in the command. Nothing is said of another judge.
    """
    known = findings.accuracy
    if known is None:
        return []
    right, missing = span(known.agrees), span(known.missing)
    where = f"On {known.measured_on}, {right} % of {known.read:,} labels that were checked by reading are right"
    judge = f"The offline judge '{findings.judge}' reads {known.reads}."
    lines = [f"{judge} {where}, and {missing} % of the replies have no label."]
    if known.errors:
        lines.append(f"Wrong labels: {known.errors}.")
    if not known.real:
        lines.append("It was measured on no replies of real models; expect less there.")
    if known.advised:
        lines.append(f"A model reads these replies better: feint judge {folder} --judge PROVIDER/MODEL")
    return lines


def advice_line(found: Iterable[Findings], folder: Path) -> str:
    """Say in one line how often the offline judge is right and how to ask a model, if that is advised for a subject.

    The first such subject counts, and `folder` is that of its study. The line is "" where nothing is advised.
    """
    advised = next((one for one in found if one.accuracy is not None and one.accuracy.advised), None)
    return " ".join(accuracy_lines(advised, shlex.quote(str(folder)))) if advised is not None else ""


def span(shares: tuple[float, float]) -> str:
    """Write the lowest and the highest of some shares in percent; equal ones once.

    >>> span((0.969, 0.972)), span((0.5, 0.5))
    ('96.9 to 97.2', '50.0')
    """
    low, high = (percent(share) for share in shares)
    return low if low == high else f"{low} to {high}"


def agreement_tables(told: Told) -> Iterator[RenderableType]:
    """Print how far the judge that counts and every other judge agree, in all cells and in each."""
    say = told.say
    for entry in told.findings.agreement:
        made = table(
            f"Agreement of {one_line(entry.judge, 30)} with {one_line(entry.other, 30)}",
            ["cell", ">same, %", ">interval", ">kappa", ">interval", f">{say.words.replies}"],
        )
        for cell, part in {"all": entry, **entry.cells}.items():
            made.add_row(
                plain(one_line(cell, 22)), percent(part.same.estimate), interval(part.same.low, part.same.high),
                *fraction(part.kappa), f"{part.same.n:,}",
            )  # fmt: skip
        row = entry.verdict
        caption = Text(f"by {one_line(entry.other, 30)} alone: ", "dim") + decision_text(row.answer)
        made.caption = caption + Text(f"; {row.labelled:,} labelled, {row.missing:,} missing", "dim")
        made.caption_justify = "left"
        yield made


def fraction(found: Estimated) -> tuple[str, str]:
    """Format a number and its interval with two decimals; a dash where it is unknown."""
    if found.estimate is None or found.low is None or found.high is None:
        return "–", "–"
    return minus(f"{found.estimate:.2f}"), minus(f"[{found.low:.2f}, {found.high:.2f}]")


def corrected_table(told: Told) -> Iterator[RenderableType]:
    """Print every contrast as judged, and corrected for the judge's errors by what people said."""
    corrected, say = told.findings.corrected, told.say
    if corrected is None:
        return
    made = table(
        f"Corrected for the judge's errors ({corrected.labelled:,} {say.words.replies} labelled by people)",
        ["contrast", ">as judged", ">corrected", ">interval", "decision"],
    )
    for key, entry in corrected.contrasts.items():
        found = entry.corrected
        few = Text(f"\n  {one_line(entry.too_few, 70)}", "dim") if entry.too_few else Text()
        made.add_row(
            plain(one_line(say.label(key), 26)) + Text("\n") + plain(minus(entry.expression), "dim") + few,
            points(entry.raw.estimate), points(found.estimate),
            interval(found.low, found.high, signed=True), decision_text(found.decision),
        )  # fmt: skip
    yield made


JUDGING = Section(
    "judging", "What the judges said", terminal=judging_tables,
    show=lambda told: None if told.findings.judging is None else {},
)  # fmt: skip
AGREEMENT = Section(
    "agreement", "Agreement of judges", terminal=agreement_tables,
    show=lambda told: {"fraction": fraction} if told.findings.agreement else None,
)  # fmt: skip
CORRECTED = Section(
    "corrected", "Corrected by people", terminal=corrected_table,
    show=lambda told: None if told.findings.corrected is None else {},
)  # fmt: skip
