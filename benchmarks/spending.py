"""Looking at fixed times up to a known maximum: group-sequential boundaries by error spending.

Boundaries are found by the recursive integration of Armitage, McPherson & Rowe 1969 (*JRSS A* 132); the interval at
each look is the repeated confidence interval of Jennison & Turnbull 1989 (*JRSS B* 51), which holds at all looks.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import optimize, special

from feint.stats.looks.sequence import as_z, moments, standard_error, studentised, widened
from feint.stats.types import Estimates, Floats, Ints

SPENDING = ("obrien-fleming", "pocock")
POINTS = 401
"""Points of the trapezoid rule between the boundaries; 401 give boundaries to four decimals (tests)."""
LEVELS = tuple(float(x) for x in np.geomspace(1e-7, 0.3, 40))
"""Error probabilities at which boundaries are tabled, to read p values off them."""


def spent(fraction: Any, alpha: float, kind: str) -> Any:
    """Error probability of one tail spent up to a share of the maximum (Lan & DeMets 1983, *Biometrika* 70).

    ``2 - 2 Phi(z(alpha / 2) / sqrt(t))`` resembles O'Brien & Fleming's boundary (1979), ``alpha log(1 + (e - 1) t)``
    Pocock's (1977).

    Args:
        fraction: Share t of the maximal number of requests, 0 to 1.
        alpha: Error probability of that tail in all.
        kind: One of `SPENDING`.
    """
    t = np.asarray(fraction, float)
    if kind == "obrien-fleming":
        return 2 * special.ndtr(special.ndtri(alpha / 2) / np.sqrt(t))
    if kind == "pocock":
        return alpha * np.log1p(np.expm1(1.0) * t)
    raise ValueError(f"spending '{kind}': expected one of {', '.join(SPENDING)}")


class Walk:
    """A standard Brownian motion seen at given times, killed where it leaves symmetric boundaries.

    Attributes:
        time: Time of the last look that was passed, 0 before the first.
    """

    def __init__(self) -> None:
        self.time = 0.0
        self.points: Floats = np.zeros(1)
        self.mass: Floats = np.ones(1)

    def leaves(self, bound: float, time: float) -> float:
        """Probability of having stayed so far and being above `bound` (z scale) at `time`."""
        steps = (bound * np.sqrt(time) - self.points) / np.sqrt(time - self.time)
        return float(self.mass @ special.ndtr(-steps))

    def passes(self, bound: float, time: float) -> None:
        """Go on to `time` with what stays within ± `bound` (z scale)."""
        # Where nothing is spent yet the bound is infinite; nothing of note lies beyond eight standard deviations.
        edge = min(bound, 8.0) * np.sqrt(time)
        points = np.linspace(-edge, edge, POINTS)
        weights = np.full(POINTS, points[1] - points[0])
        weights[[0, -1]] /= 2
        gap = np.sqrt(time - self.time)
        density = np.exp(-0.5 * np.square((points[:, None] - self.points) / gap)) / (gap * np.sqrt(2 * np.pi))
        self.mass, self.points, self.time = (density @ self.mass) * weights, points, time


@lru_cache(maxsize=4096)
def boundaries(fractions: tuple[float, ...], alpha: float, kind: str) -> tuple[float, ...]:
    """Two-sided boundaries on the z scale that spend alpha over the looks, half in each tail.

    Args:
        fractions: Share of the maximal number of requests at each look, increasing, at most 1.
        alpha: Two-sided error probability over all looks.
        kind: One of `SPENDING`.
    """
    walk, found, before = Walk(), [], 0.0
    for time, total in zip(fractions, np.atleast_1d(spent(np.array(fractions), alpha / 2, kind)), strict=True):
        due, before = float(total) - before, float(total)
        bound = 8.0 if due <= walk.leaves(8.0, time) else optimize.brentq(leaving(walk, time, due), 0.0, 8.0)
        walk.passes(bound, time)
        found.append(bound)
    return tuple(found)


def leaving(walk: Walk, time: float, due: float) -> Callable[[float], float]:
    """How much more than `due` leaves at a bound."""
    return lambda bound: walk.leaves(bound, time) - due


@lru_cache(maxsize=64)
def table(fractions: tuple[float, ...], kind: str) -> Floats:
    """Boundaries at each of `LEVELS`, shape (L, T)."""
    return np.array([boundaries(fractions, alpha, kind) for alpha in LEVELS])


def p_of(z_T: Floats, plan: tuple[float, ...], which_T: Ints, kind: str) -> Floats:
    """The alpha at which the boundary is just reached at each of some planned looks, read off `table`.

    The sequential p value of Liu & Anderson 2008 (*JASA* 103) is its running minimum. log alpha is close to linear in
    z², between which it is interpolated; above the last level the p value is 1, below the first it is the first.
    """
    known, logs = np.square(table(plan, kind)[:, which_T]), np.log(np.array(LEVELS))
    p = np.empty_like(z_T)
    for look in range(len(which_T)):
        squared = np.square(z_T[..., look])
        order = np.argsort(known[:, look], kind="stable")
        p[..., look] = np.exp(np.interp(squared, known[order, look], logs[order]))
        p[..., look] = np.where(squared < known[:, look].min(), 1.0, p[..., look])
    return p


def group_sequential(
    values_R: Floats,
    looks_T: Ints,
    worth_T: Any,
    reach: float,
    level: float,
    plan: tuple[float, ...],
    which_T: Ints,
    kind: str,
) -> Estimates:
    """Repeated confidence intervals at looks that were planned beforehand, studentised and widened.

    Args:
        values_R: Differences in the order in which they arrived, shape (..., R).
        looks_T: Requests seen at each look, increasing, at least 2.
        worth_T: Effective number of pairs of replies at each look.
        reach: Largest value of a difference.
        level: Probability of covering the truth at all looks at once.
        plan: Share of the maximal number of requests at each of all planned looks, the last being 1. It must not depend
            on the data, and asking on beyond the maximum is not covered.
        which_T: Which of the planned looks these are, counted from 0.
        kind: One of `SPENDING`.
    """
    mean, spread = moments(values_R, looks_T)
    error = standard_error(spread, looks_T, worth_T, reach)
    half = studentised(np.array(boundaries(plan, 1 - level, kind))[which_T], looks_T - 1) * error
    z = as_z(mean / error, looks_T - 1)
    # Interpolated p values are off by a part in a thousand; the interval is exact, and the two must agree.
    p, alpha = p_of(z, plan, which_T, kind), 1 - level
    p = np.where(np.abs(mean) > half, np.minimum(p, np.nextafter(alpha, 0)), np.maximum(p, alpha))
    return widened(looks_T, mean, half, p, worth_T, reach, alpha)
