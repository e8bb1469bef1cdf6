"""Draws that cannot be believed are not."""

from typing import Any

import numpy as np
import pytest

from feint.stats.bayes.fitting import Diagnosis, diagnose
from feint.stats.bayes.model import Draws

pytest.importorskip("numpyro")


def checked(change: Any = None, draws: int = 1000, divergences: int = 0) -> Diagnosis:
    values = np.random.default_rng(3).normal(size=(2, draws, 4))
    if change is not None:
        change(values)
    return diagnose(Draws({}, divergences), {"a": values[..., :3], "b": values[..., 3]})


def shift(values: Any) -> None:
    values[1, :, 2] += 0.4


def widen(values: Any) -> None:
    values[1, :, 3] *= 2


def drift(values: Any) -> None:
    values[..., 0] = np.cumsum(values[..., 0], axis=1)


def stand(values: Any) -> None:
    values[..., 1] = 0.5


def test_independent_draws_are_believed() -> None:
    found = checked()
    assert found.faults == []
    assert found.r_hat is not None and found.r_hat < 1.01
    assert found.ess is not None and 1000 < found.ess < 3000


@pytest.mark.parametrize(
    ("change", "draws", "divergences", "says"),
    [
        (shift, 1000, 0, "r-hat is"),
        (widen, 1000, 0, "r-hat is"),  # only the distance from the median shows it
        (drift, 1000, 0, "fewer than 200"),
        (stand, 1000, 0, "r-hat is nan"),
        (None, 90, 0, "fewer than 200"),
        (None, 1000, 1, "1 draws diverged"),
    ],
)
def test_others_are_not(change: Any, draws: int, divergences: int, says: str) -> None:
    found = checked(change, draws, divergences)
    assert says in "; ".join(found.faults)
