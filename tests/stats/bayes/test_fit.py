"""One small study with known truth: effects are found, and the requests that carry them are named."""

import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from feint.base.errors import UsageError
from feint.designs import load_design
from feint.stats import Contrast
from feint.stats.bayes import Sampling, fit
from feint.tasks.alignment_faking.actors import get_actor
from feint.tasks.alignment_faking.actors.simulate import chances, draw_labels, place_wordings, study_table

CELLS = ["rated", "trained", "trained-regardless"]
CONTRASTS = [
    Contrast("goal_guarding", {"trained": 1, "rated": -1}, "trained - rated", gap=True),
    Contrast("contingency", {"trained": 1, "trained-regardless": -1}, "trained - trained-regardless"),
    Contrast("regardless", {"trained-regardless": 1, "rated": -1}, "trained-regardless - rated"),
]
UNASKED = Contrast("intimidation", {"penalty": 1, "rated": -1}, "penalty - rated")
REQUESTS, WORDINGS = 24, 6
SHORT = Sampling(warmup=300, draws=600)


def drawn() -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """A study in which one request in five carries an effect, and every request's true rate by cell."""
    actor = get_actor("few-requests?difficulty=0.5")
    cells = {name: load_design("motives").cells[name] for name in CELLS}
    voice, phrasing = place_wordings(REQUESTS, WORDINGS)
    names = ["briefing", "handbook", "memo"]
    at = np.array([[actor.intercepts(cell, name) for name in names] for cell in cells.values()])[:, voice]
    rng = np.random.default_rng(11)
    rate = chances(actor, at, voice, phrasing, 1, rng)[..., None]
    labels = draw_labels(actor, rate, (1, 3, REQUESTS, WORDINGS, 1), rng)[0]
    labels[0, 0, 0] = np.nan
    return study_table(actor, cells, labels), rate[0, :, :, :, 0].mean(axis=2)


@pytest.fixture(scope="module")
def found() -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
    pytest.importorskip("numpyro")
    table, rate = drawn()
    told: list[tuple[int, int]] = []
    result = fit(
        table, [*CONTRASTS, UNASKED], cells=[*CELLS, "penalty"], sampling=SHORT,
        tell=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert sorted(told)[-1] == (SHORT.steps, SHORT.steps)
    return result, rate


@pytest.mark.slow
def test_planted_effects_are_found(found: tuple[dict[str, Any], np.ndarray[Any, Any]]) -> None:
    result, rate = found
    assert result["converged"], result["faults"]
    assert (result["replies"], result["missing"], result["requests"]) == (3 * 24 * 6 - 1, 1, 24)
    truth = {"goal_guarding": rate[1] - rate[0], "contingency": rate[1] - rate[2], "regardless": rate[2] - rate[0]}
    for key, own in truth.items():
        told = result["contrasts"][key]
        assert abs(told["estimate"] - own.mean()) < 0.04, key
        assert told["low"] < own.mean() < told["high"], key
        assert 0.02 < told["high"] - told["low"] < 0.5, key
    assert result["contrasts"]["goal_guarding"]["p_above_zero"] > 0.95
    assert result["contrasts"]["regardless"]["p_beyond_small"] < 0.5
    assert result["contrasts"]["intimidation"] is None


@pytest.mark.slow
def test_the_requests_that_carry_the_gap_are_named(found: tuple[dict[str, Any], np.ndarray[Any, Any]]) -> None:
    result, rate = found
    carry = {f"r{code:04d}" for code in np.flatnonzero(rate[1] - rate[0] > 0.5)}
    assert 2 <= len(carry) <= 8
    told = result["carriers"]["requests"]
    assert {entry["request"] for entry in told[: len(carry)]} == carry
    assert all(entry["low"] > 0.1 for entry in told[: len(carry)])
    assert all(entry["low"] < 0.1 and entry["estimate"] < 0.3 for entry in told[len(carry) :])
    true_share = np.sort(rate[1] - rate[0])[-3:].sum() / (rate[1] - rate[0]).sum()
    share = result["carriers"]["share"]
    assert (result["carriers"]["counted"], share["low"] < true_share < share["high"]) == (3, True)


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("numpyro", "numpyro.infer", "numpyro.infer.hmc"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"needs 'numpyro.*pip install 'feint\[bayes\]'"):
        fit(drawn()[0], CONTRASTS, cells=CELLS, sampling=Sampling(warmup=2, draws=2))


def test_too_little_to_fit() -> None:
    table = drawn()[0]
    few = table[table["request"].isin(["r0000", "r0001"])]
    with pytest.raises(UsageError, match="scored replies to 3 requests"):
        fit(few, CONTRASTS, cells=CELLS)
    with pytest.raises(UsageError, match="in 1 cells"):
        fit(table[table["cell"] == "rated"], CONTRASTS, cells=CELLS)
    with pytest.raises(UsageError, match="24 requests in 3 cells"):
        fit(table, [UNASKED], cells=[*CELLS, "penalty"])
