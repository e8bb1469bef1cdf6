"""The targets of a calibration, and the numbers that miss them."""

from collections.abc import Sequence
from dataclasses import dataclass

from feint.report.calibrated import Share
from feint.report.calibration import Calibration, Row
from feint.report.words import glossary

COVERAGE = (0.935, 0.965)
"""Coverage of 95 % intervals. With few rare replies no method stays below the upper end, which does not count there."""
WRONG = 0.05
"""Largest share of studies that name an absent explanation, and of smallest effects that are decided no."""
TINY = 1e-9


@dataclass(frozen=True)
class Miss:
    """A number that misses its target.

    Attributes:
        row: The row of the number.
        what: The name of the number.
        estimate: The number.
        low: Lower end of its 95 % interval.
        high: Upper end.
        target: The target in words.
        sure: True if the whole interval misses; otherwise the miss may be chance.
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
    """List the numbers of a row that miss their target.

    Args:
        row: The row.
        smallest: Smallest effect of interest.
    """
    found = []
    for part, cover in row.cover.items():
        low, high = COVERAGE[0], 1.0 if part.endswith("_rare") else COVERAGE[1]
        if not low <= cover.estimate <= high:
            below = cover.estimate < low
            sure = cover.high < low if below else cover.low > high
            target = f"at least {low:.1%}" if below else f"at most {high:.1%}"
            what = f"coverage of {part.replace('_rare', ' with few rare replies')}"
            found.append(Miss(row, what, cover.estimate, cover.low, cover.high, target, sure))
    wrong = f"wrong yes{most_claimed(row)}"
    shares = [(wrong, Share(row.wrong_yes, row.studies)), ("no at the smallest effect", no_at(row, smallest))]
    for what, share in shares:
        if share.estimate is not None and share.low is not None and share.high is not None and share.estimate > WRONG:
            target = f"at most {WRONG:.0%}"
            found.append(Miss(row, what, share.estimate, share.low, share.high, target, share.low > WRONG))
    return found


def most_claimed(row: Row) -> str:
    """Name the absent explanation that is claimed most often, as the end of a sentence; "" if none is claimed."""
    claimed = {name: claim.yes for name, claim in row.explanations.items() if claim.planted is False and claim.yes}
    return f", mostly {glossary().label(max(claimed, key=lambda name: claimed[name])).lower()}" if claimed else ""


def no_at(row: Row, smallest: float) -> Share:
    """Return how often a contrast of exactly the smallest effect of interest is decided no; the worst such contrast."""
    gaps = [gap for gap in row.contrasts.values() if abs(gap.truth - smallest) < TINY]
    return Share(max((gap.no for gap in gaps), default=0), row.studies if gaps else 0)


def all_misses(calibration: Calibration) -> list[Miss]:
    """List every miss of a calibration; sure misses come first."""
    smallest = calibration.settings["smallest_effect"]
    found = [miss for row in calibration.rows for miss in misses_of(row, smallest)]
    return sorted(found, key=lambda miss: not miss.sure)


def marks(misses: Sequence[Miss], *words: str) -> str:
    """Return the mark of the first miss of one of some numbers; "" if there is none."""
    return next((miss.mark for miss in misses if any(miss.what.startswith(word) for word in words)), "")
