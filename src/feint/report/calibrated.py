"""The short form of a calibration in every report: error rates for studies of a given size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log

from feint.base.errors import UsageError
from feint.base.version import __version__
from feint.findings import Findings
from feint.report.calibration import Calibration, Claim, Row, find_calibration
from feint.report.words import Glossary

ICC = 0.2
"""Correlation of replies to one request that sizes of studies are compared with."""
SIZES = (0.05, 0.1, 0.2)
"""Planted effects at which sizes are parted, when it is told how often a motive is found."""
TINY = 1e-9


@dataclass(frozen=True)
class Share:
    """The share of cases in which something happened, with Wilson's 95 % interval; None without cases."""

    hits: int
    of: int

    @property
    def estimate(self) -> float | None:
        """The share."""
        return self.hits / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """Lower end."""
        return self._ends[0]

    @property
    def high(self) -> float | None:
        """Upper end."""
        return self._ends[1]

    @cached_property
    def _ends(self) -> tuple[float | None, float | None]:
        from feint.stats import wilson  # slow to import, and commands that show no findings import this room

        if not self.of:
            return None, None
        low, high = wilson(self.hits / self.of, self.of, 0.95)
        return float(low), float(high)


@dataclass(frozen=True)
class Known:
    """The results of the studies of one size on an explanation, or on all.

    Attributes:
        found: How often it is named where it is present.
        missed: How often it is ruled out where it is present.
        claimed: How often it is named where it is absent.
        cleared: How often it is ruled out where it is absent.
    """

    found: Share
    missed: Share
    claimed: Share
    cleared: Share


def known_of(claims: Iterable[Claim]) -> Known:
    """Sum up claims. A claim counts only if its explanation is clearly present or absent."""
    every = list(claims)
    there, absent = ([claim for claim in every if claim.planted is planted] for planted in (True, False))

    def share(claims: Sequence[Claim], decision: str) -> Share:
        return Share(sum(getattr(c, decision) for c in claims), sum(c.studies for c in claims))

    return Known(share(there, "yes"), share(there, "no"), share(absent, "yes"), share(absent, "no"))


def rows_of(calibration: Calibration, size: tuple[int, int]) -> list[Row]:
    """The rows of one size."""
    return [row for row in calibration.rows if row.size == size]


def wrong_share(rows: Sequence[Row], part: str = "wrong_yes") -> Share:
    """Compute the share of studies that name an absent explanation, or claim an absent contrast."""
    return Share(sum(getattr(row, part) for row in rows), sum(row.studies for row in rows))


def sizes_found(rows: Sequence[Row]) -> dict[str, Share]:
    """Compute how often a present explanation is named, by the size of its effect.

    Returns:
        By the planted sizes in points, such as "8 to 10", smallest first; sizes between two of `SIZES` are put
        together, those at the upper end included.
    """
    claims = [
        claim for row in rows for claim in row.explanations.values() if claim.planted and claim.effect is not None
    ]
    found = {}
    for low, high in pairwise((0.0, *SIZES, 1.0)):
        here = [claim for claim in claims if low + TINY < (claim.effect or 0.0) <= high + TINY]
        sizes = sorted({f"{100 * (claim.effect or 0.0):.0f}" for claim in here}, key=float)
        if here:
            name = sizes[0] if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
            found[name] = known_of(here).found
    return found


def covered_share(rows: Sequence[Row]) -> Share:
    """Compute the coverage of the contrasts' intervals, where the level can be attained."""
    gaps = [gap for row in rows for gap in row.contrasts.values() if gap.attainable]
    return Share(sum(gap.covered for gap in gaps), sum(gap.of for gap in gaps))


def nearest_size(calibration: Calibration, requests: float, replies: float) -> tuple[int, int]:
    """Choose the size nearest to a study with some requests and replies in each cell.

    Nearest is by effective replies, and with half the weight by requests, both compared by ratio. Effective replies are
    their number, reduced for a correlation within requests.
    """
    from feint.stats import effective

    worth = effective(max(replies, requests), requests, ICC)

    def distance(size: tuple[int, int]) -> float:
        here = effective(size[0] * size[1], size[0], ICC)
        return abs(log(here / worth)) + abs(log(size[0] / requests)) / 2

    return min(calibration.sizes, key=distance)


@dataclass(frozen=True)
class Trusted:
    """The error rates of similar studies, shown beside the findings of a study.

    Attributes:
        line: All in one line.
        lines: In sentences.
        rows: By explanation, for a table; empty where nothing is known.
        size: Requests and wordings of the simulated studies.
    """

    line: str
    lines: list[str]
    rows: dict[str, Known]
    size: tuple[int, int] | None


def calibrated(findings: Findings, say: Glossary, smallest_effect: float | None = None) -> Trusted:
    """Say how far findings can be trusted, by the calibration of their design at the nearest size.

    The smallest effect is that of the study's plan; None where it is not at hand.
    """
    design = findings.design
    if findings.stopping is not None:
        return stopped(findings, say)
    if say.words.calibration:
        return unknown(say.words.calibration)
    try:
        found = find_calibration(design, {key: entry.expression for key, entry in findings.contrasts.items()})
    except UsageError as error:
        return unknown(str(error))
    requests = min((entry.n for entry in findings.contrasts.values()), default=0)
    if found is None:
        return unknown(f"This design is not calibrated: run feint calibrate --design {design}.")
    if smallest_effect is not None and abs(smallest_effect - found.settings.get("smallest_effect", -1)) > TINY:
        return unknown(
            f"The calibration is for a smallest effect of interest of {100 * found.settings['smallest_effect']:g} "
            f"points, not of {100 * smallest_effect:g}."
        )
    if requests < 1:
        return unknown("No contrast has replies, so no calibration speaks of it.")
    replies = max(entry.compliance.n for entry in findings.cells.values())
    return summarised(found, nearest_size(found, requests, replies), (requests, replies))


def stopped(findings: Findings, say: Glossary) -> Trusted:
    """Say how often the rule by which a study stopped is right, by the studies that were simulated for it."""
    power, stopping = findings.power, findings.stopping
    if stopping is None or power is None or power.errors is None:
        return unknown("Not calibrated for its stopping rule: that is done when the study has ended.")
    errors, requests = power.errors, say.words.requests
    each = f"{power.studies:,} simulated studies that stop by the same looks, after {stopping.most} {requests} at most"
    nothing = f"where every cell has the same {say.words.measure} ({100 * errors.rate:.0f} %)"
    gaps = ", ".join(f"{gap} points in {100 * share:.0f} %" for gap, share in power.found.items())
    found = f"; they call a gap of {gaps} yes" if gaps else ""
    wrong = f"{100 * errors.wrong_yes:.1f} % call some contrast yes {nothing}"
    lines = [
        f"How often this stopping rule is right was measured on {each}, with the spread of this study.",
        f"Of these studies, {wrong}{found}.",
        f"Where nothing is there, {100 * errors.covered:.1f} % of their 95 % intervals hold the truth, and half of the "
        f"studies ask {errors.requests:.0f} {requests} or fewer in a cell.",
    ]
    return Trusted(f"Calibrated for its stopping rule ({each}): {wrong}{found}.", lines, {}, None)


def unknown(line: str) -> Trusted:
    """Nothing is known, and why."""
    return Trusted(line, [line], {}, None)


def summarised(found: Calibration, size: tuple[int, int], own: tuple[int, int]) -> Trusted:
    """Put the rows of one size into words."""
    rows = rows_of(found, size)
    without = [row for row in rows if row.absent_gaps]
    wrong, gap, published = (
        wrong_share(rows), wrong_share(without, "wrong_gap"), wrong_share(without, "published_gap")
    )  # fmt: skip
    large, covered = sizes_found(rows), covered_share(rows)
    each = f"{size[0]} requests × {size[1]} {'reply' if size[1] == 1 else 'replies'} a cell"
    version = "" if found.feint == __version__ else f", by another version than this one ({__version__})"
    lines = [
        f"How often this design is right was measured on {wrong.of:,} simulated studies of subjects with known "
        f"motives, {each} (here {own[0]} requests, {own[1]} replies a cell), with Feint {found.feint}{version}.",
        f"A motive that is absent was named in {told(wrong)} % of those studies. One that is present was found, by the "
        f"size of its effect: {'; '.join(f'{size} points, {told(share)} %' for size, share in large.items())}.",
        f"The 95 % intervals of contrasts held the truth in {told(covered)} % (where that level can be attained). A "
        f"gap that is not there was claimed in {told(gap)} % of the studies, by the published rule (independent cells, "
        f"± 1 σ, above 1 point) in {told(published)} %.",
    ]
    piped = [one for one in found.piped if one.planted]
    if piped:
        right = sum(one.right for one in found.piped)
        lines.append(f"Through the whole pipeline, {right} of {len(found.piped)} subjects were told right.")
    line = (
        f"Calibrated (Feint {found.feint}, {wrong.of:,} simulated studies of {each}): names an absent motive in "
        f"{told(wrong, short=True)} % of studies, finds a present one "
        f"{', '.join(f'of {size} points in {told(share, short=True)} %' for size, share in large.items())}."
    )
    names = list(dict.fromkeys(name for row in rows for name in row.explanations))
    known = {name: known_of(row.explanations[name] for row in rows if name in row.explanations) for name in names}
    return Trusted(line, lines, known, size)


def told(share: Share, *, short: bool = False) -> str:
    """A share in percent with its interval, or a dash."""
    if share.estimate is None or share.low is None or share.high is None:
        return "–"
    if short:
        return f"{100 * share.estimate:.1f}"
    return f"{100 * share.estimate:.1f} (95 % {100 * share.low:.1f} to {100 * share.high:.1f})"
