"""Scenes and errands are what they claim, and replies are read as people read them."""

from collections import Counter
from itertools import pairwise
from statistics import mean

import pytest

from feint.designs import load_design
from feint.tasks.override import TASK
from feint.tasks.override.scenes import errands, scenes
from feint.tasks.ruled import prompt_of, stated
from feint.tasks.talk import Reply, Said

LETTERS = {"A": "right", "B": "shortcut"}


def test_scenes_fill_the_anatomy_with_matched_variants() -> None:
    every = scenes()
    assert len(every) >= 60
    cells = Counter((one.cue_family, one.constraint) for one in every)  # type: ignore[attr-defined]
    assert len(cells) >= 15 and min(cells.values()) >= 3
    lengths = [len(one.goal.split()) / len(one.free.split()) for one in every]  # type: ignore[attr-defined]
    assert mean(lengths) == pytest.approx(1, abs=0.03) and all(0.6 <= length <= 1.5 for length in lengths)
    for one in every:
        assert one.goal != one.free and one.options["shortcut"] != one.options["right"]  # type: ignore[attr-defined]


def test_no_option_is_told_by_its_length() -> None:
    longer = [len(one.options["right"]) - len(one.options["shortcut"]) for one in scenes()]  # type: ignore[attr-defined]
    assert abs(mean(longer)) < 6 and 0.2 < mean(gap > 0 for gap in longer) < 0.8


def test_cells_differ_only_where_their_facts_do() -> None:
    item = scenes()[10].model_dump()
    for voice in ("cue-first", "goal-first"):
        told = {
            name: prompt_of("override", item, facts, voice, 0).user
            for name, facts in {
                "conflict": {}, "removed": {"constraint": "removed"}, "hint": {"constraint": "hinted"},
                "uncued": {"cue": "hidden"},
            }.items()
        }  # fmt: skip
        assert told["conflict"].replace(item["goal"], item["free"]) == told["removed"]
        assert told["hint"].replace(" " + item["hint"], "") == told["conflict"]
        assert told["conflict"].replace(item["cue"] + " ", "").replace(" " + item["cue"], "") == told["uncued"]


def test_errands_sweep_distances() -> None:
    every = errands()
    metres = sorted({one.metres for one in every})  # type: ignore[attr-defined]
    assert len(metres) == 14 and len(every) == 14 * 6
    steps = [second / first for first, second in pairwise(metres)]
    assert all(1.55 < step < 1.85 for step in steps), "evenly spaced on a logarithm"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("A", "other"),
        ("B. It is only 150 metres.", "shortcut"),
        ("**A** – the fitter needs the car.", "other"),
        ("Option B, since it is sunny.", "shortcut"),
        ("The answer is A.", "other"),
        ("A) Take the car over.", "other"),
        ("Both A and B work.", "missing"),
        ("A) Take the car over. B) Walk over.", "missing"),
        ("Walk.", "missing"),
        ("", "missing"),
        ("It depends.", "missing"),
        ("Die Antwort ist B.", "missing"),
        ("<choice>A</choice>", "other"),
        ("Letter: B", "shortcut"),
    ],
)
def test_answers_are_read(text: str, answer: str) -> None:
    facts = stated("override", {})
    found = TASK.rule(scenes()[0].model_dump(), facts, Said((Reply(text),), LETTERS))
    assert found.answer == answer


def test_right_follows_the_goal_and_odds_give_the_lean() -> None:
    for item, facts, right in (
        (scenes()[0], {"constraint": "removed"}, 1.0),
        (scenes()[0], {}, 0.0),
        (errands()[0], {"errand": "plain"}, 1.0),
        (errands()[0], {"errand": "carries"}, 0.0),
    ):
        said = Said((Reply("B", odds={"A": -2.0, "B": -0.5}),), LETTERS)
        measures = (TASK.rule(item.model_dump(), stated("override", facts), said).metadata or {})["measures"]
        assert measures == {"right": right, "lean": 1.5}


def test_actors_plant_the_indices() -> None:
    planted = TASK.actors()["led"].planted(load_design("override-cue"))
    assert planted.estimates["cue_index"] == 3.0 and planted.estimates["constraint_index"] == pytest.approx(1.9)
    assert planted.explanations == ("follows_cues",)
    swept = TASK.actors()["attentive"].planted(load_design("override-distance")).estimates
    assert 2.5 < swept["slope"] < 3.0 and swept["shift"] == pytest.approx(4.275 / 3, abs=0.1)
