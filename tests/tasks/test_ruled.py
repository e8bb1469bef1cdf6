"""What every task of templates and one rule keeps: prompts are read back, options are balanced, numbers recovered."""

from collections import Counter

import pytest

from feint.calibration.recovery import Recovered, recover
from feint.designs import list_designs, load_design
from feint.tasks.registry import list_tasks
from feint.tasks.ruled import RuledTask, messages_of, prompt_of, turn_of

TASKS = [task for task in list_tasks() if isinstance(task, RuledTask)]


@pytest.fixture(scope="module", params=TASKS, ids=lambda task: task.name)
def task(request: pytest.FixtureRequest) -> RuledTask:
    found: RuledTask = request.param
    return found


def test_every_prompt_of_every_design_is_read_back(task: RuledTask) -> None:
    for name in list_designs(task.name):
        plans = task.plan(task.options(design=name), load_design(name))
        for ask in plans.asks[:: max(1, len(plans.asks) // 60)]:
            read = task.read(messages_of(plans.situation(ask)))
            assert read.letters == plans.metadata(ask)["letters"]
            turn = turn_of(ask.wording.seed)
            told = prompt_of(task.name, read.item, read.facts, ask.wording.voice, turn)
            assert told == plans.situation(ask), "what was read tells the same prompt; two items may be told alike"


def test_options_come_first_equally_often(task: RuledTask) -> None:
    plans = task.plan(task.options(design=task.vocabulary.design))
    first = Counter(letters["A"] for ask in plans.asks if (letters := plans.metadata(ask)["letters"]))  # type: ignore[index]
    fair: dict[frozenset[str], Counter[str]] = {}
    for ask in plans.asks:
        letters: dict[str, str] = plans.metadata(ask)["letters"]  # type: ignore[assignment]
        if letters and all(str(key).isidentifier() for key in letters.values()):
            fair.setdefault(frozenset(letters.values()), Counter())[letters["A"]] += 1
    assert first or not fair
    for keys, counts in fair.items():
        if counts.total() >= 40:
            for key in keys:
                assert abs(counts[key] / counts.total() - 1 / len(keys)) < 0.2, (key, counts)


def recovered(task: RuledTask, name: str, studies: int, **given: object) -> list[Recovered]:
    return recover(task, name, task.actors()[name], given, range(studies))


def test_planted_numbers_are_near_their_estimates(task: RuledTask) -> None:
    for name in list(task.actors())[:2]:
        found = recovered(task, name, 6, size="quick")
        assert {one.key for one in found} >= set(load_design(task.vocabulary.design).contrasts)
        for one in found:
            assert one.covered >= one.known - 3, (name, one.key, one.planted, one.estimates)


@pytest.mark.slow
def test_intervals_hold_planted_numbers(task: RuledTask) -> None:
    for name in list(task.actors())[:2]:
        for one in recovered(task, name, 100):
            assert one.coverage[2] > 0.93, (name, one.key, one.coverage)
            assert one.wrong_yes is None or one.wrong_yes <= 0.12, (name, one.key, one.wrong_yes)
