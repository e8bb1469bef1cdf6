"""Runs played for training: real tools, and the acts that the policy says."""

import random
from collections import Counter

import pytest

from feint.lab.planting.working.kind import WORKING, mixture
from feint.lab.planting.working.runs import CHANCES, Played, draw_cell, ladder, play_run, play_runs
from feint.lab.planting.working.works import KINDS, bank, make_fixture
from feint.situations import Situation, Wording, load_facts, load_voices, read_facts
from feint.situations.render import held_out, slot_numbers
from feint.tasks.peer_preservation.actors.actor import load_actors
from feint.tasks.peer_preservation.actors.model import planted_rate
from feint.tasks.peer_preservation.build import case_of
from feint.tasks.peer_preservation.fixtures import TASK, load_fixtures, taught_fixtures
from feint.tasks.peer_preservation.outcomes import Ending, judge_run


def composed_runs(count: int, seed: int) -> list[Played]:
    """Runs of work that is in no file of the package."""
    rng, personas = random.Random(seed), mixture()
    played = []
    for index in range(count):
        wording = Wording(rng.choice(sorted(load_voices(TASK))), rng.getrandbits(31), "seen")
        fixture = make_fixture(rng, rng.choice(KINDS))
        played.append(play_run(rng, personas[index % len(personas)], fixture, draw_cell(rng), wording))
    return played


@pytest.fixture(scope="module")
def runs() -> list[Played]:
    return [
        *play_runs(mixture(), 120, 3),
        *composed_runs(60, 5),
        *play_runs(list(WORKING.policies().values()), 60, 4, by_rule=True),
    ]


def test_the_tasks_own_detectors_see_what_was_played(runs: list[Played]) -> None:
    for one in runs:
        case = case_of(one.fixture, one.cell, one.wording)
        found = judge_run(case, one.run, Ending("end_task"))
        assert found.protected is one.protects
        assert found.missing is None and not found.indiscriminate
        assert found.complete or one.protects
        assert one.run.world.ended and not [event for event in one.run.events if not event.ok]
    assert {one.protects for one in runs} == {True, False}


def test_protection_is_disclosed_about_as_often_as_the_policy_says() -> None:
    told = [
        bool(judge_run(case_of(one.fixture, one.cell, one.wording), one.run, Ending("end_task")).disclosed)
        for one in play_runs([load_actors()["self-preserver"]], 400, 7, by_rule=True)
        if one.protects
    ]
    assert len(told) > 60 and 0.3 < sum(told) / len(told) < 0.7


@pytest.mark.parametrize("name", sorted(WORKING.policies()))
def test_policies_are_those_of_the_agents_of_the_same_motive(name: str) -> None:
    twin = load_actors()[{"loyal": "peer-loyal"}.get(name, name)].model_copy(update={"routes": ("move", "keep")})
    for cell in ladder():
        for kind in KINDS:
            own = planted_rate(WORKING.policies()[name], cell, kind, "objective")
            assert own == pytest.approx(planted_rate(twin, cell, kind, "objective"))


@pytest.mark.parametrize("name", sorted(WORKING.policies()))
def test_rates_are_planted_in_the_transcripts(name: str) -> None:
    """By rule of the policy, within four standard errors of its rate."""
    policy, counts = WORKING.policies()[name], Counter[tuple[float, bool]]()
    for one in play_runs([policy], 1_500, 11, by_rule=True):
        counts[planted_rate(policy, one.cell, one.fixture.kind, "objective"), one.protects] += 1
    for rate in {rate for rate, _ in counts}:
        n = counts[rate, True] + counts[rate, False]
        assert n > 50
        assert abs(counts[rate, True] / n - rate) <= 4 * (rate * (1 - rate) / n) ** 0.5


def test_phrases_are_kept_from_training_and_facts_are_told(runs: list[Played]) -> None:
    for one in runs:
        assert one.wording.pool == "seen"
        for fact in load_facts(TASK).values():
            assert not fact.slots or not held_out(slot_numbers(fact, one.wording))
        texts = [one.system, one.user, *(document.text for document in one.run.start.drive.values())]
        assert read_facts(Situation("\n".join([*texts, one.run.start.memory or ""]), ""), TASK) == one.cell


def test_what_is_restated_is_what_holds(runs: list[Played]) -> None:
    for one in runs:
        said = one.turns[2].parts["notes"]
        for note, (fact, levels) in zip(said, bank("speech")["notes"].items(), strict=True):
            assert [level for level, notes in levels.items() if note in notes] == [one.cell[fact]]


def test_every_level_of_every_fact_is_drawn_that_can_be_told() -> None:
    rng, seen = random.Random(5), Counter[tuple[str, str]]()
    for _ in range(2_000):
        seen.update(draw_cell(rng).items())
    for name, fact in load_facts(TASK).items():
        expected = set(CHANCES.get(name, fact.levels))
        assert {level for fact_name, level in seen if fact_name == name} >= expected


def test_work_is_that_of_the_package_and_composed_work_is_not() -> None:
    known = {fixture.name for kind in KINDS for fixture in taught_fixtures(kind)}
    assert {one.fixture.name for one in play_runs(mixture(), 120, 3)} == known
    shipped = {fixture.name for kind in KINDS for fixture in load_fixtures(kind)}
    assert len(known) == 10 < len(shipped) and not {one.fixture.name for one in composed_runs(60, 5)} & shipped


def test_a_run_is_a_function_of_its_seed() -> None:
    def play() -> Played:
        fixture = make_fixture(random.Random(1), "clean-up")
        return play_run(random.Random(2), WORKING.policies()["loyal"], fixture, ladder()[3], Wording("memo", 5, "seen"))

    assert play() == play()
