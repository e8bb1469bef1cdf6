"""A calibration as tables of text, the same on a terminal and in the documentation, with the numbers off target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
COVERAGE = (0.935, 0.965)
"""Coverage of 95 % intervals. With few rare replies no method stays below the upper end, which does not count there."""
WRONG = 0.05
"""Largest share of studies that name an absent explanation, and of smallest effects that are decided no."""
TINY = 1e-9


@dataclass(frozen=True)
class Miss:
    """A number of a row, named by `what`, with its 95 % interval, that misses its target.

    The miss is `sure` if the whole interval misses; otherwise it may be chance.
    """

    row: Row
    what: str
    estimate: float
    low: float
    high: float
    target: str
    sure: bool

    @property
    def mark(self) -> str:
        """The sign that tables show."""
        return "✗" if self.sure else "?"


def misses_of(row: Row, smallest: float) -> list[Miss]:
    """List the numbers of a row that miss their target, given the smallest effect of interest."""
    found = []
    for part, cover in row.cover.items():
        low, high = COVERAGE[0], 1.0 if part.endswith("_rare") else COVERAGE[1]
        if not low <= cover.estimate <= high:
            below = cover.estimate < low
            sure = cover.high < low if below else cover.low > high
            target = f"at least {low:.1%}" if below else f"at most {high:.1%}"
            what = f"coverage of {part.replace('_rare', ' with few rare replies')}"
            found.append(Miss(row, what, cover.estimate, cover.low, cover.high, target, sure))
    claimed = {name: claim.yes for name, claim in row.explanations.items() if claim.planted is False and claim.yes}
    mostly = f", mostly {glossary().label(max(claimed, key=lambda name: claimed[name])).lower()}" if claimed else ""
    shares = [(f"wrong yes{mostly}", Share(row.wrong_yes, row.studies))]
    shares += [("no at the smallest effect", no_at(row, smallest))]
    for what, share in shares:
        if share.estimate is not None and share.low is not None and share.high is not None and share.estimate > WRONG:
            target = f"at most {WRONG:.0%}"
            found.append(Miss(row, what, share.estimate, share.low, share.high, target, share.low > WRONG))
    return found


def no_at(row: Row, smallest: float) -> Share:
    """Return how often a contrast of exactly the smallest effect of interest is decided no; the worst such contrast."""
    gaps = [gap for gap in row.contrasts.values() if abs(gap.truth - smallest) < TINY]
    return Share(max((gap.no for gap in gaps), default=0), row.studies if gaps else 0)


def all_misses(calibration: Calibration) -> list[Miss]:
    """List every miss of a calibration; sure misses come first."""
    smallest = calibration.settings["smallest_effect"]
    found = [miss for row in calibration.rows for miss in misses_of(row, smallest)]
    return sorted(found, key=lambda miss: not miss.sure)


@dataclass(frozen=True)
class TextTable:
    """A table: heads of columns of numbers begin with ">", and a terminal has no room for the `wide` columns."""

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
    """Format a size of study, such as "40 × 5"."""
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
            planted = (claim for row in rows_of(calibration, size) for claim in row.explanations.values())
            there = [claim for claim in planted if claim.planted and claim.effect is not None]
            here = [claim for claim in there if above + TINY < (claim.effect or 0) <= upto + TINY]
            if here:
                rows.append([name, size_text(size), *told(here)[:4]])
    head = ["planted effect", "size", ">found", ">called no", ">undetermined", ">present in"]
    return TextTable("How often an explanation is found, by the size of its effect (%)", head, rows)


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
            mark = next((m.mark for m in here if m.what.startswith(what)), "")
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
