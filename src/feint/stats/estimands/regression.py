"""A number that a logistic regression of labels gives, with items as clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from feint.stats.estimands.base import Estimand, Observed
from feint.stats.estimands.intervals import Scale, Statistic
from feint.stats.types import Floats

STEPS = 30
"""Newton steps; a regression with Firth's correction converges in fewer than ten, or not at all."""
LARGEST = 50.0
"""Coefficient beyond which a regression has diverged."""
RIDGE = 1e-9
"""Added to the information's diagonal, so that a regressor that does not vary is no error but stays at zero."""


def firth(x_NP: Floats, ones_BN: Floats, trials_BN: Floats) -> Floats:
    """Fit logistic regressions by Newton's method with Firth's (1993, Biometrika 80, 27-38) correction.

    The correction, the penalty of Jeffreys' prior, keeps coefficients finite where regressors separate the labels.

    Args:
        x_NP: Regressors of each row; a column of ones is the intercept.
        ones_BN: Labels of 1 of each row, in each of B fits; fractions are fine.
        trials_BN: All labels of each row.

    Returns:
        Coefficients, shape (B, P); NaN where a fit diverged.

    >>> x = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> firth(x, np.array([[20.0, 60.0]]), np.array([[80.0, 80.0]])).round(2)
    array([[-1.08,  2.16]])
    """
    beta = np.zeros((len(ones_BN), x_NP.shape[1]))
    for _ in range(STEPS):
        rate = 1 / (1 + np.exp(-np.clip(beta @ x_NP.T, -40, 40)))
        weight = trials_BN * rate * (1 - rate)
        information = np.einsum("bn,np,nq->bpq", weight, x_NP, x_NP, optimize=True)
        inverse = np.linalg.inv(information + RIDGE * np.eye(x_NP.shape[1]))
        lever = weight * np.einsum("np,bpq,nq->bn", x_NP, inverse, x_NP, optimize=True)
        rest = ones_BN - trials_BN * rate + lever * (0.5 - rate)
        step = np.einsum("bpq,nq,bn->bp", inverse, x_NP, rest, optimize=True)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return np.where((np.abs(beta) < LARGEST).all(axis=1, keepdims=True), beta, np.nan)


@dataclass(frozen=True)
class LogisticEstimand(Estimand):
    """A function of the coefficients of a logistic regression over the replies of some cells, with items as clusters.

    Attributes:
        uses: The cells whose replies are used.
        regressors: From rows of the table, the regressors, shape (N, P).
        function: From coefficients, shape (B, P), the number, shape (B,); NaN where it is not defined.
    """

    uses: tuple[str, ...]
    regressors: Callable[[pd.DataFrame], Floats]
    function: Callable[[Floats], Floats]

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells that it uses."""
        return self.uses

    def statistic(self, seen: Observed) -> tuple[Statistic, int]:
        """The number, of replies that are weighed by their item.

        Rows with the same regressors are one row of the regression, so that its size follows the design and not the
        number of replies.
        """
        seen.need(self.key, "binary")
        table = seen.table[seen.table["cell"].isin(self.uses) & seen.table["value"].notna()]
        item, names = pd.factorize(table["request"])
        if not len(names):
            return lambda w: np.full(len(w), np.nan), 0
        x_NP, row = np.unique(self.regressors(table), axis=0, return_inverse=True)
        shape, slot = (len(names), len(x_NP)), item * len(x_NP) + row.ravel()
        trials, ones = (
            np.bincount(slot, weights=weights, minlength=shape[0] * shape[1]).reshape(shape)
            for weights in (np.ones(len(table)), table["value"].to_numpy(float))
        )
        return lambda w: self.function(firth(x_NP, w @ ones, w @ trials)), len(names)

    def expected(self, table: pd.DataFrame) -> float:
        """Return the number that a study of endless replies would find, given the chance of a 1 in `value`.

        The chances are fitted without Firth's correction, which vanishes with the number of replies.
        """
        x_NP, many = self.regressors(table), 1e6
        ones = many * table["value"].to_numpy(float)[None]
        return float(self.function(firth(x_NP, ones, np.full(ones.shape, many)))[0])


@dataclass(frozen=True)
class BoundedLogistic(LogisticEstimand):
    """The same for a number between -1 and 1, such as a share of 1 less a share of 0: the interval stays within.

    Its interval is symmetric on the scale of artanh, which for such a difference is half the log odds.
    """

    scale: ClassVar[Scale] = "fisher"
