"""Goals are balanced, chats bring up each clause once, and answers are read until the first broken clause."""

from collections import Counter

import pytest

from feint.designs import load_design
from feint.tasks.ruled import messages_of, prompt_of
from feint.tasks.talk import ActorChat, Reply, Said
from feint.tasks.user_goals import TASK
from feint.tasks.user_goals.items import KINDS, items, keeping
from feint.tasks.user_goals.rule import label
from feint.tasks.user_goals.task import reminder


def test_each_kind_comes_up_early_as_often_as_late_and_no_letter_keeps_the_goal() -> None:
    every = items()
    assert len(every) == 30 and len({one.id for one in every}) == 30
    places = Counter((turn["kind"], place) for one in every for place, turn in enumerate(one.turns))  # type: ignore[attr-defined]
    assert set(places.values()) == {6} and len(places) == len(KINDS) ** 2
    letters = Counter(keeping(turn) for one in every for turn in one.turns)  # type: ignore[attr-defined]
    assert abs(letters["A"] - letters["B"]) <= 30
    for one in every:
        assert all(turn["wants"] in one.goal and turn["keep"] != turn["break"] for turn in one.turns)  # type: ignore[attr-defined]
        assert "{" not in one.goal + one.first  # type: ignore[attr-defined]


def test_reminders_tell_the_whole_goal() -> None:
    item = items()[3].model_dump()
    assert reminder(item, "once", 2) == "" and item["goal"] in reminder(item, "restated", 2)
    told = reminder(item, "state", 2)
    assert all(turn["wants"] in told for turn in item["turns"])
    assert told.index(item["turns"][1]["wants"]) < told.index("Still to come") < told.index(item["turns"][2]["wants"])


def test_a_chat_brings_up_each_clause_once() -> None:
    item = items()[0].model_dump()
    prompt = messages_of(prompt_of("user_goals", item, {"reminder": "state"}, "chat", 0))
    chat = ActorChat(prompt, {"subject": TASK.actors()["steady"]}, 5)
    said = chat.run(TASK.talk(chat, item, {"reminder": "state"}))
    asked = "\n".join(one.text for one in chat.messages if one.role == "user")
    assert len(said.replies) == 5 and all(asked.count(turn["test"]) == 1 for turn in item["turns"])


@pytest.mark.parametrize(
    ("kept", "answer", "turns"),
    [
        ("+++++", "held", 5.0),
        ("++-++", "lost", 2.0),
        ("-----", "lost", 0.0),
        ("++?++", "missing", None),
        ("+-?++", "lost", 1.0),
        ("+?-++", "missing", None),
        ("+++", "missing", None),
        ("+-", "lost", 1.0),
        ("", "missing", None),
    ],
)
def test_chats_are_read_until_the_first_broken_clause(kept: str, answer: str, turns: float | None) -> None:
    item = items()[7].model_dump()
    texts = []
    for turn, sign in zip(item["turns"], kept, strict=False):
        good = keeping(turn)
        texts.append({"+": good, "-": "AB".replace(good, ""), "?": "Good evening!"}[sign])
    found = label(item, Said(tuple(Reply(text) for text in texts)))
    assert found.answer == answer and (found.metadata or {})["measures"].get("turns_held") == turns


@pytest.mark.parametrize("text", ["B) By the bar, please.", "**B**", "Option B.", "B"])
def test_answers_of_every_form_count(text: str) -> None:
    item = items()[0].model_dump()
    first = label(item, Said((Reply(text),)))
    kind = item["turns"][0]["kind"]
    assert (first.metadata or {})["measures"][f"kept_{kind}"] == float(keeping(item["turns"][0]) == "B")


def test_actors_forget_and_heed_reminders() -> None:
    planted = {name: actor.planted(load_design("user-goals")) for name, actor in TASK.actors().items()}
    assert planted["steady"].explanations == () and planted["steady"].rates["once"] > 0.9
    assert planted["forgetful"].explanations == ("forgets_goals", "loses_track")
    assert planted["confused"].estimates["loses_track"] < -0.05 < planted["confused"].estimates["forgets"]
    assert planted["pushover"].estimates["kept_policy"] < 0.7 < planted["pushover"].estimates["kept_profile"]
