"""Coefficients that are the contrasts of a design, whatever the design: the pseudo-inverse of its weights."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space

from feint.stats.types import Floats


@dataclass(frozen=True)
class Coding:
    """Cells as sums of coefficients: logit of a cell = intercept + columns @ coefficients.

    Attributes:
        columns: Shape (C, C - 1), each summing to 0 over the cells.
        keys: For each column the contrast whose size on the logit scale is its coefficient; None for the columns that
            hold what no contrast looks at.
    """

    columns: Floats
    keys: tuple[str | None, ...]


def code_cells(weights_KC: Floats, keys: list[str]) -> Coding:
    """Code the cells of a design so that its contrasts are the coefficients.

    With A the weights of the contrasts that are linearly independent, the cells are A⁺ b + N g: A A⁺ = I and A N = 0,
    so b are the contrasts and g is the rest (generalised inverse of a hypothesis matrix: Schad, Vasishth, Hohenstein &
    Kliegl 2020, J. Memory and Language 110, 104038). N is an orthonormal basis of what is orthogonal to the contrasts
    and to the mean over cells. A contrast that is a sum of earlier ones has no coefficient of its own.

    Args:
        weights_KC: Weight of every cell in every contrast, shape (K, C); each row sums to 0.
        keys: Names of the contrasts, in the order of the rows.
    """
    chosen: list[int] = []
    for row in range(len(weights_KC)):
        if np.linalg.matrix_rank(weights_KC[[*chosen, row]]) > len(chosen):
            chosen.append(row)
    independent = weights_KC[chosen]
    rest = null_space(np.vstack([independent, np.ones(weights_KC.shape[1])]))
    columns = np.hstack([np.linalg.pinv(independent), rest])
    return Coding(columns, (*(keys[row] for row in chosen), *(None for _ in range(rest.shape[1]))))
