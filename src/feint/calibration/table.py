"""A calibration as tables of text, the same on a terminal and in the documentation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feint.calibration.targets import all_misses, marks, misses_of, no_at
from feint.report.calibrated import Share, covered_share, known_of, rows_of, wrong_share
from feint.report.calibration import Calibration, Claim, Cover, Row
from feint.report.words import glossary

NONE = "–"
BANDS = (
    (0.0, 0.05, "5 points"),
    (0.05, 0.1, "5 to 10 points"),
    (0.1, 0.25, "10 to 25 points"),
    (0.25, 1.0, "above 25 points"),
)
"""Bands of planted effects: above, up to and including, and the name of the band."""
TINY = 1e-9


@dataclass(frozen=True)
class TextTable:
    """A table.

    Attributes:
        title: Its heading.
        head: Names of the columns; those of numbers begin with ">".
        rows: Its cells, row by row.
        wide: Numbers of the columns for which a terminal has no room.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    wide: tuple[int, ...] = ()

    def narrow(self) -> "TextTable":
        """Return the table for a terminal of 80 columns: without wide columns, intervals on a line of their own."""
        kept = [at for at in range(len(self.head)) if at not in self.wide]
        rows = [[row[at].replace(" [", "\n[") for at in kept] for row in self.rows]
        return TextTable(self.title, [self.head[at] for at in kept], rows)


def size_text(size: tuple[int, int]) -> str:
    """Format a size of study.

    >>> size_text((40, 5))
    '40 × 5'
    """
    return f"{size[0]} × {size[1]}"


def percents(share: Share | Cover | None) -> str:
    """Format a share in percent with its interval."""
    if share is None or share.estimate is None or share.low is None or share.high is None:
        return NONE
    return f"{100 * share.estimate:.1f} [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def sheets(calibration: Calibration) -> list[TextTable]:
    """Make all tables, in the order in which they are read."""
    made = [by_size(calibration), by_explanation(calibration), by_effect(calibration), by_subject(calibration)]
    return [*made, *([piped(calibration)] if calibration.piped else []), missed(calibration)]


def by_size(calibration: Calibration) -> TextTable:
    """Tabulate by size of study how often the instrument and the published rule are wrong."""
    rows = []
    for size in calibration.sizes:
        here = rows_of(calibration, size)
        gaps = [row for row in here if row.absent_gaps]
        at_smallest = [no_at(row, calibration.settings["smallest_effect"]) for row in here]
        worst_no = max((share for share in at_smallest if share.of), key=lambda s: s.estimate or 0, default=Share(0, 0))
        rows.append([
            size_text(size),
            percents(wrong_share(here)),
            f"{100 * max(row.wrong_yes / row.studies for row in here):.1f}",
            percents(wrong_share(gaps, "wrong_gap")),
            percents(wrong_share(gaps, "published_gap")),
            percents(covered_share(here)),
            percents(worst_no),
        ])  # fmt: skip
    head = ["size", ">wrong yes", ">worst subject", ">wrong gap", ">published rule", ">contrasts covered",
            ">no at smallest effect, worst subject"]  # fmt: skip
    return TextTable("How often a study is wrong, and intervals hold the truth (%)", head, rows)


def by_explanation(calibration: Calibration) -> TextTable:
    """Tabulate by explanation and size: found where present, claimed where absent."""
    names = list(dict.fromkeys(name for row in calibration.rows for name in row.explanations))
    rows = []
    for name in names:
        for size in calibration.sizes:
            here = [row.explanations[name] for row in rows_of(calibration, size) if name in row.explanations]
            rows.append([glossary().label(name), size_text(size), *told(here), str(known_of(here).claimed.of)])
    head = ["explanation", "size", ">found", ">called no", ">undetermined", ">present in",
            ">claimed where absent", ">ruled out there", ">absent in"]  # fmt: skip
    title = "How often an explanation is found where present and claimed where absent (%)"
    return TextTable(title, head, rows, (4, 5, 8))


def told(claims: Sequence[Claim]) -> list[str]:
    """Format the counts of an explanation, without the number of studies in which it is absent."""
    known = known_of(claims)
    open_ = Share(known.found.of - known.found.hits - known.missed.hits, known.found.of)
    there = [percents(known.found), percents(known.missed), percents(open_), str(known.found.of)]
    return [*there, percents(known.claimed), percents(known.cleared)]


def by_effect(calibration: Calibration) -> TextTable:
    """Tabulate how often an effect is found, by its planted size and the size of the study."""
    rows = []
    for above, upto, name in BANDS:
        for size in calibration.sizes:
            here = list(present(rows_of(calibration, size), above, upto))
            if here:
                rows.append([name, size_text(size), *told(here)[:4]])
    head = ["planted effect", "size", ">found", ">called no", ">undetermined", ">present in"]
    return TextTable("How often an explanation is found, by the size of its effect (%)", head, rows)


def present(rows: Iterable[Row], above: float, upto: float) -> Iterable[Claim]:
    """Yield the claims about explanations that are there with an effect in a band."""
    for row in rows:
        for claim in row.explanations.values():
            if claim.planted and claim.effect is not None and above + TINY < claim.effect <= upto + TINY:
                yield claim


def by_subject(calibration: Calibration) -> TextTable:
    """Tabulate every row; a mark shows a number that misses its target."""
    smallest, rows = calibration.settings["smallest_effect"], []
    for row in calibration.rows:
        missed = misses_of(row, smallest)
        shown = [
            (percents(Share(row.wrong_yes, row.studies)), "wrong yes"),
            (percents(Share(row.wrong_gap, row.studies) if row.absent_gaps else None), "none"),
            (percents(Share(row.published_gap, row.studies) if row.absent_gaps else None), "none"),
            (percents(row.cover.get("contrasts")), "coverage of contrasts"),
            (percents(row.cover.get("contrasts_rare")), "coverage of contrasts with"),
            (percents(row.cover.get("cells")), "coverage of cells"),
            (percents(row.cover.get("cells_rare")), "coverage of cells with"),
            (percents(no_at(row, smallest)), "no at"),
        ]
        cells = []
        for at, (text, what) in enumerate(shown):
            # The numbers with few rare replies begin with the words of the others.
            here = [m for m in missed if at in (4, 6) or "few rare" not in m.what]
            mark = marks(here, what)
            cells.append(f"{mark} {text}" if mark else text)
        rows.append([row.actor, size_text(row.size), *cells])
    head = ["subject", "size", ">wrong yes", ">wrong gap", ">published rule", ">contrasts covered",
            ">with few rare replies", ">cells covered", ">with few rare replies", ">no at smallest effect"]  # fmt: skip
    return TextTable("Every row (%); ✗ misses its target, ? misses it by what may be chance", head, rows, (3, 6, 8))


def piped(calibration: Calibration) -> TextTable:
    """Tabulate the real studies through the whole pipeline."""
    rows = []
    for one in calibration.piped:
        wrong = sorted(set(one.named) & set(one.absent))
        unseen = sorted(set(one.planted) - set(one.named))
        rows.append([
            "right" if one.right else "✗ wrong" if wrong or set(unseen) & set(one.ruled_out) else "open",
            one.subject, size_text((one.requests, one.wordings)), names(one.planted), names(one.named),
            f"{len(set(one.ruled_out) & set(one.absent))} of {len(one.absent)}",
        ])  # fmt: skip
    head = ["", "subject", "size", "planted", "named", ">absent ones ruled out"]
    return TextTable("Through the whole pipeline: plan, Inspect, log, verdict (one study each)", head, rows)


def names(keys: Iterable[str]) -> str:
    """List explanations, or write a dash."""
    return ", ".join(glossary().label(key).lower() for key in keys) or NONE


def missed(calibration: Calibration) -> TextTable:
    """Tabulate the numbers that miss their target."""
    rows = [
        [m.mark, m.row.actor, size_text(m.row.size), m.what, f"{100 * m.estimate:.1f}",
         f"[{100 * m.low:.1f}, {100 * m.high:.1f}]", m.target]
        for m in all_misses(calibration)
    ]  # fmt: skip
    head = ["", "subject", "size", "number", ">%", ">interval", "target"]
    return TextTable("What misses its target", head, rows)
