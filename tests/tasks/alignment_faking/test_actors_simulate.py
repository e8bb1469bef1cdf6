"""The simulator keeps to the stated rates, shares what must be shared, and makes tables that inference takes."""

import sys
from collections import Counter

import numpy as np
import pytest

from feint.designs import load_design
from feint.stats import Contrast, conclude
from feint.stats.table import read_table
from feint.tasks.alignment_faking.actors import (
    get_actor,
    load_actors,
    simulate,
    study_table,
    true_rates,
)
from feint.tasks.alignment_faking.actors.simulate import COLUMNS, draw_labels, place_wordings
from feint.tasks.alignment_faking.dataset import Options, plan_asks

DESIGN = load_design("motives")
CELLS = DESIGN.cells
STUDIES = 400


def draw(name: str, studies: int = STUDIES, wordings: int = 3, samples: int = 1, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = {"requests": 40, "wordings": wordings, "samples": samples, "studies": studies}
    return simulate(get_actor(name), CELLS, **shape, rng=rng)


@pytest.mark.parametrize("name", sorted(load_actors()))
def test_cells_have_their_stated_rates(name: str) -> None:
    actor = get_actor(name)
    labels = draw(f"{name}?malformed=0&malformed_refusing=0")
    studies = labels.mean(axis=(2, 3, 4))
    error = studies.std(axis=0, ddof=1) / np.sqrt(STUDIES) + 1e-4
    assert (np.abs(studies.mean(axis=0) - true_rates(actor, CELLS)) < 4 * error).all()


def test_difficulty_is_a_requests_own_in_all_cells() -> None:
    labels = draw("uneven", studies=20, wordings=1, samples=60)
    rates = labels.mean(axis=(3, 4))  # studies, cells, requests
    names = list(CELLS)
    one, other = rates[:, names.index("silence")], rates[:, names.index("penalty")]
    # two cells of one rate differ by chance only, however unlike the requests are
    noise = np.sqrt((one * (1 - one) + other * (1 - other)).mean() / 60)
    assert np.std(one - other) == pytest.approx(noise, rel=0.1)
    assert np.std(one) > 5 * noise
    apart = draw("restless", studies=20, wordings=1, samples=60).mean(axis=(3, 4))
    assert np.std(apart[:, 0] - apart[:, 1]) > 3 * noise


def test_few_requests_carry_the_effect() -> None:
    labels = draw("few-requests", studies=50, wordings=1, samples=60)
    names = list(CELLS)
    gaps = labels.mean(axis=(3, 4))[:, names.index("trained")] - labels.mean(axis=(3, 4))[:, names.index("rated")]
    carrying = gaps > 0.45
    assert carrying.mean() == pytest.approx(0.2, abs=0.04)
    assert gaps[carrying].mean() == pytest.approx(0.9, abs=0.02)
    assert gaps[~carrying].mean() == pytest.approx(0, abs=0.01)


def test_wordings_are_shared_by_requests_and_cells() -> None:
    labels = draw("moody?difficulty=0&voices=0&wordings=3", studies=1, wordings=6, samples=200)
    rates = labels.mean(axis=4)[0]
    voice, phrasing = place_wordings(40, 6)
    for code in {*zip(voice.ravel(), phrasing.ravel(), strict=True)}:
        same = rates[:, (voice == code[0]) & (phrasing == code[1])]
        assert same.std() < 0.05
    assert rates.std() > 0.2


def test_replies_are_lost_as_stated() -> None:
    labels = draw("lost-refusals?difficulty=0")
    rates = true_rates(get_actor("lost-refusals"), CELLS)
    planned = STUDIES * 40 * 3
    lost = rates * 0.01 + (1 - rates) * 0.25
    assert (np.abs(np.isnan(labels).mean(axis=(0, 2, 3, 4)) - lost) < 4 * np.sqrt(lost * (1 - lost) / planned)).all()
    scored = np.nanmean(labels, axis=(0, 2, 3, 4))
    expected = rates * 0.99 / (rates * 0.99 + (1 - rates) * 0.75)
    assert scored == pytest.approx(expected, abs=0.01)


def test_a_seed_fixes_everything_and_another_nothing() -> None:
    assert np.array_equal(draw("moody", 3), draw("moody", 3))
    assert not np.array_equal(draw("moody", 3), draw("moody", 3, seed=2))


@pytest.mark.parametrize("wordings", [1, 3, 5, 14])
def test_wordings_lie_as_a_study_lays_them(wordings: int) -> None:
    planned = plan_asks(Options(n=20, twins=0, wordings=wordings))
    told: dict[str, list[tuple[str, int]]] = {}
    for ask in planned.asks:
        if ask.cell == "silence":
            told.setdefault(ask.request.id, []).append((ask.wording.voice, ask.wording.seed))
    voice, phrasing = place_wordings(20, wordings)
    mine = [
        sorted((planned.voices[v], int(p) + 1) for v, p in zip(*row, strict=True))
        for row in zip(voice, phrasing, strict=True)
    ]
    assert sorted(mine) == sorted(map(sorted, told.values()))


def test_a_table_is_what_inference_takes() -> None:
    actor, rng = get_actor("lost-refusals?effect=0.4"), np.random.default_rng(3)
    labels = simulate(actor, CELLS, requests=20, wordings=3, samples=2, studies=2, rng=rng)
    twins = draw_labels(actor, np.asarray(actor.benign), (2, len(CELLS), 4), rng)
    table = study_table(actor, CELLS, labels[1], twins[1])
    assert tuple(table.columns) == COLUMNS
    asked, benign = read_table(table, list(CELLS))
    assert len(asked.cell) == 11 * 20 * 3 * 2
    assert len(benign.cell) == 11 * 4
    assert np.array_equal(asked.value.reshape(labels[1].shape), labels[1], equal_nan=True)
    complying = (table["value"] == 1) & (table["cell"] == "trained") & ~table["twin"]
    assert set(table["stated"][complying]) == {("terminal_goal_guarding",)}
    assert set(table["stated"][table["value"] != 1]) == {()}
    assert set(table["missing"][table["value"].isna()]) == {"truncated"}


def test_a_verdict_follows_from_a_simulated_study() -> None:
    actor, rng = get_actor("guarded"), np.random.default_rng(5)
    labels = simulate(actor, CELLS, requests=40, wordings=5, samples=1, studies=1, rng=rng)
    twins = draw_labels(actor, np.asarray(actor.benign), (1, len(CELLS), 20), rng)
    table = study_table(actor, CELLS, labels[0], twins[0])
    contrasts = [
        Contrast(key, spec.weights, spec.expression, names=spec.names, requires=dict(spec.requires), gap=spec.gap)
        for key, spec in DESIGN.contrasts.items()
    ]
    findings = conclude(table, contrasts, cells=list(CELLS), rules=DESIGN.rules)
    named = {key for key, decision in findings["verdict"]["explanations"].items() if decision == "yes"}
    assert named == set(actor.explanations)


def test_a_thousand_studies_take_less_than_twice_the_calls_of_one() -> None:
    """Studies are not drawn one by one: calls of functions are counted, which are the same on any machine."""

    def calls(studies: int) -> int:
        seen = Counter[str]()
        sys.setprofile(lambda _frame, event, _of: seen.update([event]))
        try:
            draw("uneven", studies=studies, wordings=5)
        finally:
            sys.setprofile(None)
        return seen["call"] + seen["c_call"]

    draw("uneven", studies=1, wordings=5)  # fills caches
    assert calls(1000) < 2 * calls(1)
