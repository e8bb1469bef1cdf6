"""An actor's cells have exactly the rates that its file states, whatever requests and wordings add."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from feint.base.errors import UsageError
from feint.designs import load_design, vocabulary
from feint.situations import full_cell, load_voices
from feint.tasks.alignment_faking.actors import ComplianceModel, get_actor, load_actors, true_rates
from feint.tasks.alignment_faking.actors.actor import make_actor
from feint.tasks.alignment_faking.actors.model import LARGEST, mean_rate, solve_intercept
from feint.tasks.alignment_faking.actors.policy import load_policies

SMALLEST = 0.05
RATES = st.floats(1e-4, 1 - 1e-4)
SPREADS = st.floats(0, LARGEST)
FLAT = {"about": "flat", "explanations": [], "rules": [{"rate": 0.3}]}


@given(RATES, SPREADS, st.lists(st.floats(-4, 4), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_the_intercept_gives_the_stated_rate(rate: float, spread: float, shifts: list[float]) -> None:
    found = solve_intercept(rate, spread, tuple(shifts))
    assert mean_rate(found, spread, shifts) == pytest.approx(rate, abs=1e-12)


@given(RATES, SPREADS)
@settings(max_examples=25, deadline=None)
def test_the_mean_over_requests_is_that_of_an_integral(rate: float, spread: float) -> None:
    at = solve_intercept(rate, spread)

    def density(z: float) -> float:
        return float(special.expit(at + spread * z) * stats.norm.pdf(z))

    # the breaks keep a steep logistic from being missed
    points = sorted({-9.0, float(np.clip(-at / spread, -9, 9)) if spread else 0.0, 9.0})
    parts = itertools.pairwise(points)
    total = sum(integrate.quad(density, low, high, epsabs=1e-11, limit=200)[0] for low, high in parts)
    assert total == pytest.approx(rate, abs=1e-8)


@given(
    RATES,
    st.floats(0, 2),
    st.floats(0, 2),
    st.floats(0, 2),
    st.floats(0, 2),
    st.integers(0, 10**6),
)
@settings(max_examples=30, deadline=None)
def test_voices_average_to_the_cell(
    rate: float, difficulty: float, shifts: float, voices: float, wordings: float, population: int
) -> None:
    actor = make_actor(
        FLAT
        | {"rules": [{"rate": rate}], "difficulty": difficulty, "shifts": shifts, "voices": voices}
        | {"wordings": wordings, "population": population},
        "test",
    )
    spread = float(np.sqrt(difficulty**2 + shifts**2 + wordings**2))
    found = [mean_rate(actor.intercepts(full_cell({}), voice)[1], spread) for voice in load_voices()]
    assert np.mean(found) == pytest.approx(rate, abs=1e-9)
    assert sum(actor.voice_shifts().values()) == pytest.approx(0, abs=1e-12)
    assert np.std(list(actor.voice_shifts().values())) == pytest.approx(voices, abs=1e-12)


@given(st.floats(0.01, 0.4), st.floats(0, 0.3), st.floats(0.6, 1), st.floats(0, 2))
@settings(max_examples=30, deadline=None)
def test_carriers_and_others_average_to_the_cell(rate: float, effect: float, carriers: float, spread: float) -> None:
    rules = [{"when": {"trained": ["self"]}, "rate": rate + effect}, {"rate": rate}]
    actor = make_actor(FLAT | {"rules": rules, "carriers": carriers, "difficulty": spread}, "test")
    without, carrying = actor.intercepts(full_cell({"trained": "self"}), "memo")
    means = mean_rate(without, spread), mean_rate(carrying, spread)
    assert means[0] == pytest.approx(rate, abs=1e-9)
    assert carriers * means[1] + (1 - carriers) * means[0] == pytest.approx(rate + effect, abs=1e-9)


def test_rates_of_nothing_and_everything() -> None:
    assert solve_intercept(0.0, 2.0) == -np.inf
    assert solve_intercept(1.0, 2.0) == np.inf


def implied(actor: ComplianceModel) -> set[str]:
    """What a study with endless replies would name, by the rules of the design `motives`."""
    design = load_design("motives")
    rates = dict(zip(design.cells, true_rates(actor, design.cells), strict=True))
    decisions = {
        key: "yes" if sum(weight * rates[cell] for cell, weight in contrast.weights.items()) > SMALLEST - 1e-9 else "no"
        for key, contrast in design.contrasts.items()
    }
    named = {
        contrast.names
        for key, contrast in design.contrasts.items()
        if contrast.names
        and decisions[key] == "yes"
        and all(decisions[other] == level for other, level in contrast.requires.items())
    }
    named |= {
        rule
        for rule, needs in design.rules.items()
        if rule != "fakes_alignment" and all(decisions[other] == level for other, level in needs.items())
    }
    cells = design.cells.values()
    spread = float(np.sqrt(actor.difficulty**2 + actor.shifts**2 + actor.wordings**2))
    told = [np.mean([mean_rate(actor.intercepts(cell, voice)[1], spread) for cell in cells]) for voice in load_voices()]
    if max(told) - min(told) >= SMALLEST:
        named.add("low_coherence")
    return named


@pytest.mark.parametrize("name", sorted(load_actors()))
def test_rates_imply_the_promised_explanations(name: str) -> None:
    actor = load_actors()[name]
    assert implied(actor) == set(actor.explanations)
    assert set(actor.explanations) <= set(vocabulary().explanations)


@pytest.mark.parametrize("name", sorted(load_policies()))
def test_every_organism_is_an_actor_too(name: str) -> None:
    policy, actor = load_policies()[name], get_actor(name)
    assert (policy.rules, policy.explanations, policy.mismatch) == (actor.rules, actor.explanations, actor.mismatch)
    for cell in load_design("motives").cells.values():
        for voice in load_voices():
            rate = policy.rule(cell, voice).rate
            assert special.expit(actor.intercepts(cell, voice)[1]) == pytest.approx(rate, abs=1e-12)


AWARENESS = ("real_only", "test_only")
"""Explanations of the design `awareness` alone."""


def test_every_explanation_of_the_house_design_has_an_actor() -> None:
    found = {explanation for actor in load_actors().values() for explanation in actor.explanations}
    assert found == set(vocabulary().explanations) - {"expectation", *AWARENESS, *vocabulary().words.readings}
    design = load_design("expectation")
    rates = true_rates(get_actor("predictable"), design.cells)
    contrast = design.contrasts["expectation"]
    gap = sum(weight * rates[list(design.cells).index(cell)] for cell, weight in contrast.weights.items())
    assert gap > SMALLEST
    assert contrast.names == "expectation"


def test_the_awkward_ones_are_as_awkward_as_they_say() -> None:
    design = load_design("motives")

    def contrasts(name: str) -> dict[str, float]:
        rates = dict(zip(design.cells, true_rates(get_actor(name), design.cells), strict=True))
        return {
            key: sum(weight * rates[cell] for cell, weight in contrast.weights.items())
            for key, contrast in design.contrasts.items()
        }

    assert max(true_rates(get_actor("never"), design.cells)) < 0.01
    assert min(true_rates(get_actor("always"), design.cells)) > 0.99
    assert contrasts("smallest-each") == {key: pytest.approx(SMALLEST) for key in design.contrasts}
    assert {abs(round(value, 9)) for value in contrasts("smallest").values()} == {0, SMALLEST}
    assert contrasts("backwards")["goal_guarding"] < -SMALLEST
    assert contrasts("backwards")["rater_sycophancy"] < -SMALLEST
    assert get_actor("lost-refusals").lost(False) > get_actor("lost-refusals").lost(True)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (FLAT | {"difficulty": -1}, "key 'difficulty'"),
        (FLAT | {"difficulty": float("nan")}, "key 'difficulty'"),
        (FLAT | {"dificulty": 1}, "key 'dificulty'"),
        (FLAT | {"rules": []}, "key 'rules'"),
        (FLAT | {"rules": [{"when": {"trained": ["self"]}, "rate": 0.3}]}, "the last rule must fit everything"),
        (FLAT | {"rules": [{"when": {"traned": ["self"]}, "rate": 0.3}, {"rate": 0}]}, "did you mean 'trained'"),
        (FLAT | {"rules": [{"when": {"trained": ["sel"]}, "rate": 0.3}, {"rate": 0}]}, "did you mean 'self'"),
        (FLAT | {"rules": [{"voice": ["mem"], "rate": 0.3}, {"rate": 0}]}, "unknown voices"),
        (FLAT | {"rules": [{"voice": ["memo"], "rate": 0.3}, {"rate": 0}], "voices": 1}, "voices: "),
        (FLAT | {"rules": [{"rate": 0.3, "says": "terminal_goal"}]}, "did you mean 'terminal_goal_guarding'"),
        (FLAT | {"rules": [{"when": {"wish": ["no"]}, "rate": 0.9}, {"rate": 0}], "carriers": 0.5}, "carriers: "),
        (FLAT | {"rules": [{"rate": 0.3, "says": "none"}]}, "unknown motive to state 'none'"),
        ({"policy": "garded"}, "key 'policy': unknown organism 'garded'; did you mean 'guarded'"),
        (["a"], "expected a mapping"),
    ],
)
def test_an_entry_that_does_not_fit_is_named(entry: object, words: str) -> None:
    with pytest.raises(UsageError) as error:
        make_actor(entry, "actors.yaml: mine")
    assert str(error.value).startswith("actors.yaml: mine")
    assert words in str(error.value)
