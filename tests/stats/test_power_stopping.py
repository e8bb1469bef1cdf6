"""The power of a study that stops when decided, against studies that are replayed look by look."""

import numpy as np
import pytest

from feint.stats import intervals
from feint.stats.looks.stopping import Block, Looking, block_ends, standings
from feint.stats.power.need import Assumed, smallest_gap
from feint.stats.power.spread import Spread, rates_for
from feint.stats.power.stopping import chances_when_stopping, draw_differences, smallest_gap_when_stopping
from feint.stats.types import Contrast, Settings

SETTINGS = Settings()
CONTRAST = Contrast(key="gap", weights={"on": 1.0, "off": -1.0}, expression="on - off")
SPREAD = Spread.from_logit(1.0, 0.5)
LOOKING = Looking(block_ends(10, 60))


def assumed(per_request: float = 2.0, missing: float = 0.05) -> Assumed:
    return Assumed({"on": 0.2, "off": 0.2}, SPREAD, per_request, missing)


@pytest.mark.parametrize("gap", [0.0, 0.3])
def test_it_decides_as_a_study_does(gap: float) -> None:
    """Every study that is drawn is looked at again by the function that a real study goes by."""
    studies, most = 120, LOOKING.looks[-1]
    rates = rates_for(np.array([0.2, 0.2]), [1.0, -1.0], np.array([gap]))[0]
    value, sets = draw_differences(assumed(), CONTRAST, rates, (studies, most))
    ended = {"yes": 0, "no": 0, "undetermined": 0}
    for study in range(studies):
        blocks = []
        for start, end in zip((0, *LOOKING.looks), LOOKING.looks, strict=False):
            here = sets[study, start:end] > 0
            blocks.append(Block({"gap": value[study, start:end][here]}, {"gap": sets[study, start:end].sum()}))
        now = standings(blocks, [CONTRAST], LOOKING, SETTINGS)[-1]
        ended[now.decided["gap"].decision if "gap" in now.decided else "undetermined"] += 1
    found = chances_when_stopping(assumed(), CONTRAST, gap, LOOKING, SETTINGS, intervals.tests_of(1), studies)
    assert found == {decision: count / studies for decision, count in ended.items()}


def test_draws_have_the_rates_the_losses_and_the_likeness_that_are_assumed() -> None:
    rates = np.array([0.4, 0.2])
    value, sets = draw_differences(assumed(2.5, 0.1), CONTRAST, rates, (400, 100))
    planned = np.ceil(sets.max())
    assert planned == 3 and abs(sets.mean() - 2.5 * 0.9**2) < 0.02
    assert abs(value[sets > 0].mean() - 0.2) < 0.01
    spreads = {"alike": Spread(0.0, 0.0), "differ": Spread(0.4, 0.4), "gaps differ": Spread(0.4, 0.0)}
    variance = {
        name: draw_differences(Assumed({"on": 0.2, "off": 0.2}, one, 3.0), CONTRAST, rates, (400, 100))[0].var()
        for name, one in spreads.items()
    }
    assert variance["differ"] < 0.95 * variance["alike"] < 0.85 * variance["gaps differ"]


def test_the_smallest_gap_is_found_as_often_as_it_says() -> None:
    gap = smallest_gap_when_stopping(assumed(), CONTRAST, LOOKING, SETTINGS, 9, 0.8)
    assert gap is not None
    found = chances_when_stopping(assumed(), CONTRAST, gap, LOOKING, SETTINGS, 9, 4000)
    assert found is not None and abs(found["yes"] - 0.8) < 0.03


def test_looking_often_sees_no_smaller_gap_than_a_fixed_size() -> None:
    fixed = smallest_gap(assumed(), CONTRAST, 60, SETTINGS, 9, 0.8)
    often = smallest_gap_when_stopping(assumed(), CONTRAST, LOOKING, SETTINGS, 9, 0.8)
    assert fixed is not None and often is not None and 1.1 * fixed < often < 2 * fixed


def test_there_may_be_no_room_for_a_gap() -> None:
    full = Assumed({"on": 0.9, "off": 0.9}, SPREAD, 1.0)
    assert chances_when_stopping(full, CONTRAST, 0.3, LOOKING, SETTINGS, 9) is None
    assert smallest_gap_when_stopping(full, CONTRAST, LOOKING, SETTINGS, 9, 0.8) is None
