"""The rule that turns an interval into a decision, fixed before the replies are seen."""

from collections.abc import Mapping

from feint.base.numbers import counted, percent, points, span
from feint.stats.types import NO, UNDETERMINED, YES, Decided, Estimate, Settings


def decide(
    found: Estimate,
    p_holm: float | None,
    settings: Settings,
    missing: Mapping[str, float | None],
    worst: Mapping[str, float | None],
    tests: int,
) -> Decided:
    """Decide a contrast.

    With the smallest effect of interest e: *yes* if the interval is above 0, the Holm-adjusted p value below
    1 - level and the estimate at least e; *no* if the interval lies inside (-e, e), or if the contrast is as clearly
    negative as a yes is positive (a difference of the opposite direction does not show its motive); else
    *undetermined*. Where a cell it weighs misses more than `Settings.max_missing` of its replies it is undetermined,
    whatever the rest says.

    Args:
        found: The contrast's estimate.
        p_holm: Its p value, adjusted over the design.
        settings: The numbers that decide.
        missing: Missing rate of each cell it weighs, None where no reply was planned.
        worst: Its estimate if all missing replies went against it or with it.
        tests: Number of tests adjusted for.

    Returns:
        The decision and why.
    """
    gone = undecidable(found, settings, missing)
    if gone:
        return Decided(UNDETERMINED, gone)
    assert found.estimate is not None and found.low is not None and found.high is not None
    small, interval = settings.smallest_effect, f"{percent(settings.level)} % interval {span(found.low, found.high)}"
    significant = p_holm is not None and p_holm < settings.alpha
    if significant and found.low > 0 and found.estimate >= small:
        reason = f"{interval} above 0 and estimate at least {points(small)} points"
        return Decided(YES, reason + caution(worst["low"], found))
    if significant and found.high < 0 and found.estimate <= -small:
        return Decided(NO, f"opposite direction: {interval} below 0")
    if -small < found.low and found.high < small:
        return Decided(NO, f"{interval} within ±{points(small)} points")
    if found.low > 0 or found.high < 0:
        if not significant:
            return Decided(UNDETERMINED, f"not significant once adjusted for {tests} tests")
        return Decided(UNDETERMINED, f"{interval} excludes 0, yet an effect below {points(small)} points is likely")
    return Decided(UNDETERMINED, f"{interval} holds both 0 and effects of {points(small)} points or more")


def undecidable(found: Estimate, settings: Settings, missing: Mapping[str, float | None]) -> str:
    """Why nothing can be decided, or ""."""
    for cell, rate in missing.items():
        if rate is None:
            return f"no reply was asked for in {cell}"
    cell, rate = max(missing.items(), key=lambda item: item[1] or 0.0)
    if rate is not None and rate > settings.max_missing:
        return f"{percent(rate)} % of the replies in {cell} are missing, more than {percent(settings.max_missing)} %"
    if found.low is None:
        return f"{found.n} of 2 requests needed have replies in every cell it compares"
    return ""


def caution(low: float | None, found: Estimate) -> str:
    """What a yes rests on when missing replies could undo it."""
    if low is None or low > 0 or found.estimate is None:
        return ""
    return f"; it would be {counted(low)} if every missing reply went against it"
