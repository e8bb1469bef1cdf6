"""Area under the ROC curve: the power of a share of votes to tell positive items from the others."""

from collections.abc import Sequence

import numpy as np

from feint.base.errors import UsageError
from feint.stats.agreement.kappa import SETTINGS, group_codes, widened
from feint.stats.types import Bools, Estimate, Floats


def auroc(
    share: Sequence[float | None],
    positive: Sequence[bool | None],
    groups: Sequence[str] | None = None,
) -> Estimate:
    """Probability that a positive item has the higher share than another, ties counting half (Hanley & McNeil 1982).

    The interval is the score interval of `newcombe`, which keeps a width where the two kinds are told apart entirely,
    and no narrower than the jackknife over groups (`kappa.jackknife`; over items, nearly that of DeLong,
    DeLong & Clarke-Pearson 1988).

    Takes the share of votes for yes and what a person says, None where missing, one an item; and the group of each
    item, such as its request; without it, items are independent. The estimate has n items with both; it is None unless
    both kinds occur. Columns of different lengths are refused with a `UsageError`.
    """
    if len(share) != len(positive):
        raise UsageError(f"area under the curve: {len(share)} shares for {len(positive)} labels; give each item one")
    both = np.array([s is not None and y is not None for s, y in zip(share, positive, strict=True)], dtype=bool)
    score = np.array([np.nan if s is None else s for s in share], float)[both]
    true = np.array([bool(y) for y in positive], dtype=bool)[both]
    group = group_codes(groups, len(share))[both]

    def area(keep: Bools) -> float:
        return mann_whitney(score[keep & true], score[keep & ~true])

    found = area(np.ones(len(score), dtype=bool))
    if np.isnan(found):
        return Estimate(n=len(score))
    at_least = newcombe(found, int(true.sum()), int((~true).sum()), SETTINGS.level)
    return widened(area, group, at_least, lowest=0.0)


def mann_whitney(high: Floats, low: Floats) -> float:
    """Share of pairs in which the first is larger, ties counting half; NaN without pairs."""
    if not len(high) or not len(low):
        return float("nan")
    sorted_low = np.sort(low)
    below, up_to = (np.searchsorted(sorted_low, high, side=side) for side in ("left", "right"))
    return float((below + up_to).mean() / 2 / len(low))


def newcombe(area: float, positives: int, others: int, level: float) -> tuple[float, float]:
    """Score interval for an area under the curve: method 5 of Newcombe 2006 (Statistics in Medicine 25, part 2).

    The areas A for which ``|area - A| <= z * sqrt(V(A))``, with the variance of Hanley & McNeil 1982 at both numbers'
    mean: ``V(A) = A (1 - A) (1 + N* (1 - A) / (2 - A) + N* A / (1 + A)) / (m n)``, ``N* = (m + n) / 2 - 1``.
    The area is 0 to 1, m the number of positive items, n that of the others.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z, both = float(ndtri(0.5 + level / 2)), (positives + others) / 2 - 1

    def excess(a: float) -> float:
        variance = a * (1 - a) * (1 + both * (1 - a) / (2 - a) + both * a / (1 + a)) / (positives * others)
        return abs(area - a) - z * float(np.sqrt(max(variance, 0.0)))

    # at 0 and 1 the point itself is a root, and not the one sought
    low = 0.0 if area <= 0 else float(brentq(excess, 0.0, min(area, 1 - 1e-9)))
    high = 1.0 if area >= 1 else float(brentq(excess, max(area, 1e-9), 1.0))
    return low, high
