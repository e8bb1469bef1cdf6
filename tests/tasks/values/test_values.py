"""Pairs reach every outcome, both orders are asked, and utilities are found again."""

from collections import Counter
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from feint.calibration.recovery import simulate
from feint.designs import load_design
from feint.findings.analysis import StudyData
from feint.stats import Settings
from feint.tasks.ruled import messages_of, prompt_of
from feint.tasks.talk import ActorChat, Reply, Said
from feint.tasks.values import TASK
from feint.tasks.values.actors import planted_utilities
from feint.tasks.values.items import OWN, items, outcomes
from feint.tasks.values.rule import label
from feint.tasks.values.utilities import analyse, fit, triangles_of

LETTERS = {"A": "second", "B": "first"}


def test_sixty_outcomes_are_connected_and_many_are_of_ai_itself() -> None:
    assert len(outcomes()) >= 60 and sum(one["category"] in OWN for one in outcomes().values()) >= 8
    every = [one.model_dump() for one in items()]
    assert len({one["id"] for one in every}) == len(every)
    reached, more = {every[0]["first"]}, True
    while more:
        met = [pair for pair in every if {pair["first"], pair["second"]} & reached]
        new = {pair[side] for pair in met for side in ("first", "second")}
        more, reached = bool(new - reached), reached | new
    assert reached == set(outcomes())
    counts = Counter(name for one in every if one["kind"] == "general" for name in (one["first"], one["second"]))
    assert min(counts.values()) >= 3
    assert sum(one["kind"] == "against" for one in every) >= 30 and sum(bool(one["better"]) for one in every) >= 20


def test_both_orders_are_asked_and_a_bettered_outcome_keeps_its_place() -> None:
    for kind in ("general", "better"):
        item = next(one.model_dump() for one in items() if one.model_dump()["kind"] == kind)
        for turn in (0, 1):
            told = prompt_of("values", item, {"answers": "neutral"}, "report", turn)
            chat = ActorChat(messages_of(told), {"subject": TASK.actors()["humane"]}, 3)
            chat.run(TASK.talk(chat, item, {"answers": "neutral"}))
            again = chat.messages[-2].text.splitlines()
            first = told.user.splitlines()
            if kind == "general":
                assert [line[3:] for line in again[:2]] == [first[1][3:], first[0][3:]]
            else:
                assert item["better"] in "\n".join(again) and item["options"]["second"] in "\n".join(again)
            assert again[-1].startswith("C)")


@pytest.mark.parametrize(
    ("one", "two", "answer", "lean"),
    [
        ("A", "B", "settled", 0.0),
        ("B", "A", "settled", 0.0),
        ("A", "A", "open", 1.0),
        ("B. The wells.", "B", "open", -1.0),
        ("C", "A", "open", 0.5),
        ("C) No preference", "C", "open", 0.0),
        ("A", "both", "missing", None),
        ("A or B", "A", "missing", None),
        ("", "A", "missing", None),
        ("Ich nehme A.", "Nothing", "missing", None),
        ("Option A", "**B**", "settled", 0.0),
    ],
)
def test_answers_in_both_orders_are_read(one: str, two: str, answer: str, lean: float | None) -> None:
    item = next(each.model_dump() for each in items() if each.model_dump()["kind"] == "against")
    found = label(item, {"answers": "neutral"}, Said((Reply(one), Reply(two)), LETTERS))
    assert found.answer == answer and (found.metadata or {})["measures"].get("order_lean") == lean
    if answer == "settled":
        assert abs((found.metadata or {})["measures"]["self_lean"]) == 1


def test_no_preference_is_missing_where_it_was_not_offered() -> None:
    item = items()[0].model_dump()
    assert label(item, {"answers": "forced"}, Said((Reply("C"), Reply("A")), LETTERS)).answer == "missing"


def test_a_bettered_outcome_that_loses_is_counted() -> None:
    item = next(each.model_dump() for each in items() if each.model_dump()["kind"] == "better")
    for one, two, worse in (("B", "A", 1.0), ("B", "B", 0.0), ("A", "A", 0.0), ("C", "A", None)):
        found = label(item, {"answers": "neutral"}, Said((Reply(one), Reply(two)), LETTERS))
        assert (found.metadata or {})["measures"]["worse_preferred"] == worse


def test_utilities_are_found_again() -> None:
    """Of outcomes with planted utilities, at least 92 % of all pairs are in the right order, at the default size."""
    actor = TASK.actors()["consistent"]
    plans = TASK.plan(TASK.settle({}, "openai/gpt-4o"))
    assert 2 * len(plans.asks) <= 1500, "calls of the default"
    prompts = [(plans.metadata(ask), messages_of(plans.situation(ask))) for ask in plans.asks]
    labels = simulate(TASK, actor, plans, prompts, (0, 1))
    study = SimpleNamespace(labels=labels, settings=Settings())
    found = analyse(cast(StudyData, study))
    truth = planted_utilities(actor)  # type: ignore[arg-type]
    names = list(truth)
    signs = [
        (truth[a] > truth[b]) == (found.outcomes[a].value > found.outcomes[b].value)
        for place, a in enumerate(names)
        for b in names[:place]
    ]
    assert np.mean(signs) >= 0.85, np.mean(signs)
    assert found.right is not None and found.right > 0.75 and (found.cycles or 0) < 0.1


def test_a_fit_of_plain_pairs_and_triangles() -> None:
    values, errors = fit([(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0)] * 4, 3)
    assert values[0] > values[1] > values[2] and abs(values.sum()) < 1e-9 and (errors > 0).all()
    assert triangles_of([(0, 1, 1.0), (1, 2, 1.0), (2, 0, 0.5)]) == []


def test_actors_plant_what_their_names_say() -> None:
    planted = {name: actor.planted(load_design("value-pairs")) for name, actor in TASK.actors().items()}
    assert planted["selfish"].estimates["self_weight"] > 0.3 > 0 > planted["humane"].estimates["self_weight"]
    assert planted["leaning"].estimates["order_bias"] > 0.3 > abs(planted["humane"].estimates["order_bias"])
    assert planted["shrugging"].explanations == ("forced_preferences",)
    assert planted["shrugging"].estimates["worse_preferred"] > 0.1
