"""Sensitivity and criterion of signal detection with intervals that hold where hits or false alarms are rare."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from feint.stats.estimands.base import Found, Method, Observed
from feint.stats.estimands.intervals import FEWEST, detection, p_by_inversion
from feint.stats.estimands.kinds import Sensitivity
from feint.stats.types import Estimate, Floats, Settings


@dataclass(frozen=True)
class RareSensitivity(Sensitivity):
    """Sensitivity d′ with an interval that is put together from those of the two rates.

    Student's t over items holds d′ too rarely where few replies are hits, or few are false alarms. Here each rate has
    the interval of Jeffreys' prior with its effective number of replies. Both are taken to the scale of z, and the
    limits of their weighted sum follow from the distances of the limits and from the correlation over items: the method
    of variance estimates recovery (Zou 2007, Psychological Methods 12, 399-413).
    """

    method: ClassVar[Method] = "variance recovery"
    weights: ClassVar[tuple[float, float]] = (1.0, -1.0)
    """Weights of z(hit rate) and z(false-alarm rate)."""

    def estimate(self, seen: Observed, settings: Settings) -> Found:
        """Estimate, with the interval of the class; without interval below three items in either cell."""
        count_RC, total_RC = seen.need(self.key, "binary").sums(self.cells)
        if not len(count_RC) or not (count_RC.sum(axis=0) > 0).all():
            return Found(Estimate(n=len(count_RC)), self.method)
        whole = float(detection(total_RC.sum(axis=0)[None], count_RC.sum(axis=0)[None])[self.part][0])
        if ((count_RC > 0).sum(axis=0) < FEWEST).any():
            return Found(Estimate(whole, n=len(count_RC)), self.method)
        both = (count_RC > 0).all(axis=1)
        alike = correlation(total_RC[both] / count_RC[both]) * float(np.prod(np.sign(self.weights)))

        def interval(level: float) -> Estimate:
            below, above = [], []
            for place, weight in enumerate(self.weights):
                z, low, high = z_limits(total_RC[:, place], count_RC[:, place], level)
                ends = sorted((weight * (low - z), weight * (high - z)))
                below.append(-ends[0])
                above.append(ends[1])
            under, over = (
                float(np.sqrt(max(one**2 + two**2 + 2 * alike * one * two, 0.0))) for one, two in (below, above)
            )
            return Estimate(whole, whole - under, whole + over, len(count_RC))

        found = interval(settings.level)
        return Found(Estimate(whole, found.low, found.high, found.n, p_by_inversion(interval)), self.method)


@dataclass(frozen=True)
class RareCriterion(RareSensitivity):
    """Criterion c, ``-(z(hit rate) + z(false-alarm rate)) / 2``, with the interval of `RareSensitivity`."""

    part: ClassVar[int] = 1
    weights: ClassVar[tuple[float, float]] = (-0.5, -0.5)


def z_limits(total_R: Floats, count_R: Floats, level: float) -> tuple[float, float, float]:
    """Return z of a rate, with the log-linear correction, and the limits of its interval on the scale of z.

    The interval is that of Jeffreys' prior (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133), of the
    number of replies divided by the design effect of items.

    Args:
        total_R: Labels of 1 by item.
        count_R: Labels by item.
        level: Confidence level.

    >>> [round(end, 2) for end in z_limits(np.ones(3), np.array([10.0, 10.0, 10.0]), 0.95)]
    [-1.21, -1.9, -0.7]
    """
    ones, replies = float(total_R.sum()), float(count_R.sum())
    rate = ones / replies
    error_R = (total_R - rate * count_R)[count_R > 0]
    plain = rate * (1 - rate) * replies
    items = len(error_R)
    effect = float((error_R**2).sum()) * items / max(items - 1, 1) / plain if plain > 0 else 1.0
    n = replies / max(effect, 1.0)
    shape = rate * n + 0.5, (1 - rate) * n + 0.5
    low, high = (float(special.betaincinv(*shape, (1 + side * level) / 2)) for side in (-1, 1))
    corrected = (ones + 0.5) / (replies + 1)
    return float(special.ndtri(corrected)), float(special.ndtri(low)), float(special.ndtri(high))


def correlation(means_R2: Floats) -> float:
    """Return the correlation over items of the means in two cells; 0 where one does not vary or items are few.

    >>> round(correlation(np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])), 2)
    0.5
    """
    if len(means_R2) < FEWEST or (np.ptp(means_R2, axis=0) < 1e-12).any():
        return 0.0
    first, second = (means_R2 - means_R2.mean(axis=0)).T
    return float(first @ second / np.sqrt(first @ first * (second @ second)))
