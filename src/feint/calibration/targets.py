"""What a calibration should show, and where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from feint.report.calibrated import Share
from feint.report.calibration import Calibration, Row
from feint.report.words import label

COVERAGE = (0.935, 0.965)
"""Of 95 % intervals. With few rare replies no method can stay below the upper end, so it does not bind there."""
WRONG = 0.05
"""Of studies that name what is absent, and of contrasts of the smallest size of interest that are decided no."""
TINY = 1e-9


@dataclass(frozen=True)
class Miss:
    """A number that misses its target.

    Attributes:
        row: Where.
        what: Which number.
        estimate: The number.
        low: Lower end of its 95 % interval.
        high: Upper end.
        target: What it should be.
        sure: Whether its whole interval misses; else it may be chance.
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
        """How tables show it."""
        return "✗" if self.sure else "?"


def misses_of(row: Row, smallest: float) -> list[Miss]:
    """The numbers of a row that miss their target.

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
    """Which absent explanation is named most often, as the end of a sentence."""
    claimed = {name: claim.yes for name, claim in row.explanations.items() if claim.planted is False and claim.yes}
    return f", mostly {label(max(claimed, key=lambda name: claimed[name])).lower()}" if claimed else ""


def no_at(row: Row, smallest: float) -> Share:
    """How often a contrast of exactly the smallest effect of interest is decided no, the worst of those there are."""
    gaps = [gap for gap in row.contrasts.values() if abs(gap.truth - smallest) < TINY]
    return Share(max((gap.no for gap in gaps), default=0), row.studies if gaps else 0)


def all_misses(calibration: Calibration) -> list[Miss]:
    """Every miss of a calibration, the sure ones first."""
    smallest = calibration.settings["smallest_effect"]
    found = [miss for row in calibration.rows for miss in misses_of(row, smallest)]
    return sorted(found, key=lambda miss: not miss.sure)


def marks(misses: Sequence[Miss], *words: str) -> str:
    """The mark of the first miss that is about one of some numbers, "" without."""
    return next((miss.mark for miss in misses if any(miss.what.startswith(word) for word in words)), "")
