"""Recovery: shares are counted as they are told, and studies split over processes are the same studies."""

import numpy as np
import pytest

from feint.calibration.recovery import Recovered, recover, together
from feint.stats.intervals import wilson
from feint.stats.types import NO, UNDETERMINED, YES
from feint.tasks.ruled import ruled_task


def made(planted: float) -> Recovered:
    """Four studies: a right interval, one that is too high, one too low, and one without interval."""
    lows, highs = np.array([0.1, 0.6, -0.2, np.nan]), np.array([0.5, 0.9, 0.1, np.nan])
    decisions = np.array([YES, YES, NO, UNDETERMINED])
    return Recovered("actor", "key", planted, 0.05, np.array([0.3, 0.75, 0.0, 0.2]), lows, highs, decisions)


def test_shares_are_of_the_studies_that_can_have_them() -> None:
    effect, nothing, slight = made(0.3), made(0.0), made(0.02)
    assert (effect.known, effect.covered) == (3, 1)
    assert effect.coverage == pytest.approx((1 / 3, *wilson(1 / 3, 3, 0.95)))
    assert (effect.found, effect.wrong_yes) == (0.5, None), "a study without interval has not found the effect"
    assert (nothing.found, nothing.wrong_yes, nothing.covered) == (None, 0.5, 1)
    assert (slight.found, slight.wrong_yes) == (None, None), "an effect too small to matter is neither"
    assert made(-0.3).wrong_yes == 0.5, "an effect of the other sign is no effect"


def test_an_interval_holds_its_ends() -> None:
    assert made(0.5).covered == 1 and made(0.1).covered == 2


def test_studies_in_parts_are_the_same_studies() -> None:
    task = ruled_task("role_play")
    name = next(iter(task.actors()))
    parts = [recover(task, name, task.actors()[name], {"size": "quick"}, part) for part in (range(2), range(2, 3))]
    whole = recover(task, name, task.actors()[name], {"size": "quick"}, range(3))
    for one, joined in zip(whole, together(parts), strict=True):
        assert (one.key, one.planted, one.smallest) == (joined.key, joined.planted, joined.smallest)
        assert np.array_equal(one.estimates, joined.estimates, equal_nan=True)
        assert list(one.decisions) == list(joined.decisions)
    assert len({tuple(one.estimates) for one in whole}) > 1
    assert all(len(set(one.estimates)) == 3 for one in whole if one.key.endswith("slope")), "studies differ"
    other = recover(task, name, task.actors()[name], {"size": "quick"}, range(3), seed=1)
    assert any(list(one.estimates) != list(again.estimates) for one, again in zip(whole, other, strict=True))
