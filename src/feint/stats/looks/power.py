"""Power and error rates of a study that stops when decided, by simulating the rule of this study."""

from collections.abc import Mapping, Sequence

import numpy as np

from feint.stats.decide import DecisionRule
from feint.stats.intervals import tests_of
from feint.stats.looks.replay import Course
from feint.stats.looks.simulate import Asking, Studies
from feint.stats.power.need import POWER, Assumed, room
from feint.stats.power.spread import Counts, Spread, estimate_spread, rates_for
from feint.stats.table import Replies
from feint.stats.types import NO, YES, Contrast, Estimate, Rules, Settings
from feint.stats.units import POINTS
from feint.stats.verdict import gap_contrast

STUDIES = 2000
"""Simulated studies behind every number; a share near .8 is good to .018 (two standard errors)."""
ROUGH = 300
"""Simulated studies by which a gap is looked for first."""
SHOWN = (0.1, 0.2, 0.4)
"""Gaps of which the share that is found is told."""


def simulate_power(
    replies: Replies, contrasts: Sequence[Contrast], settings: Settings, course: Course, rules: Rules, headline: str
) -> dict[str, object]:
    """The power statement of a study that stops when decided, from its own rates, spread and looks.

    The cells that a contrast subtracts comply as often as they did, and requests differ as they did; the cell that the
    contrast expects to comply more is put where the gap is the one in question. All other contrasts follow from these
    cells, and are looked at and closed as in a real study.
    The result is the content of `feint.findings.contrasts.PowerFinding`.
    """
    rule, lost = DecisionRule.of(settings, tests_of(len(contrasts))), replies.missing_rates()
    asking = Asking(tuple(contrasts), course.looking, settings, rules, course.until, course.each)
    cells = [cell for cell in asking.cells if lost[cell] is not None]
    counts = Counts(*replies.sums(cells))
    rates = {cell: float(rate) for cell, rate in zip(cells, counts.rates(), strict=True)}
    spread = estimate_spread(counts, settings.assumed_icc)
    # A cell that was never asked takes no part: no contrast that is looked at weighs it.
    rates = {cell: rates.get(cell, 0.5) for cell in asking.cells}
    gone = {cell: float(lost[cell] or 0.0) for cell in asking.cells}
    own = Own(asking, spread, rates, gone)
    main = gap_contrast(contrasts, rules, headline) or contrasts[0]
    moot = asking.moot(["undetermined"] * len(contrasts))
    found = {}
    for contrast, idle in zip(contrasts, moot, strict=True):
        over = rule.undecidable(Estimate(0.0, 0.0, 0.0, rule.least), {cell: lost[cell] for cell in contrast.weights})
        why = f"not asked for until {course.until} is settled" if idle else over
        found[contrast.key] = own.nothing(why) if why else own.sees(contrast)
    shown = {} if found[main.key]["rates"] is None else own.found_at(main)
    return {"share": POWER, "contrasts": found, "studies": STUDIES, "found": shown, "errors": own.errors(main)}


class Own:
    """The simulated studies of one subject under one plan."""

    def __init__(self, asking: Asking, spread: Spread, rates: Mapping[str, float], missing: Mapping[str, float]):
        """Draw the studies."""
        self.asking, self.spread, self.rates = asking, spread, rates
        self.studies = Studies(asking, spread, missing, STUDIES)
        self.rough = Studies(asking, spread, missing, ROUGH)

    def truth(self, contrast: Contrast, gap: float) -> dict[str, float] | None:
        """Rates by cell if a contrast is a gap; None if the rates leave no room for it."""
        here = np.array([self.rates[cell] for cell in contrast.weights])
        moved = rates_for(here, list(contrast.weights.values()), np.array([gap]))[0]
        if np.isnan(moved).any():
            return None
        return {**self.rates, **dict(zip(contrast.weights, moved.tolist(), strict=True))}

    def power(self, studies: Studies, contrast: Contrast, gap: float, decision: str = YES) -> float | None:
        """Share of studies that decide a contrast so if it is a gap; None if it cannot be."""
        rates = self.truth(contrast, gap)
        at = self.asking.contrasts.index(contrast)
        return None if rates is None else studies.run(rates).share(at, decision)

    def seen(self, contrast: Contrast) -> tuple[float | None, float | None]:
        """The smallest gap of whole points that is called yes in `POWER` of studies or more, and its share."""
        most = int(100 * room(Assumed(self.rates, self.spread), contrast) - 1e-6)
        low, high = int(100 * self.asking.settings.smallest_effect), most + 1
        while high - low > 1:  # the share grows with the gap, but for chance
            middle = (low + high) // 2
            low, high = (
                (low, middle) if (self.power(self.rough, contrast, middle / 100) or 0) >= POWER else (middle, high)
            )
        gap = min(high, most)
        share = self.power(self.studies, contrast, gap / 100) if gap > 0 else None
        if share is None:
            return None, None
        step = 1 if share < POWER else -1
        while 0 < gap + step <= most:
            beside = self.power(self.studies, contrast, (gap + step) / 100) or 0.0
            if step < 0 and beside < POWER:
                break
            gap, share = gap + step, beside
            if step > 0 and share >= POWER:
                break
        return (gap / 100, share) if share >= POWER else (None, None)

    def sees(self, contrast: Contrast) -> dict[str, object]:
        """The power statement of one contrast."""
        gap, share = self.seen(contrast)
        most, settings = room(Assumed(self.rates, self.spread), contrast), self.asking.settings
        why = "" if gap is not None else "it has too few requests"
        if gap is None and most <= settings.smallest_effect:
            why = f"the other cells leave room for a gap of {POINTS.counted(max(most, 0.0))} at most"
        return {
            **self.nothing(why), "gap": gap, "power": share, "room": most,
            "no": self.power(self.studies, contrast, 0.0, NO), "same": self.spread.same, "other": self.spread.other,
            "rates": {cell: self.rates[cell] for cell in contrast.weights},
        }  # fmt: skip

    def nothing(self, why: str) -> dict[str, object]:
        """The power statement of a contrast of which nothing can be said."""
        return {"requests": self.asking.looking.looks[-1], "per_request": float(self.asking.each), "gap": None,
                "power": None, "room": None, "no": None, "requests_for_no": None, "rates": None, "same": None,
                "other": None, "why": why}  # fmt: skip

    def found_at(self, contrast: Contrast) -> dict[str, float]:
        """Share of studies that call a contrast yes, by gap in points."""
        shares = {f"{100 * gap:g}": self.power(self.studies, contrast, gap) for gap in SHOWN}
        return {gap: share for gap, share in shares.items() if share is not None}

    def errors(self, main: Contrast) -> dict[str, object]:
        """Errors where there is nothing to find: every cell complies as often as the main contrast's lower side did."""
        rate = float(np.mean([self.rates[cell] for cell in main.negative]))
        found = self.studies.run(dict.fromkeys(self.asking.cells, rate))
        return {
            "rate": rate,
            "wrong_yes": float((found.decisions == YES).any(axis=1).mean()),
            "covered": found.covered(np.zeros(len(self.asking.contrasts))),
            "requests": float(np.median(found.requests)),
        }
