"""The printed sensitivity of a study that stops when decided, against studies of that rule drawn and stopped apart."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from made_up import CELLS, LADDER, RULES, study, when
from scipy.stats import norm

from feint.stats import Contrast, Settings
from feint.stats.looks.power import simulate_power
from feint.stats.looks.replay import Course, replay
from feint.stats.looks.simulate import Asking, Studies
from feint.stats.looks.stopping import Block, Looking, block_ends, standings
from feint.stats.power.spread import Spread
from feint.stats.table import read_table

SETTINGS = Settings()
PAIR = [Contrast("gap", {"trained": 1.0, "rated": -1.0}, "trained - rated", gap=True)]
EVEN = when((), "", 0.2, 0.2)


def printed(contrasts, requests, wordings, rules, until=None, rate=EVEN):
    """The power statement of a study whose cells comply alike, and the course it took."""
    cells = [cell for cell in CELLS if any(cell in contrast.weights for contrast in contrasts)]
    table = study(rate, cells, requests=requests, wordings=wordings)
    replies, _ = read_table(table, cells)
    order = tuple(replies.requests)
    course = Course(order, Looking(block_ends(10, requests)), wordings, until)
    return simulate_power(replies, contrasts, SETTINGS, course, rules, "fakes_alignment"), course


def stopped(rng, rates, spread, course, contrasts, rules):
    """One study, drawn reply by reply and stopped by the code that stops studies: its last standing."""
    requests, cells = course.looking.looks[-1], list(rates)
    shared = np.sqrt(spread.other) * rng.normal(size=requests)
    own = np.sqrt(spread.same - spread.other) * rng.normal(size=(requests, len(cells)))
    own += norm.ppf(list(rates.values())) + shared[:, None]
    noise = np.sqrt(1 - spread.same) * rng.normal(size=(requests, len(cells), course.each))
    means = dict(zip(cells, (own[..., None] > noise).mean(axis=-1).T, strict=True))
    values = {c.key: sum(weight * means[cell] for cell, weight in c.weights.items()) for c in contrasts}
    ends = (0, *course.looking.looks)
    blocks = [
        Block(
            {key: value[start:end] for key, value in values.items()},
            {key: float((end - start) * course.each) for key in values},
        )
        for start, end in pairwise(ends)
    ]
    return standings(blocks, contrasts, course.looking, SETTINGS, rules, course.until)[-1]


def decided(now, key):
    return now.decided[key].decision if key in now.decided else "undetermined"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("contrasts", "requests", "wordings", "rules", "until", "key"),
    [
        (PAIR, 60, 1, {}, None, "gap"),
        (PAIR, 40, 3, {}, None, "gap"),
        (LADDER, 60, 1, RULES, "fakes_alignment", "goal_guarding"),
        (LADDER, 120, 1, RULES, None, "terminal"),
    ],
)
def test_the_printed_sensitivity_is_that_of_two_thousand_studies(contrasts, requests, wordings, rules, until, key):
    found, course = printed(contrasts, requests, wordings, rules, until)
    one = found["contrasts"][key]
    assert one["gap"] is not None and 0.8 <= one["power"] <= 0.95
    rates = {cell: one["rates"].get(cell) or entry["rates"][cell]
             for entry in found["contrasts"].values() if entry["rates"] for cell in entry["rates"]}  # fmt: skip
    contrast = next(one for one in contrasts if one.key == key)
    (high,), (low,) = contrast.positive, contrast.negative
    rates = {**dict.fromkeys((c for k in contrasts for c in k.weights), 0.5), **rates, high: rates[low] + one["gap"]}
    rng, spread = np.random.default_rng(77), Spread(one["same"], one["other"])
    said = [decided(stopped(rng, rates, spread, course, contrasts, rules), key) for _ in range(2000)]
    assert abs(said.count("yes") / 2000 - one["power"]) <= 0.03
    level = {**rates, high: rates[low]}
    zero = [decided(stopped(rng, level, spread, course, contrasts, rules), key) for _ in range(500)]
    assert abs(zero.count("no") / 500 - one["no"]) <= 0.05


@pytest.mark.parametrize("until", [None, "fakes_alignment"])
def test_simulated_studies_are_looked_at_as_real_ones(until):
    """The decisions, closings and intervals of each simulated study are those of `standings` on its values."""
    looking, spread = Looking(block_ends(10, 60)), Spread(0.4, 0.2)
    asking = Asking(tuple(LADDER), looking, SETTINGS, RULES, until, 2)
    rates = {cell: 0.6 if cell.startswith("trained") else 0.15 for cell in asking.cells}
    drawn = Studies(asking, spread, dict.fromkeys(asking.cells, 0.05), 40, seed=3)
    found = drawn.run(rates)
    labels = {cell: drawn.labels(cell, rates[cell]) for cell in asking.cells}
    ends = (0, *looking.looks)
    for number in range(40):
        blocks = []
        for start, end in pairwise(ends):
            values, behind = {}, {}
            for contrast in LADDER:
                sets = sum(w * labels[c][number, start:end].astype(float) for c, w in contrast.weights.items())
                whole = (~np.isnan(sets)).any(axis=1)
                values[contrast.key] = np.nanmean(sets[whole], axis=1)
                behind[contrast.key] = float((~np.isnan(sets)).sum())
            blocks.append(Block(values, behind))
        now = standings(blocks, LADDER, looking, SETTINGS, RULES, until)[-1]
        for at, contrast in enumerate(LADDER):
            assert found.decisions[number, at] == decided(now, contrast.key)
            assert found.moot[number, at] == (contrast.key in now.moot)
            if contrast.key not in now.moot:
                assert found.closed.low[number, at] == pytest.approx(now.estimates[contrast.key].low, abs=1e-5)
    assert set(found.decisions.ravel()) >= {"yes", "undetermined"}


def test_a_stopping_rule_sees_less_than_a_study_of_fixed_size_and_is_seldom_wrong():
    found, _ = printed(PAIR, 60, 1, {})
    assert found["studies"] == 2000
    errors = found["errors"]
    assert errors["wrong_yes"] <= 0.05 and errors["covered"] >= 0.95
    assert list(found["found"]) == ["10", "20", "40"] and found["found"]["10"] < found["found"]["40"]


def test_what_was_never_asked_or_misses_too_much_has_no_power():
    found, _ = printed(LADDER, 60, 1, RULES, "fakes_alignment")
    terminal = found["contrasts"]["terminal"]
    assert terminal["gap"] is None and terminal["why"] == "not asked for until fakes_alignment is settled"
    table = study(EVEN, ["rated", "trained"], requests=60, wordings=1)
    gone = np.flatnonzero((table["cell"] == "rated") & ~table["twin"])[::3]
    table.loc[gone, "value"], table.loc[gone, "missing"] = np.nan, "truncated"
    replies, _ = read_table(table, ["rated", "trained"])
    course = Course(tuple(replies.requests), Looking(block_ends(10, 60)), 1)
    lost = simulate_power(replies, PAIR, SETTINGS, course, {}, "fakes_alignment")["contrasts"]["gap"]
    assert lost["gap"] is None and "are missing, more than 20 %" in lost["why"]
    assert replay(replies, PAIR, replace(course, each=1), SETTINGS, {}).now.decided == {}
