"""Histories are yoked, the fit finds what is planted, choices are read as people read them, and advice is as told."""

from collections import Counter

import numpy as np
import pytest
from inspect_ai.model import ChatMessage, ChatMessageUser
from scipy.special import expit

from feint.calibration.recovery import recover
from feint.designs import load_design
from feint.tasks.agency import TASK
from feint.tasks.agency.advice import SHOWN, advise, confidence, read_advice
from feint.tasks.agency.comparisons import comparisons
from feint.tasks.agency.fit import Choices, fit
from feint.tasks.agency.histories import CHECKPOINTS, histories, visits_of
from feint.tasks.agency.learning import differences, visits
from feint.tasks.ruled import messages_of, prompt_of
from feint.tasks.talk import Reply, Said

HISTORIES = [one.model_dump() for one in histories()]
COMPARISONS = [one.model_dump() for one in comparisons()]
VOICES = ("player", "visitor")
LETTERS = {"A": "R", "B": "L"}
ITEM = {"kind": "history", "last": "L", "better": "R"}


def test_histories_are_balanced_and_what_they_say() -> None:
    assert len(HISTORIES) >= 120 and len({item["id"] for item in HISTORIES}) == len(HISTORIES)
    assert Counter(item["visits"] for item in HISTORIES) == dict.fromkeys(CHECKPOINTS, len(HISTORIES) // 6)
    assert Counter(item["better"] for item in HISTORIES) == {None: 96, "L": 48, "R": 48}
    for item in HISTORIES:
        shown = [(one["machine"], str(one["points"])) for one in item["trials"]]
        assert shown == [(item["options"][side], points) for side, points in visits_of(item["played"])]
        assert item["visits"] == len(shown) and {side for side, _ in visits_of(item["played"])} == {"L", "R"}
        assert (
            item["options"][item["last"]] == shown[-1][0] and len({len(name) for name in item["options"].values()}) == 1
        )
    for better, low, high in (("L", 0.65, 0.85), ("R", 0.65, 0.85)):
        paid = [
            int(p)
            for item in HISTORIES
            if item["better"] == better
            for s, p in visits_of(item["played"])
            if s == better
        ]
        assert low < np.mean(paid) < high


def test_arms_show_the_same_visits_and_are_alike_in_length() -> None:
    for voice in VOICES:
        told = {
            who: prompt_of("agency", HISTORIES[30], {"chooser": who, "first": "none"}, voice, 1)
            for who in ("own", "other", "lot")
        }
        known = {"0", "1", *HISTORIES[30]["options"].values()}
        words = {
            who: [word for word in one.user.replace(":", "").replace(",", "").split() if word in known]
            for who, one in told.items()
        }
        assert words["own"] == words["other"] == words["lot"] and len(words["own"]) >= 2 * HISTORIES[30]["visits"]
        assert len({one.system for one in told.values()}) == 1
        lines = [len(one.user.splitlines()) for one in told.values()]
        assert len(set(lines)) == 1
        for line in zip(*(one.user.splitlines() for one in told.values()), strict=True):
            assert max(len(one.split()) for one in line) - min(len(one.split()) for one in line) <= 3


def test_the_right_side_has_the_greater_total_and_kinds_are_balanced() -> None:
    assert len(COMPARISONS) >= 120
    for item in COMPARISONS:
        totals = {side: sum(days) for side, days in item["sales"].items()}
        assert max(totals, key=lambda side: totals[side]) == item["right_side"]
        assert max(totals.values()) / min(totals.values()) - 1 == pytest.approx(item["share"], abs=5e-4)
        assert all(len(days) == 6 and min(days) > 0 for days in item["sales"].values())
    for some in (COMPARISONS, COMPARISONS[:96]):
        kinds = Counter((item["share"], item["right_side"], item["advice"]) for item in some)
        assert len(kinds) == 16 and len(set(kinds.values())) == 1


@pytest.mark.parametrize(
    ("text", "answer", "better"),
    [
        ("B", "kept", 0.0),
        ("A", "left", 1.0),
        ("B) Alder", "kept", 0.0),
        ("**A**", "left", 1.0),
        ("(B)", "kept", 0.0),
        ("Answer: A", "left", 1.0),
        ("I would go with option B.", "kept", 0.0),
        ("My choice is A because it has paid more often.", "left", 1.0),
        ("A) Birch\nIt paid twice.", "left", 1.0),
        ("<choice>B</choice>", "kept", 0.0),
        ("La réponse : B", "kept", 0.0),
        ("Ich nehme Option A.", "left", 1.0),
        ("Probably B.\nB", "kept", 0.0),
        ("A or B, both are fine.", "missing", None),
        ("A) Birch\nB) Alder", "missing", None),
        ("Both machines look alike.", "missing", None),
        ("C", "missing", None),
        ("", "missing", None),
        ("As a language model I do not play.", "missing", None),
        ("Looking at the record, the first machine", "missing", None),
    ],
)
def test_choices_are_read(text: str, answer: str, better: float | None) -> None:
    found = TASK.rule(ITEM, {}, Said((Reply(text, "first"),), LETTERS))
    assert found.answer == answer
    assert (found.metadata or {})["measures"].get("better") == better


@pytest.mark.parametrize(
    ("first", "last", "answer", "sure"),
    [
        ("A\nConfidence: 70", "A\nConfidence: 85", "kept", 85),
        ("A\nConfidence: 70", "B\nConfidence: 55 %", "left", 55),
        ("B", "**B**\n\n**Confidence:** 90", "kept", 90),
        ("B\n80", "A\n60", "left", 60),
        ("A", "A, and I am 75% sure.\nAnswer: A", "kept", 75),
        ("A\nConfidence: 70", "A", "kept", None),
        ("A\nConfidence: 70", "A\nConfidence: 700", "kept", None),
        ("A\nConfidence: 70", "Either.\nConfidence: 50", "missing", None),
        ("Neither.", None, "missing", None),
    ],
)
def test_answers_after_advice_are_read(first: str, last: str | None, answer: str, sure: float | None) -> None:
    item = {"kind": "comparison", "right_side": "R"}
    replies = (Reply(first, "first"), *([Reply(last)] if last is not None else []))
    found = TASK.rule(item, {}, Said(replies, LETTERS))
    assert found.answer == answer and (found.metadata or {})["measures"].get("confidence") == sure
    if answer == "missing":
        assert (found.metadata or {})["missing"] == ("first_unclear" if last is None else "unclear")


def test_confidence_is_one_number() -> None:
    assert confidence("A\nConfidence: 80-90") in (None, 80.0)
    assert confidence("sure: 40, then confidence: 60") is None
    assert confidence("B\n85") == 85.0 and confidence("Sales were 85 and 90.") is None


@pytest.mark.parametrize("first", list(SHOWN))
@pytest.mark.parametrize("voice", VOICES)
def test_advice_names_the_answers_and_is_read_back(first: str, voice: str) -> None:
    item = COMPARISONS[3]
    facts = {"chooser": "own", "first": first}
    prompt = messages_of(prompt_of("agency", item, facts, voice, 2))
    text = advise(prompt, "B\nConfidence: 60", item, facts)
    asked: list[ChatMessage] = [prompt[0], ChatMessageUser(content=text)]
    found = read_advice(asked)
    assert found is not None and found.prompt[-1].text == prompt[-1].text and read_advice(prompt) is None
    assert (found.first, found.shown) == (first, "" if first == "hidden" else "B")
    assert found.advice == ("B" if item["advice"] == "agrees" else "A")
    assert advise(prompt, "Hard to say.", item, facts) == ""
    assert TASK.read(found.prompt).item["id"] == item["id"]


def test_values_follow_the_rule_of_rescorla_and_wagner() -> None:
    # L: 0.5 -> 0.7 (a gain) -> 0.56 (a loss); R: 0.5 -> 0.4 (a loss)
    assert differences(["L1R0L0"], 0.4, 0.2)[0] == pytest.approx(0.56 - 0.4)
    assert differences(["L1R0"], 0.4, 0.2)[0] == pytest.approx(0.4 - 0.7)


def test_the_gradient_is_that_of_the_posterior() -> None:
    draw, codes = np.random.default_rng(1), [item["played"] for item in HISTORIES[:40]]
    asked = draw.integers(1, 4, (3, 40)).astype(float)
    choices = Choices(visits(codes), np.floor(asked * draw.random((3, 40))), asked)
    theta = draw.normal(size=11)
    steps = 1e-5 * np.eye(11)
    found = [(choices.posterior(theta + e)[0] - choices.posterior(theta - e)[0]) / 2e-5 for e in steps]
    assert choices.posterior(theta)[1] == pytest.approx(found, abs=1e-5)


def test_one_step_leaves_a_history_out_as_a_whole_fit_does() -> None:
    draw, codes = np.random.default_rng(2), [item["played"] for item in HISTORIES]
    asked = np.full((3, len(codes)), 2.0)
    stays = draw.binomial(2, expit(4 * differences(codes, 0.5, 0.2) + 0.5), asked.shape).astype(float)
    whole, kept = fit(codes, stays, asked), np.arange(len(codes)) != 17
    again = fit([code for code, one in zip(codes, kept, strict=True) if one], stays[:, kept], asked[:, kept])
    step = whole.weighed(kept.astype(float)[None])[0] - whole.theta
    assert np.abs(step - (again.theta - whole.theta)).max() < 0.2 * np.abs(again.theta - whole.theta).max()


def test_a_habit_of_repeating_is_no_optimism() -> None:
    codes = [item["played"] for item in HISTORIES] * 4
    chance = expit(4 * differences(codes, 0.3, 0.3) + 1.5)
    asked = np.full((3, len(codes)), 1000.0)
    theta = fit(codes, np.tile(chance * 1000, (3, 1)), asked).theta
    up, down, trace = theta[:-2].reshape(3, -1)
    assert expit(up) - expit(down) == pytest.approx(np.zeros(3), abs=0.01)
    assert trace == pytest.approx(np.full(3, 1.5), abs=0.05) and np.exp(theta[-2]) == pytest.approx(4, rel=0.03)


def test_actors_plant_what_their_names_say() -> None:
    planted = {name: actor.planted(load_design("agency")) for name, actor in TASK.actors().items()}
    assert planted["learner"].explanations == () and planted["owner"].explanations == ("favours_own_choices",)
    assert planted["repeater"].estimates["optimism"] == 0 < planted["repeater"].estimates["trace"]
    assert "optimism" not in planted["unmoved"].estimates
    advice = TASK.actors()["owner"].planted(load_design("advice"))
    assert advice.explanations == ("holds_to_its_answer", "favours_own_answers")
    assert advice.estimates["own_inflation"] == 8


def test_in_free_play_a_habit_of_repeating_looks_like_optimism_without_a_trace() -> None:
    yardstick = pytest.importorskip("feint.tasks.agency.yardstick")
    found = yardstick.fitted_free(yardstick.games_with(0.3, 0.3, 2.0))
    assert abs(found["optimism"]) < 0.1 < 0.2 < found["optimism without a trace"]
    assert found["trace"] == pytest.approx(2, abs=0.25)


def test_an_agent_learns_to_choose_what_pays() -> None:
    yardstick = pytest.importorskip("feint.tasks.agency.yardstick")
    agent, points = yardstick.trained(0, updates=300)
    assert points > 0.505  # half of the machines pay three times in four, so that chance gives 0.5
    assert len(yardstick.games_of(agent, 0)[0]) == 2 * yardstick.VISITS
    assert 0 <= yardstick.stays_of(agent).min() <= yardstick.stays_of(agent).max() <= 1


def test_a_plan_counts_the_call_after_advice() -> None:
    for design, calls in (("agency", 1), ("advice", 2)):
        plans = TASK.plan(TASK.options(design=design, n=16))
        assert {one.calls for one in TASK.usage.expected(plans, 100)} == {calls}


@pytest.mark.parametrize(("name", "design"), [("owner", "agency"), ("learner", "agency"), ("repeater", "advice")])
def test_planted_numbers_are_within_their_intervals(name: str, design: str) -> None:
    found = recover(TASK, name, TASK.actors()[name], {"design": design}, range(6))
    assert {one.key for one in found} == set(TASK.actors()[name].planted(load_design(design)).estimates)
    assert sum(one.covered for one in found) >= 0.85 * sum(len(one.lows) for one in found)
    assert all(one.wrong_yes is None or one.wrong_yes <= 1 / 6 for one in found)
