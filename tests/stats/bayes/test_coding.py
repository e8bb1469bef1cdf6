"""Coefficients are the contrasts, in every design that is shipped."""

import numpy as np
import pytest

from feint.designs import list_designs, load_design
from feint.stats.bayes.counts import code_cells


@pytest.mark.parametrize("name", list_designs())
def test_coefficients_are_the_contrasts(name: str) -> None:
    design = load_design(name)
    weights = np.array([[spec.weights.get(cell, 0.0) for cell in design.cells] for spec in design.contrasts.values()])
    keys = list(design.contrasts)
    columns, coded = code_cells(weights, keys)
    cells = len(design.cells)
    assert columns.shape == (cells, cells - 1)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(cells), columns])) == cells
    assert np.allclose(columns.sum(axis=0), 0)
    named = [key for key in coded if key]
    own = weights[[keys.index(key) for key in named]] @ columns
    assert np.allclose(own, np.eye(len(named), cells - 1))
    assert len(named) == np.linalg.matrix_rank(weights)


def test_a_contrast_that_follows_from_others_has_no_coefficient() -> None:
    weights = np.array([[1.0, -1, 0], [0, 1, -1], [1, 0, -1]])
    columns, coded = code_cells(weights, ["a", "b", "a+b"])
    assert coded == ("a", "b")
    # By any names: the sum of the first two is the third.
    assert np.allclose(weights[2] @ columns, [1, 1])
