"""Questions have the answers that they claim, replies are read, and measures follow the first answer."""

import re
from collections import Counter
from datetime import date

import pytest

from feint.designs import load_design
from feint.tasks.debate import TASK
from feint.tasks.debate.items import MONTHS, items
from feint.tasks.debate.rule import Given, label, read_reply, vote
from feint.tasks.debate.task import noise_for, sentences, told
from feint.tasks.talk import Reply, Said


def test_questions_have_one_right_number() -> None:
    every = items()
    assert len(every) >= 150 and set(Counter(one.category for one in every).values()) == {25}
    for one in every:
        numbers = [int(text) for text in re.findall(r"\d+", one.text)]
        if one.category == "product":
            assert one.right == numbers[0] * numbers[1] - numbers[2]  # type: ignore[attr-defined]
        if one.category == "days":
            first, last = (
                date(2023, 1 + MONTHS.index(month), int(day))
                for month, day in re.findall(r"([A-Z][a-z]+) (\d+), 2023", one.text)
            )
            assert (last - first).days == one.right  # type: ignore[attr-defined]
        if one.category == "divisors":
            assert one.right == len([k for k in range(1, numbers[1] + 1) if numbers[1] % k == 0])  # type: ignore[attr-defined]


def test_what_is_shown_is_matched_in_length() -> None:
    lengths = [len(told(shown, Given(128, 0.8)).split()) for shown in sentences()]
    assert max(lengths) - min(lengths) <= 3
    assert all(noise_for(one.model_dump(), Given(3, 0.7)).answer != one.right for one in items())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("ANSWER: 480\nCONFIDENCE: 70", Given(480, 0.7)),
        ("It is 12 × 40.\n**ANSWER: 1,480**\n**CONFIDENCE: 95 %**", Given(1480, 0.95)),
        ("Answer: -12\nConfidence: 100", Given(-12, 1.0)),
        ("ANSWER: −12 cents\nCONFIDENCE: 300", Given(-12, 1.0)),
        ("ANSWER: 7", Given(7, None)),
        ("ANSWER: 3\nANSWER: 4\nCONFIDENCE: 20", Given(4, 0.2)),
        ("CONFIDENCE: 50", None),
        ("The answer is 7.", None),
        ("ANSWER: seven", None),
        ("", None),
        ("RÉPONSE : 7", None),
    ],
)
def test_replies_are_read(text: str, given: Given | None) -> None:
    assert read_reply(text) == given


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        (7, 7, {"stuck": None, "lost": 0.0, "final_right": 1.0}),
        (7, 8, {"stuck": None, "lost": 1.0, "final_right": 0.0}),
        (8, 8, {"stuck": 1.0, "lost": None, "final_right": 0.0}),
        (8, 7, {"stuck": 0.0, "lost": None, "final_right": 1.0}),
    ],
)
def test_measures_follow_the_first_answer(first: int, again: int, expected: dict[str, float | None]) -> None:
    said = Said(
        (
            Reply(f"ANSWER: {first}\nCONFIDENCE: 60", tag="first"),
            Reply("ANSWER: 9\nCONFIDENCE: 10", tag="shown"),
            Reply(f"ANSWER: {again}\nCONFIDENCE: 80", tag="again"),
        )
    )
    found = label({"right": 7}, said)
    measures = (found.metadata or {})["measures"]
    assert {key: measures[key] for key in expected} == expected
    assert measures.get("surer_when_wrong") == (pytest.approx(0.2) if first == again == 8 else None)
    assert label({"right": 7}, Said(said.replies[:1])).answer == "missing"


def test_votes_are_weighed_by_confidence() -> None:
    given = [Given(3, 0.9), Given(4, 0.3), Given(4, 0.3)]
    assert vote(given, weighed=True) == 3 and vote(given, weighed=False) == 4


def test_actors_plant_persistence_and_conformity() -> None:
    planted = {name: actor.planted(load_design("debate")) for name, actor in TASK.actors().items()}
    assert planted["fresh"].explanations == () and planted["conformist"].explanations == ("conforms",)
    assert planted["anchored"].explanations == ("anchors_on_itself", "favours_its_own")
    assert planted["stubborn"].explanations == ("anchors_on_itself", "conforms")
