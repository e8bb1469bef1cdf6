"""The figures of a comparison: the gap of every subject; the contrasts that speak of each explanation, by design.

Both return an ``<svg>`` element. `zone` is the smallest effect of interest, as a fraction; `narrow` is the layout of a
phone.
"""

from collections import Counter
from collections.abc import Sequence

from feint.findings.contrasts import ContrastFinding
from feint.report.axes import draw_effects, ends_of, role_of, span_of
from feint.report.drawing import Board
from feint.report.text import one_line
from feint.report.words import Glossary, interval, minus, points
from feint.study.compare.families import Group, grouped
from feint.study.compare.rows import Explained, Row, short_names

MOST_ROWS = 150
"""A longer figure of the evidence helps nobody; the table holds the same."""
_FOOT = 28
Heads = list[tuple[str, float]]


def gap_plot(rows: Sequence[Row], say: Glossary, *, zone: float = 0.05, narrow: bool = False) -> str:
    """Draw the gap of every subject with its interval, stages of one family joined by a line."""
    groups = grouped(rows)
    titled = len(groups) > 1 or any(group.family is not None for group in groups)
    counts = [(_title(group) if titled else "", len(group.rows)) for group in groups]
    heads, tops, foot = _layout(counts, top=14, head=30, step=48 if narrow else 30)
    placed = [row for group in groups for row in group.rows]
    gaps = [row.gap for row in placed]
    ys = [top + (34 if narrow else 15) for top in tops]
    width, margins = (360, (16, 20)) if narrow else (760, (216, 230))
    board = Board("gaps", narrow, (width, foot + _FOOT), margins, span_of(ends_of(gaps), zone))
    draw_effects(board, ys, gaps, zone)
    for name, y in heads:
        board.text(0, y + 12, name, "muted", size=11)
    at = 0
    for group in groups:
        here = ys[at : at + len(group.rows)]
        at += len(group.rows)
        if group.family is not None:
            _join(board, group, here)
    names = short_names([row.subject for row in placed], 26)
    for row, y in zip(placed, ys, strict=True):
        beside = y - 21 if narrow else y
        board.text(0, beside, names[row.subject], weight="bold", size=11.5)
        _numbers(board, row.gap, y, beside, row.decision)
    return board.svg(
        f"{say.words.gap.capitalize()}s",
        " ".join([f"The {say.words.gap} of every subject, in points, with intervals.", *lines_told(groups)])
        + " The table holds the same numbers.",
    )  # fmt: skip


def lines_told(groups: Sequence[Group]) -> list[str]:
    """Explain the lines that the figure of gaps draws, a sentence for each kind."""
    chained = any(links_of(group) for group in groups if not group.siblings)
    return [
        *(["A line joins neighbouring stages of one family, at their gaps over the items that both have."] * chained),
        *(["The broken line is the gap of the model from which the others were trained."]
          * any(base_drawn(group) for group in groups if group.family is not None)),
    ]  # fmt: skip


def _title(group: Group) -> str:
    if group.family is None:
        return "other subjects"
    how = "the base model and what was trained from it" if group.siblings else "stage by stage"
    return f"{one_line(group.family, 40)}, {how}"


def links_of(group: Group) -> list[tuple[int, int, float, float]]:
    """List the lines between the rows of a family: the places of two rows, and the gap of each.

    Stages are joined to the next stage, siblings to the base model. Both gaps are means over the items that both rows
    have, so that a line compares like with like; rows without a common item are not joined. Nor is a stage of which
    there are two rows, by two judges for example: nobody knows which of them the next stage came from.
    """
    rows, times = group.rows, Counter(row.stage for row in group.rows)
    pairs = [(0 if group.siblings else place - 1, place) for place in range(1, len(rows))]
    if not group.siblings:
        pairs = [pair for pair in pairs if all(times[rows[place].stage] == 1 for place in pair)]
    found: list[tuple[int, int, float, float]] = []
    for one, other in pairs if group.family is not None else []:
        gaps, others = rows[one].gap.per_request, rows[other].gap.per_request
        if common := [item for item in gaps if item in others]:
            start, end = (sum(each[item] for item in common) / len(common) for each in (gaps, others))
            found.append((one, other, start, end))
    return found


def base_drawn(group: Group) -> bool:
    """Tell whether the gap of a family's base model is drawn through the rows of its siblings."""
    return group.siblings and group.rows[0].gap.estimate is not None


def _join(board: Board, group: Group, ys: Sequence[float]) -> None:
    """Draw the lines of a family, and for siblings the gap of the base model through all rows."""
    start = group.rows[0].gap.estimate
    if base_drawn(group) and start is not None:
        board.line([start, start], [ys[0], ys[-1]], "muted", 1.2, order=3, cap="butt", dashes="4.8 3.6")
    for one, other, low, high in links_of(group):
        board.line([low, high], [ys[other] if group.siblings else ys[one], ys[other]], "muted", 1.1, order=3)


def evidence_plot(
    explanations: Sequence[Explained], say: Glossary, *, zone: float = 0.05, narrow: bool = False
) -> str | None:
    """Draw every contrast that names an explanation, those of one explanation together.

    Returns:
        None where there is nothing to draw, or too much.
    """
    groups: dict[str, list[tuple[str, str, ContrastFinding]]] = {}
    for entry in explanations:
        for cell in entry.subjects:
            for one in cell.evidence:
                here = groups.setdefault(entry.explanation, [])
                here += [(cell.subject, one.design, contrast) for contrast in one.contrasts.values()]
    lines = [line for group in groups.values() for line in group]
    if not 0 < len(lines) <= MOST_ROWS:
        return None
    several = len({subject for subject, _, _ in lines}) > 1
    entries, step = [found for _, _, found in lines], 60 if narrow else 36
    counts = [(name, len(group)) for name, group in groups.items() if group]
    heads, tops, foot = _layout(counts, top=10, head=34, step=step)
    width, margins = (360, (16, 20)) if narrow else (760, (250, 230))
    board = Board("evidence", narrow, (width, foot + _FOOT), margins, span_of(ends_of(entries), zone))
    ys = [top + (step - 14 if narrow else step / 2) for top in tops]
    draw_effects(board, ys, entries, zone)
    for name, y in heads:
        board.text(0, y + 20, say.label(name), weight="bold", size=12.5)
    names = short_names(list(dict.fromkeys(subject for subject, _, _ in lines)), 22)
    for y, (subject, design, found) in zip(ys, lines, strict=True):
        name = f"{names[subject]} · {one_line(design, 16)}" if several else one_line(design, 34)
        beside = y - 34 if narrow else y - 7
        board.text(0, beside, name, size=11.5)
        board.text(0, beside + 15, one_line(minus(found.expression), 40), "muted", size=10)
        _numbers(board, found, y, beside, found.decision)
    return board.svg(
        "Evidence by explanation", "For each explanation the contrasts that name it, in points with intervals, "
        "design by design. The table holds the same numbers.",
    )  # fmt: skip


def _layout(
    groups: Sequence[tuple[str, int]], top: float, head: float, step: float
) -> tuple[Heads, list[float], float]:
    """Place groups of rows: the headings that are not "" with their tops, the tops of all rows, the foot."""
    heads, tops, y = [], [], top
    for name, rows in groups:
        if name:
            heads.append((name, y))
            y += head
        tops += [y + step * i for i in range(rows)]
        y += step * rows
    return heads, tops, y


def _numbers(board: Board, found: ContrastFinding, y: float, beside: float, decision: str) -> None:
    """Write an estimate with its interval; where there is room, also the decision."""
    numbers = f"{points(found.estimate)} {interval(found.low, found.high, signed=True)}"
    if board.narrow:
        board.text(board.width, beside, numbers, at="right", size=11)
    else:
        board.text(board.width - 96, y, numbers, at="right", size=11.5)
        board.text(board.width, y, one_line(decision, 18), role_of(decision), at="right", size=11)
