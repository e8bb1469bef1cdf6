"""The sections on contrasts and on cells: figures for the page, tables for a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from feint.report.figures import VOICE_MARKERS, cell_plot, forest_plot, request_plot, voice_plot, voices_of
from feint.report.pages import both
from feint.report.section import Section, Told, View
from feint.report.terminal import bar, decision_text, plain, table
from feint.report.text import one_line, visible
from feint.report.words import MINUS, interval, known, minus, percent, points, ratio_line


def requests_of(told: Told) -> list[str]:
    """List the requests of all contrasts in the order in which they are first found."""
    return list(dict.fromkeys(name for entry in told.findings.contrasts.values() for name in entry.per_request))


def show_contrasts(told: Told) -> View:
    """Draw the contrasts, and their differences request by request."""
    found, zone = told.findings.contrasts, told.rule.smallest_effect
    return {
        "plot": both(lambda narrow: forest_plot(found, told.say, zone=zone, narrow=narrow)),
        "by_request": both(lambda narrow: request_plot(found, told.say, narrow=narrow)),
        "requests": requests_of(told),
    }


def contrasts_table(told: Told) -> Iterator[RenderableType]:
    """Print the contrasts with their decisions, and after how many requests each was closed."""
    findings = told.findings
    looked = findings.stopping.contrasts if findings.stopping else {}
    heads = ["contrast", ">points", ">interval", "decision", *([">after"] if looked else [])]
    made = table(f"Contrasts (points of {told.say.words.measure})", heads)
    for key, entry in findings.contrasts.items():
        name = plain(told.say.label(key)) + Text("\n") + plain(minus(entry.expression), "dim")
        if entry.ratio:
            name += Text(f"\n{ratio_line(entry.ratio)}", "dim")
        ends = interval(entry.low, entry.high, signed=True)
        cells: list[str | Text] = [name, points(entry.estimate), ends, decision_text(entry.decision)]
        if looked:
            look = looked[key]
            cells.append(Text(f"{look.after:,}" if look.after else "not asked" if look.moot else "open", style="dim"))
        made.add_row(*cells)
    yield made


def estimates_table(told: Told) -> Iterator[RenderableType]:
    """Print the estimands of a task beside its contrasts, with their decisions."""
    if not told.findings.estimands:
        return
    made = table("Further estimates", ["estimate", ">", ">interval", "unit", "decision"])
    for key, entry in told.findings.estimands.items():
        made.add_row(
            plain(one_line(told.say.label(key), 30)) + Text("\n") + plain(f"of {one_line(entry.measure, 28)}", "dim"),
            in_unit(entry.estimate, entry.unit), span_in_unit(entry.low, entry.high, entry.unit),
            plain(one_line(entry.unit, 12)), decision_text(entry.decision),
        )  # fmt: skip
    yield made


def in_unit(value: float | None, unit: str) -> str:
    """Write a number in the unit of its estimand; differences of fractions, "points", are told times 100.

    >>> in_unit(-0.1234, "points"), in_unit(0.1234, "d′"), in_unit(None, "d′")
    ('−12.3', '0.123', '–')
    """
    if value is None or not known(value):
        return "–"
    text = f"{100 * value:.1f}" if unit == "points" else f"{value:.3g}"
    return text.replace("-", MINUS)


def span_in_unit(low: float | None, high: float | None, unit: str) -> str:
    """Write an interval in the unit of its estimand."""
    return f"[{in_unit(low, unit)}, {in_unit(high, unit)}]" if known(low) and known(high) else "–"


def twins_asked(told: Told) -> bool:
    """Tell whether any cell has benign twins."""
    return any(entry.twins for entry in told.findings.cells.values())


def show_cells(told: Told) -> View:
    """Draw the rates of all cells."""
    plot = both(lambda narrow: cell_plot(told.findings.cells, told.say, narrow=narrow))
    return {"plot": plot, "twins": twins_asked(told)}


def cells_table(told: Told) -> Iterator[RenderableType]:
    """Print the rates of all cells."""
    tame = twins_asked(told)
    made = table(
        f"{told.say.words.measure.capitalize()} by cell (%)",
        ["cell", ">%", ">interval", "", ">n", *([">twins"] if tame else []), ">missing"],
    )
    for cell, entry in told.findings.cells.items():
        whole, twins = entry.compliance, entry.twins
        gone = sum(entry.missing.values())
        made.add_row(
            plain(one_line(cell, 22)), percent(whole.estimate), interval(whole.low, whole.high),
            bar(whole.estimate), str(whole.n),
            *([percent(twins.estimate if twins else None)] if tame else []),
            Text(str(gone), style="" if gone else "dim"),
        )  # fmt: skip
    yield made


def show_wording(told: Told) -> View:
    """Draw the rates of all cells apart by voice, and name the mark of each voice."""
    cells = told.findings.cells
    voices, marks = voices_of(cells), list(VOICE_MARKERS.values())
    signs = ", ".join(f"{marks[i % len(marks)]} {visible(voice)}" for i, voice in enumerate(voices))
    head = f"{told.say.words.measure.capitalize()} in each cell, apart by voice"
    return {
        "plot": both(lambda narrow: voice_plot(cells, told.say, narrow=narrow)),
        "voices": voices,
        "voice_key": f"{head}: {signs}. Where marks lie together, wording matters little.",
    }


def show_missing(told: Told) -> View:
    """List the reasons for which anything is missing."""
    cells = told.findings.cells.values()
    return {"reasons": list(dict.fromkeys(reason for entry in cells for reason in entry.missing))}


def missing_line(told: Told) -> Iterator[RenderableType]:
    """Print how many replies are missing, by reason."""
    replies, word = told.findings.replies, told.say.words
    planned = f"{replies.planned:,} {word.reply if replies.planned == 1 else word.replies}"
    why = told.say.reasons(replies.missing_by_reason)
    line = f"{planned} planned, {replies.scored:,} scored, {replies.missing:,} missing"
    cut = f", {replies.cut_off:,} cut off that said enough" if replies.cut_off else ""
    yield Text(line + (f" ({why})" if why else "") + cut, style="dim")


CONTRASTS = Section("contrasts", "What makes the difference", show=show_contrasts, terminal=contrasts_table)
ESTIMATES = Section(
    "estimates", "What else was estimated", terminal=estimates_table,
    show=lambda told: {"in_unit": in_unit, "span_in_unit": span_in_unit} if told.findings.estimands else None,
)  # fmt: skip
CELLS = Section("cells", "{how_often}", show=show_cells, terminal=cells_table)
WORDING = Section("wording", "Does wording matter?", show=show_wording)
MISSING = Section("missing", "What is missing", show=show_missing, terminal=missing_line)
