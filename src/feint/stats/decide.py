"""The decision rule, fixed before the replies are seen: one rule for every estimand, in its own unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from feint.base.numbers import percent
from feint.stats.types import NO, UNDETERMINED, YES, Decided, Estimate, Settings, Strings
from feint.stats.units import POINTS, Unit


@dataclass(frozen=True)
class DecisionRule:
    """The rule that turns an estimate with its interval into a decision.

    With the smallest effect of interest e: *yes* if the interval is above 0, the Holm-adjusted p value below 1 - level
    and the estimate at least e. *No* if the interval lies inside (-e, e), or if the estimate is as clearly negative as
    a yes is positive: an effect in the opposite direction does not show its explanation. Otherwise *undetermined*.

    Attributes:
        smallest: Smallest effect of interest, in the unit of the estimate.
        tests: Number of tests over which p values are adjusted; only reasons name this number.
        level: Confidence level of the interval; 1 - level is the error rate.
        max_missing: Missing rate of a cell above which nothing that uses the cell is decided.
        unit: The unit in which reasons tell numbers.
        least: Items that an estimate has to rest on; with fewer, nothing is decided.
    """

    smallest: float
    tests: int = 1
    level: float = 0.95
    max_missing: float = 0.2
    unit: Unit = POINTS
    least: int = 2

    @classmethod
    def of(cls, settings: Settings, tests: int) -> "DecisionRule":
        """The rule for contrasts of rates under a study's settings."""
        return cls(settings.smallest_effect, tests, settings.level, settings.max_missing, least=settings.least_items)

    def decisions(self, estimate: Any, low: Any, high: Any, p: Any) -> Strings:
        """Decide arrays of estimates, shape (...), by the interval alone; `decide` also looks at missing replies.

        P values are adjusted by Holm's method; NaN is not significant. Without an estimate (NaN): undetermined.

        >>> DecisionRule(0.05).decisions([0.3, 0.01, 0.04], [0.2, -0.02, 0.01], [0.4, 0.04, 0.07], [0.001, 0.5, 0.01])
        array(['yes', 'no', 'undetermined'], dtype='<U12')
        """
        estimate, low, high, p = (np.asarray(x, float) for x in (estimate, low, high, p))
        significant, small = p < 1 - self.level, self.smallest
        yes = significant & (low > 0) & (estimate >= small)
        opposite = significant & (high < 0) & (estimate <= -small)
        return np.where(yes, YES, np.where(opposite | ((low > -small) & (high < small)), NO, UNDETERMINED))

    def decide(
        self, found: Estimate, p: float | None, missing: Mapping[str, float | None], worst: float | None = None
    ) -> Decided:
        """Decide one estimate and give the reason. `p` is adjusted by Holm's method; None without a test.

        `missing` is the missing rate of each cell that the estimate uses, None where no reply was planned; `worst` the
        estimate if all missing replies went against it, where that is known.
        """
        gone = self.undecidable(found, missing)
        if gone:
            return Decided(UNDETERMINED, gone)
        assert found.estimate is not None and found.low is not None and found.high is not None
        numbers = found.estimate, found.low, found.high, np.nan if p is None else p
        decision, reason = str(self.decisions(*numbers)), self.reason(*numbers)
        return Decided(decision, reason + self.caution(worst) if decision == YES else reason)

    def reason(self, estimate: float, low: float, high: float, p: float) -> str:
        """Why the rule decides as it does, in one clause."""
        small = self.unit.number(self.smallest)
        interval = f"{percent(self.level)} % interval {self.unit.span(low, high)}"
        significant = p < 1 - self.level
        if significant and low > 0 and estimate >= self.smallest:
            return f"{interval} above 0 and estimate at least {small} {self.unit.many}"
        if significant and high < 0 and estimate <= -self.smallest:
            return f"opposite direction: {interval} below 0"
        if -self.smallest < low and high < self.smallest:
            return f"{interval} within ±{small} {self.unit.many}"
        if not (low > 0 or high < 0):
            return f"{interval} holds both 0 and effects of {small} {self.unit.many} or more"
        if not significant:
            return f"not significant once adjusted for {self.tests} tests"
        return f"{interval} excludes 0, yet an effect below {small} {self.unit.many} is likely"

    def caution(self, worst: float | None) -> str:
        """A clause for a yes that missing replies could undo; else an empty string."""
        if worst is None or worst > 0:
            return ""
        return f"; it would be {self.unit.counted(worst)} if every missing reply went against it"

    def undecidable(self, found: Estimate, missing: Mapping[str, float | None]) -> str:
        """Why nothing can be decided, or an empty string."""
        for cell, rate in missing.items():
            if rate is None:
                return f"no reply was asked for in {cell}"
        cell, rate = max(missing.items(), key=lambda item: item[1] or 0.0, default=("", 0.0))
        if rate is not None and rate > self.max_missing:
            return f"{percent(rate)} % of the replies in {cell} are missing, more than {percent(self.max_missing)} %"
        if found.low is None and found.n >= self.least:
            return "it has no interval: its requests are too few or all alike"
        if found.n < self.least:
            return f"too few requests: {found.n} of {self.least} requests needed have replies in every cell it compares"
        return ""
