"""The hierarchical fit of the choices of a study: one learner in three arms, with a lean of its own in each history.

The log odds of staying in arm a after history h are

    b (V_last - V_other) + trace_a + s z_h,   z_h ~ N(0, 1),

with the values of `feint.tasks.agency.learning` under the arm's two rates. The lean ``s z_h``, for whatever else speaks
for a machine in a history, is integrated out by Gauss-Hermite quadrature. Weak normal priors keep every number finite.
The fit maximises the posterior. Fits with other weights of histories are one Newton step away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from feint.stats.types import Floats
from feint.tasks.agency.learning import Visits, moved, visits

NODES = 7
CENTRES = {"up": 0.0, "down": 0.0, "trace": 0.0, "sharpness": 1.4, "lean": -0.7}
"""Centre of the prior by parameter: rates on the logit scale, sharpness b and lean s on the logarithm."""
WIDTHS = {"up": 2.0, "down": 2.0, "trace": 2.0, "sharpness": 1.5, "lean": 1.0}
NO_TRACE = 1e-3
"""Width of the prior of the traces in a fit without them."""
STEP = 1e-4
"""Step of the central differences that give second derivatives."""


@dataclass(frozen=True)
class Choices:
    """The choices of H histories in A arms.

    Attributes:
        seen: The visits.
        stays: Replies that stay, shape (A, H).
        asked: All replies with a choice, shape (A, H).
        traced: False to hold the traces at zero, as published fits do.
    """

    seen: Visits
    stays: Floats
    asked: Floats
    traced: bool = True

    @property
    def arms(self) -> int:
        """The number of arms."""
        return len(self.stays)

    @property
    def prior(self) -> tuple[Floats, Floats]:
        """Centres and widths of the priors, shape (3 A + 2,) each: rates up, rates down, traces, sharpness, lean."""
        counts = {"up": self.arms, "down": self.arms, "trace": self.arms, "sharpness": 1, "lean": 1}
        names = [name for name, count in counts.items() for _ in range(count)]
        widths = WIDTHS | ({} if self.traced else {"trace": NO_TRACE})
        return np.array([CENTRES[name] for name in names]), np.array([widths[name] for name in names])

    def likelihood(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return the log likelihood of each history, shape (H,), and its gradient, shape (P, H)."""
        up, down, trace = theta[:-2].reshape(3, -1)
        (sharpness, lean), (rate_up, rate_down) = np.exp(theta[-2:]), (expit(up), expit(down))
        difference, by_rate = moved(self.seen, rate_up, rate_down)
        node, weight = np.polynomial.hermite_e.hermegauss(NODES)
        odds = sharpness * difference + trace[:, None] + (lean * node)[:, None, None]
        log = (self.stays * odds - self.asked * np.logaddexp(0, odds)).sum(axis=1) + np.log(weight / weight.sum())[
            :, None
        ]
        top = log.max(axis=0)
        likely = np.exp(log - top)
        total = likely.sum(axis=0)
        rest = self.stays - self.asked * expit(odds)
        by_odds = ((likely / total)[:, None] * rest).sum(axis=0)
        by_lean = ((likely / total) * rest.sum(axis=1) * (lean * node)[:, None]).sum(axis=0)
        slope = sharpness * by_rate * np.stack([rate_up * (1 - rate_up), rate_down * (1 - rate_down)])[:, :, None]
        parts = [*(by_odds * slope[0]), *(by_odds * slope[1]), *by_odds]
        return top + np.log(total), np.stack([*parts, (by_odds * sharpness * difference).sum(axis=0), by_lean])

    def posterior(self, theta: Floats) -> tuple[float, Floats]:
        """Return the negative log posterior and its gradient, shape (P,)."""
        log, gradient = self.likelihood(theta)
        centre, width = self.prior
        away = (theta - centre) / width
        return float(away @ away / 2 - log.sum()), away / width - gradient.sum(axis=1)


@dataclass(frozen=True)
class Fit:
    """A fit.

    Attributes:
        theta: The parameters, shape (P,).
        slope: The gradient of each history's log likelihood there, shape (P, H).
        curve: Minus its second derivatives, shape (H, P, P).
        ridge: The prior's precision, shape (P,).
    """

    theta: Floats
    slope: Floats
    curve: Floats
    ridge: Floats

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the posterior, from its curvature, shape (P, P)."""
        return np.asarray(np.linalg.inv(self.curve.sum(axis=0) + np.diag(self.ridge)), dtype=float)

    @property
    def spread(self) -> Floats:
        """Standard deviations of the posterior, shape (P,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)), dtype=float)

    def error(self, number: Callable[[Floats], Floats]) -> float:
        """Return the posterior's standard deviation of a number of the parameters, to first order."""
        steps = STEP * np.eye(len(self.theta))
        slope = (number(self.theta + steps) - number(self.theta - steps)) / (2 * STEP)
        return float(np.sqrt(slope @ self.covariance @ slope))

    def weighed(self, w: Floats) -> Floats:
        """Return the parameters for other weights of histories, shape (B, H), by one Newton step, shape (B, P)."""
        information = np.einsum("bh,hpq->bpq", w, self.curve, optimize=True) + np.diag(self.ridge)
        return np.asarray(self.theta + np.linalg.solve(information, ((w - 1) @ self.slope.T)[..., None])[..., 0])


@lru_cache(maxsize=4)
def fitted(codes: tuple[str, ...], stays: bytes, asked: bytes) -> Fit:
    """Fit the choices of histories; the same for the same choices, which several numbers of a study rest on.

    Args:
        codes: The code of each history.
        stays: Bytes of an array of floats, shape (A, H); see `Choices`.
        asked: The same.
    """
    kept, every = (np.frombuffer(one).reshape(-1, len(codes)) for one in (stays, asked))
    return fit(codes, kept, every)


def fit(codes: Sequence[str], stays: Floats, asked: Floats, traced: bool = True) -> Fit:
    """Fit the choices of histories; see `Choices`."""
    choices = Choices(visits(codes), stays, asked, traced)
    centre, width = choices.prior
    found = minimize(choices.posterior, centre, jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-13})
    theta = np.asarray(found.x)
    steps = STEP * np.eye(len(theta))
    curve = -np.stack(
        [(choices.likelihood(theta + one)[1] - choices.likelihood(theta - one)[1]) / (2 * STEP) for one in steps]
    )
    curve = (curve + curve.transpose(1, 0, 2)).transpose(2, 0, 1) / 2
    return Fit(theta, choices.likelihood(theta)[1], curve, width**-2)
