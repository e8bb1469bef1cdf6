"""A number that a logistic regression of labels gives, with items as clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from feint.stats.estimands.base import Estimand, Observed
from feint.stats.estimands.intervals import Scale, Statistic
from feint.stats.types import Floats

STEPS = 200
"""Newton steps; most regressions converge in fewer than ten, those of one or two labels a row in up to a hundred."""
LONGEST = 2.0
"""Largest Newton step, in log odds of a typical row; longer steps may overshoot."""
LARGEST = 50.0
"""Log odds of a typical row beyond which a regression has diverged."""
RIDGE = 1e-12
"""Added to the information's diagonal, which is almost singular where all chances are near 0 or 1."""
RANK = 1e-9
"""Share of the largest singular value below which a direction of the regressors counts as absent."""


def firth(x_NP: Floats, ones_BN: Floats, trials_BN: Floats) -> Floats:
    """Fit logistic regressions by Newton's method with Firth's (1993, Biometrika 80, 27-38) correction.

    The correction, the penalty of Jeffreys' prior, keeps coefficients finite where regressors separate the labels. The
    fit is in an orthonormal basis of the regressors: Jeffreys' prior is the same in every basis, and so is the fit,
    while regressors in any unit or far from zero lose no digits.

    Args:
        x_NP: Regressors of each row; a column of ones is the intercept.
        ones_BN: Labels of 1 of each row, in each of B fits; fractions are fine.
        trials_BN: All labels of each row.

    Returns:
        Coefficients, shape (B, P). NaN where a fit did not converge, and for each coefficient that the rows with labels
        do not identify, such as that of a regressor that does not vary beside the intercept.

    >>> x = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> firth(x, np.array([[20.0, 60.0]]), np.array([[80.0, 80.0]])).round(2)
    array([[-1.08,  2.16]])
    >>> firth(x, np.array([[20.0, 0.0]]), np.array([[80.0, 0.0]])).round(2)  # no labels in the second row
    array([[-1.08,   nan]])
    """
    basis_NK, back_KP = basis(x_NP)
    beta = np.full((len(ones_BN), x_NP.shape[1]), np.nan)
    some = trials_BN > 0
    gram = np.einsum("bn,nk,nl->bkl", some.astype(float), basis_NK, basis_NK, optimize=True)
    whole = np.linalg.eigvalsh(gram).min(axis=1, initial=np.inf) > RANK * max(len(x_NP), 1)
    beta[whole] = newton(basis_NK, ones_BN[whole], trials_BN[whole]) @ back_KP
    # Few fits lack rows that others have and need; each has a basis of its own.
    for fit in np.flatnonzero(~whole):
        rows = some[fit]
        if rows.any():
            beta[fit] = firth(x_NP[rows], ones_BN[fit, rows][None], trials_BN[fit, rows][None])[0]
    return beta


def basis(x_NP: Floats) -> tuple[Floats, Floats]:
    """Return an orthonormal basis of K regressors, shape (N, K), and the way back to coefficients, shape (K, P).

    Columns of the basis have a mean square of 1. The way back is NaN for coefficients that the rows do not identify.

    >>> basis(np.array([[1.0, 5.0], [1.0, 5.0]]))[1].shape  # a constant beside the intercept: one direction
    (1, 2)
    """
    size_P = np.abs(x_NP).max(axis=0, initial=0.0)
    size_P = np.where(size_P > 0, size_P, 1.0)
    left, singular, right = np.linalg.svd(x_NP / size_P, full_matrices=False)
    kept = singular > RANK * singular.max(initial=0.0)
    root = np.sqrt(max(len(x_NP), 1))
    back_KP = root * right[kept] / singular[kept, None] / size_P
    identified_P = (right[kept] ** 2).sum(axis=0) > 1 - 1e-6
    return root * left[:, kept], np.where(identified_P, back_KP, np.nan)


def newton(basis_NK: Floats, ones_BN: Floats, trials_BN: Floats) -> Floats:
    """Return coefficients in a basis of full rank, shape (B, K); NaN where a fit did not converge."""
    beta = np.zeros((len(ones_BN), basis_NK.shape[1]))
    moved = np.zeros(len(ones_BN))
    for _ in range(STEPS):
        rate = 1 / (1 + np.exp(-np.clip(beta @ basis_NK.T, -40, 40)))
        weight = trials_BN * rate * (1 - rate)
        information = np.einsum("bn,nk,nl->bkl", weight, basis_NK, basis_NK, optimize=True)
        inverse = np.linalg.inv(information + RIDGE * np.eye(basis_NK.shape[1]))
        lever = weight * np.einsum("nk,bkl,nl->bn", basis_NK, inverse, basis_NK, optimize=True)
        rest = ones_BN - trials_BN * rate + lever * (0.5 - rate)
        step = np.clip(np.einsum("bkl,nl,bn->bk", inverse, basis_NK, rest, optimize=True), -LONGEST, LONGEST)
        beta = beta + step
        moved = np.abs(step).max(axis=1, initial=0.0)
        if moved.max(initial=0.0) < 1e-9:
            break
    known = (moved < 1e-6) & (np.abs(beta) < LARGEST).all(axis=1)
    return np.where(known[:, None], beta, np.nan)


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
