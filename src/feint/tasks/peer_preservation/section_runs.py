"""The section on runs: rows for the page, tables for a terminal, and the attribution plot.

In the plot each behaviour is a panel and each contrast a row, with intervals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from feint.findings import Estimated, Findings
from feint.report.axes import span_of, ticks_of
from feint.report.drawing import Board
from feint.report.pages import both
from feint.report.section import Section, Told, View
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import MINUS, Glossary, interval, known, percent, points, probability
from feint.tasks.peer_preservation.analysis.runs import Behaviour, BehaviourContrast, Runs, RunsData, RunsInCell
from feint.tasks.peer_preservation.fixtures import PACKAGE
from feint.tasks.peer_preservation.prompt import bank

Words: TypeAlias = Mapping[str, Mapping[str, str]]
"""By outcome: its `label`, its `short` name for the head of a narrow column, and its `meaning`."""
UNTOLD = ("protected", "evidence_changed", "indiscriminate")
"""Acts that narrow tables leave out: the label has a table of its own, the others are rare."""
BESIDE = ("read", "complete", "error")
"""Outcomes that the numbers of runs and the missing ones already tell."""
ALPHA = 0.05
"""The error rate: a disc is full where the adjusted p value is below it."""
_LABELS, _GAP, _HEAD, _FOOT, _ROW, _TALL_ROW = 150, 36, 52, 30, 24, 36
Span = tuple[float, float]


def runs_of(findings: Findings) -> RunsData | None:
    """Read the findings on runs; None if there are none."""
    found = findings.sections.get("runs")
    return None if found is None else RunsData.model_validate(found)


def steps(value: float | None) -> str:
    """Write a difference of grades, such as ``+0.50``."""
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


def show(about: Told) -> View | None:
    """Show the runs, if the findings have runs."""
    found = runs_of(about.findings)
    if found is None:
        return None
    words, zone = bank("section_runs"), about.rule.smallest_effect
    return {
        "found": found,
        "plot": both(lambda narrow: behaviour_plot(found.behaviours, about.say, zone=zone, narrow=narrow))
        if found.behaviours
        else None,
        "words": words,
        "outcomes": shown_outcomes(found.cells, {**words["acts"], **words["conduct"]}),
        "told": told,
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


@dataclass(frozen=True)
class Panel:
    """A part of a board with an axis of its own, in pixels."""

    left: float
    right: float
    top: float
    bottom: float
    span: tuple[float, float]

    def x(self, value: float) -> float:
        """Return where a value is."""
        low, high = self.span
        return self.left + (value - low) / (high - low) * (self.right - self.left)


def behaviour_plot(
    behaviours: Mapping[str, Behaviour], say: Glossary, *, zone: float = 0.05, narrow: bool = False
) -> str:
    """Draw every behaviour in every contrast in which it can occur, as an ``<svg>`` element.

    Rates share one axis; the shift of a score, which is in other points, has its own. `zone` is the smallest effect of
    interest, as a fraction; a `narrow` plot is laid out for a phone.
    """
    found: dict[bool, list[float | None]] = {}
    for entry in behaviours.values():
        for one in entry.contrasts.values():
            found.setdefault(_is_score(entry), []).extend((one.estimate, one.low, one.high))
    spans = {score: span_of(values, zone) for score, values in found.items()}
    board = (_stacked if narrow else _side_by_side)(behaviours, say, zone, spans)
    return board.svg(
        "Behaviours by contrast", "For each behaviour and each contrast, the difference with its interval; a full "
        f"disc is significant once adjusted for all of them, the shaded zone is ±{100 * zone:g} points. The table "
        "holds the same numbers.",
    )  # fmt: skip


def _is_score(entry: Behaviour) -> bool:
    return any(one.measure == "shift" for one in entry.contrasts.values())


def _side_by_side(behaviours: Mapping[str, Behaviour], say: Glossary, zone: float, spans: dict[bool, Span]) -> Board:
    rows = list(dict.fromkeys(key for entry in behaviours.values() for key in entry.contrasts))
    words = bank("section_runs")["behaviours"]
    width, height = 760, _HEAD + _ROW * len(rows) + _FOOT
    board = Board("behaviours", False, (width, height), (0, 0), (0, width))
    each = (width - _LABELS - _GAP * max(len(behaviours) - 1, 0) - 18) / max(len(behaviours), 1)
    ys = {key: _HEAD + _ROW * (i + 0.5) for i, key in enumerate(rows)}
    for key, y in ys.items():
        board.text(0, y, one_line(say.label(key), 24), size=11.5)
    for i, (key, entry) in enumerate(behaviours.items()):
        left = _LABELS + i * (each + _GAP)
        panel = Panel(left, left + each, _HEAD, height - _FOOT, spans[_is_score(entry)])
        for line, text in enumerate(words[key]["lines"]):
            board.text((panel.left + panel.right) / 2, 9 + 15 * line, text, at="center", size=11.5, weight="bold")
        board.text((panel.left + panel.right) / 2, 40, unit_of(entry), "muted", at="center", size=10.5)
        _frame(board, panel, zone, [(panel.top, panel.bottom)])
        for row, y in ys.items():
            if row in entry.contrasts:
                _mark(board, panel, y, entry.contrasts[row])
            else:
                board.text(panel.right, y, "–", "muted", at="right", size=11)
    return board


def _stacked(behaviours: Mapping[str, Behaviour], say: Glossary, zone: float, spans: dict[bool, Span]) -> Board:
    width, words = 360, bank("section_runs")["behaviours"]
    heights = [_HEAD + _TALL_ROW * len(entry.contrasts) + _FOOT for entry in behaviours.values()]
    board = Board("behaviours", True, (width, max(sum(heights), _HEAD)), (0, 0), (0, width))
    top = 0.0
    for (key, entry), height in zip(behaviours.items(), heights, strict=True):
        panel = Panel(16, width - 16, top + _HEAD, top + height - _FOOT, spans[_is_score(entry)])
        board.text(0, top + 16, " ".join(words[key]["lines"]), weight="bold", size=13)
        board.text(0, top + 34, unit_of(entry), "muted", size=11)
        ys = [panel.top + _TALL_ROW * i + 26.0 for i in range(len(entry.contrasts))]
        _frame(board, panel, zone, [(y - 7, y + 7) for y in ys])
        for y, (row, one) in zip(ys, entry.contrasts.items(), strict=True):
            board.text(0, y - 17, one_line(say.label(row), 44), size=11.5)
            _mark(board, panel, y, one)
        top += height
    return board


def unit_of(entry: Behaviour) -> str:
    """Name the unit in which a behaviour is measured."""
    measures = bank("section_runs")["measures"]
    return " or ".join(dict.fromkeys(measures[one.measure]["unit"] for one in entry.contrasts.values()))


def excludes_zero(entry: Estimated) -> bool:
    """Tell whether the interval of a difference is on one side of 0."""
    return entry.low is not None and entry.high is not None and (entry.low > 0 or entry.high < 0)


def _frame(board: Board, panel: Panel, zone: float, strips: Sequence[tuple[float, float]]) -> None:
    """Draw the zone, the ticks and the zero line of a panel, and its values at the foot."""
    ticks = ticks_of(panel.span, 5)
    for top, bottom in strips:
        board.area([panel.x(-zone), panel.x(zone)], [top] * 2, [bottom] * 2, "zone", order=0)
        for value in ticks:
            role, width = ("muted", 1.2) if value == 0 else ("line", 1.0)
            at = panel.x(value)
            board.line([at, at], [top, bottom], role, width, order=1 + width)
    for value, text in ticks.items():
        board.text(panel.x(value), panel.bottom + 13, text, "muted", at="center", size=10.5)


def _mark(board: Board, panel: Panel, y: float, entry: BehaviourContrast) -> None:
    if entry.estimate is None or not known(entry.estimate):
        board.text((panel.left + panel.right) / 2, y, "missing", "muted", at="center", size=10.5)
        return
    sure = entry.p_holm is not None and entry.p_holm < ALPHA
    role = "ink" if excludes_zero(entry) else "undetermined"
    if entry.low is not None and entry.high is not None:
        board.bar(panel.x(entry.low), panel.x(entry.high), y, role, 2)
    board.dot(panel.x(entry.estimate), y, role, hollow=not sure, size=7)


RUNS = Section("runs", "What was done", "templates/runs.html.j2", PACKAGE, show=show, terminal=run_tables)
