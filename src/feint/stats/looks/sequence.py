"""Looking often: intervals for a mean that hold at every look at once, and the asymptotic confidence sequence.

A contrast arrives request by request as differences in [-reach, reach]. An interval made for one look at a fixed n
covers the truth at some look with a much lower probability than its level once it is looked at again and again; a
confidence sequence covers it at all looks at once, so that asking may stop whenever the interval says enough.
docs/stopping.md compares the method of this module with others.
"""

from typing import Any

import numpy as np
from scipy import special

from feint.stats.intervals import no_exception_bound
from feint.stats.types import Estimates, Floats, Ints


def mixture_boundary(n: Any, rho: float, alpha: float) -> Any:
    """Boundary on the z scale that a standardised running mean crosses at any n with probability alpha at most.

    ``z(n) = sqrt(2 (n rho² + 1) / (n rho²) * log(sqrt(n rho² + 1) / alpha))``: Robbins' (1970) normal mixture, as in
    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021, arXiv 2103.06476, theorem 2.2, times sqrt(n). n is a scalar or
    an array; rho the standard deviation of the mixture over standardised effects; alpha two-sided, over all looks.
    """
    grown = np.asarray(n, float) * rho * rho + 1
    return np.sqrt(2 * grown / (grown - 1) * (0.5 * np.log(grown) - np.log(alpha)))


def mixture_p(z: Any, n: Any, rho: float) -> Any:
    """The alpha at which `mixture_boundary` is just reached: the inverse of Robbins' mixture martingale.

    ``p = sqrt(n rho² + 1) exp(-z² n rho² / (2 (n rho² + 1)))``, at most 1; a martingale's inverse is a valid p value
    at any stopping time by Ville's inequality (1939).
    """
    grown = np.asarray(n, float) * rho * rho + 1
    return np.exp(np.minimum(0.5 * np.log(grown) - np.square(z) * (grown - 1) / (2 * grown), 0.0))


def tuned_rho(horizon: float, alpha: float) -> float:
    """The rho whose boundary is tightest at n = horizon.

    ``rho² = (-W(-alpha² / e) - 1) / horizon`` with W the lower branch of Lambert's function (Howard, Ramdas, McAuliffe
    & Sekhon 2021, *Annals of Statistics* 49, on tuning normal mixtures).
    """
    return float(np.sqrt((-special.lambertw(-(alpha**2) / np.e, k=-1).real - 1) / horizon))


def moments(values_R: Floats, looks_T: Ints) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - 1) of the first n values, for each n of the looks, shape (..., T) each.

    Values are in the order in which they arrived, shape (..., R); looks increase from 2 to R.
    """
    total, squares = (np.cumsum(x, axis=-1)[..., looks_T - 1] for x in (values_R, np.square(values_R)))
    mean = total / looks_T
    return mean, np.sqrt(np.maximum(squares - looks_T * np.square(mean), 0.0) / (looks_T - 1))


def standard_error(spread: Floats, looks_T: Ints, worth_T: Any, reach: float) -> Floats:
    """Standard error of the mean with one difference of ± reach that was never seen: ``sqrt((s² + reach² / n) / n)``.

    Rare differences are not seen at first, and s is too small until they are; an interval that is looked at often will
    be looked at then. The variance that predictable plug-in sequences start from (Waudby-Smith & Ramdas 2023, section
    3.2: 1/4 on [0, 1] counted as one observation) keeps coverage at the level (docs/stopping.md). The second
    term takes the effective number of pairs of replies as n. `spread` is s at each look, shape (..., T).
    """
    return np.asarray(np.sqrt((np.square(spread) + reach * reach / np.asarray(worth_T, float)) / looks_T))


def studentised(z: Any, freedom: Any) -> Any:
    """Student's t with the same tail probability as z: the small-sample correction of a boundary.

    The significance-level approach to group-sequential t tests (Jennison & Turnbull 2000, *Group Sequential Methods*),
    used for mixture boundaries as well: an estimated variance matters most where n is small and z large.
    """
    return -special.stdtrit(freedom, special.ndtr(-np.asarray(z, float)))


def as_z(t: Any, freedom: Any) -> Any:
    """The inverse of `studentised`, of absolute values."""
    return -special.ndtri(special.stdtr(freedom, -np.abs(t)))


def alike_limits(mean: Floats, n_effective: Any, reach: float, alpha: float) -> tuple[Floats, Floats]:
    """Lower and upper limit for differences that were all alike so far.

    The limits of `feint.stats.intervals.mean_of_moments`. They need no correction for looking often: "the first n
    were alike" can only stop being true, and misleads most at the last look at which it is true.
    """
    q = no_exception_bound(n_effective, 1 - alpha)
    return mean - (reach + mean) * q, mean + (reach - mean) * q


def alike_p(mean: Floats, n_effective: Any, reach: float) -> Floats:
    """The alpha at which `alike_limits` just reach zero: ``2 (reach / (reach + |mean|))^n``, at most 1."""
    return np.asarray(np.minimum(2 * (reach / (reach + np.abs(mean))) ** np.asarray(n_effective, float), 1.0))


def asymptotic(values_R: Floats, looks_T: Ints, worth_T: Any, reach: float, level: float, horizon: float) -> Estimates:
    """Asymptotic confidence sequence: `mixture_boundary`, studentised, with `standard_error` and `alike_limits`.

    Takes differences, at most `reach`, in the order in which they arrived, shape (..., R); requests seen at each look,
    increasing, at least 2; and the effective number of pairs of replies at each look (see `feint.stats.effective`). The
    truth is covered at all looks at once with the probability `level`. The interval is tightest at `horizon` requests,
    which must not depend on the data. A p value at a look is below 1 - level exactly where the interval excludes 0; its
    running minimum over looks is valid at any stopping time.
    """
    mean, spread = moments(values_R, looks_T)
    return asymptotic_of_moments(mean, spread, looks_T, worth_T, reach, level, horizon)


def asymptotic_of_moments(
    mean: Floats, spread: Floats, looks_T: Ints, worth_T: Any, reach: float, level: float, horizon: float
) -> Estimates:
    """Compute `asymptotic` from the mean and the standard deviation (n - 1) at each look, all of shape (..., T)."""
    alpha, error = 1 - level, standard_error(spread, looks_T, worth_T, reach)
    rho = tuned_rho(horizon, alpha)
    sizes, which = np.unique(looks_T, return_inverse=True)
    boundary = studentised(mixture_boundary(sizes, rho, alpha), sizes - 1)[which.reshape(looks_T.shape)]
    z = as_z(mean / error, looks_T - 1)
    return widened(looks_T, mean, boundary * error, mixture_p(z, looks_T, rho), worth_T, reach, alpha)


def widened(
    looks_T: Ints, mean: Floats, half: Floats, p: Floats, worth_T: Any, reach: float, alpha: float
) -> Estimates:
    """An interval of a half-width and its p value, each end at least as far out as `alike_limits`."""
    low, high = alike_limits(mean, worth_T, reach, alpha)
    low, high = np.minimum(low, mean - half), np.maximum(high, mean + half)
    p = np.maximum(p, alike_p(mean, worth_T, reach))
    return Estimates(mean, np.maximum(low, -reach), np.minimum(high, reach), p, looks_T.astype(float))
