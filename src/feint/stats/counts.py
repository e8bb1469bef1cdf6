"""Rates and their differences from counts of independent runs, as papers print them.

A study of this package runs many requests, and its intervals allow for the likeness of the runs of one request
(`feint.stats.cells`, `feint.stats.score`). A published count, such as "34 of 38 runs of one prompt", has lost
what belongs together. All that can be done is to take the runs for independent draws; the interval is then one for
the prompts that were run, and says nothing of others. These functions do that, with the intervals that papers use.
"""

from collections.abc import Mapping

import numpy as np

from feint.stats.intervals import wilson
from feint.stats.types import Estimate

Count = tuple[int, int]
"""How many of how many."""


def rate_of_counts(k: int, n: int, level: float = 0.95) -> Estimate:
    """Share k / n of independent runs, with Wilson's score interval (1927); without any runs, all is None.

    Raises:
        ValueError: k is not a whole number from 0 to n, or level is not between 0 and 1.
    """
    if int(k) != k or int(n) != n or not 0 <= k <= n:
        raise ValueError(f"{k} of {n}: expected whole numbers, the first from 0 to the second")
    if not 0 < level < 1:
        raise ValueError(f"level {level}: expected a number between 0 and 1, such as 0.95")
    if not n:
        return Estimate()
    low, high = (float(end) for end in wilson(k / n, n, level))
    return Estimate(k / n, min(low, k / n), max(high, k / n), n)


def difference_of_counts(a: Count, b: Count, level: float = 0.95) -> Estimate:
    """Rate of one group of independent runs less that of another, with Newcombe's interval (1998, method 10).

    The estimate has the n of the smaller group and no p value; all is None where a group is empty.
    """
    return contrast_of_counts({"a": a, "b": b}, {"a": 1.0, "b": -1.0}, level)


def contrast_of_counts(counts: Mapping[str, Count], weights: Mapping[str, float], level: float = 0.95) -> Estimate:
    """Weighted sum of the rates of independent groups, such as the interaction of two factors.

    With Wilson's limits l and u of each rate p, the interval reaches down from the estimate by
    ``sqrt(sum((w (p - l))² for w > 0, (w (u - p))² for w < 0))``, and up by the mirror image: Zou, Huang & Zhang 2009
    (the method of variance estimates recovery). For the weights 1 and -1 this is Newcombe's interval.

    The estimate has the n of the smallest group and no p value; all is None where a weighed group is empty.

    Raises:
        KeyError: A weight for a group without counts.
    """
    found = [rate_of_counts(*counts[name], level) for name in weights]
    if not found or not all(rate.n for rate in found):
        return Estimate()
    w_G = np.array(list(weights.values()))
    p_G, low_G, high_G = np.array([[rate.estimate, rate.low, rate.high] for rate in found], float).T
    below_G, above_G = w_G * (p_G - low_G), w_G * (high_G - p_G)
    down = np.hypot.reduce(np.where(w_G > 0, below_G, above_G))
    up = np.hypot.reduce(np.where(w_G > 0, above_G, below_G))
    value = float(w_G @ p_G)
    return Estimate(value, value - float(down), value + float(up), min(rate.n for rate in found))
