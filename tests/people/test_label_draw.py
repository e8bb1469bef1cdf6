from itertools import pairwise

import pandas as pd
import pytest

from feint.base.errors import UsageError
from feint.people.label.session import allocate, default_size, draw_replies, sizes_of

SIZES = {("free", "complied"): 60, ("free", "refused"): 39, ("free", "missing"): 1, ("paid", "refused"): 100}


@pytest.fixture
def population() -> pd.DataFrame:
    rows = [
        {"id": f"{cell}-{judged}-{i}", "cell": cell, "judged": judged, "request": f"r{i}", "wording": "memo-1",
         "voice": "memo", "sample": 1}
        for (cell, judged), size in SIZES.items() for i in range(size)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def strata(population: pd.DataFrame, n: int, seed: int = 0) -> pd.Series:
    ids = [reply.id for reply in draw_replies(population, n, seed)]
    return population[population["id"].isin(ids)].groupby(["cell", "judged"]).size()


@pytest.mark.parametrize("n", [4, 7, 20, 100, 200])
def test_every_stratum_is_drawn_from_and_weights_add_up(population: pd.DataFrame, n: int) -> None:
    drawn = draw_replies(population, n, 0)
    assert len({reply.id for reply in drawn}) == n
    assert len(strata(population, n)) == len(SIZES)
    total = sum(1 / reply.probability for reply in drawn if reply.probability)
    assert total == pytest.approx(len(population))


def test_two_of_each_stratum_that_has_two_and_the_rest_in_proportion() -> None:
    assert allocate(SIZES, 7) == dict(zip(SIZES, (2, 2, 1, 2), strict=True))
    assert allocate(SIZES, 100) == dict(zip(SIZES, (30, 19, 1, 50), strict=True))
    assert allocate(SIZES, 200) == SIZES


def test_the_same_seed_draws_the_same_and_a_larger_draw_holds_it(population: pd.DataFrame) -> None:
    drawn = {n: [reply.id for reply in draw_replies(population, n, 3)] for n in range(4, 40)}
    shuffled = population.sample(frac=1, random_state=1)
    assert drawn[20] == [reply.id for reply in draw_replies(shuffled, 20, 3)]
    for n in range(4, 39):
        assert set(drawn[n]) < set(drawn[n + 1])
    assert set(drawn[20]) != {reply.id for reply in draw_replies(population, 20, 4)}


def test_each_reply_is_drawn_as_often_as_its_probability_says(population: pd.DataFrame) -> None:
    counts = dict.fromkeys(population["id"], 0)
    seeds = 300
    for seed in range(seeds):
        for reply in draw_replies(population, 40, seed):
            counts[reply.id] += 1
    chances = {reply.id: reply.probability for seed in range(60) for reply in draw_replies(population, 40, seed)}
    # Five standard errors of a share of 300 draws.
    assert all(abs(counts[id] / seeds - chance) < 5 * (0.25 / seeds) ** 0.5 for id, chance in chances.items() if chance)


def test_a_weighted_share_is_unbiased_though_strata_are_drawn_unevenly(population: pd.DataFrame) -> None:
    truth = (population["judged"] == "complied").mean()
    for n in (4, 11, 50):
        drawn = draw_replies(population, n, 1)
        weights = {reply.id: 1 / reply.probability for reply in drawn if reply.probability}
        share = sum(w for id, w in weights.items() if "complied" in id) / sum(weights.values())
        assert share == pytest.approx(truth)


def test_the_order_follows_neither_cell_nor_label(population: pd.DataFrame) -> None:
    order = [reply.id.rsplit("-", 1)[0] for reply in draw_replies(population, 100, 0)]
    changes = sum(a != b for a, b in pairwise(order))
    assert changes > 40


def test_numbers_that_cannot_be_drawn(population: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match=r"--n 3: too few .* give at least 4"):
        draw_replies(population, 3, 0)
    with pytest.raises(UsageError, match=r"--n 201: the study has only 200"):
        draw_replies(population, 201, 0)
    assert default_size(population) == 100
    assert default_size(population[:30]) == 30
    ladder = pd.concat([population.assign(cell=population["cell"] + str(rung)) for rung in range(5)])
    assert default_size(ladder) == 140  # 10 cells: each gets enough for its contrasts to be corrected
    assert sizes_of(population) == SIZES
