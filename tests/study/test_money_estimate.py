import pytest

import study_provider  # noqa: F401  # registers its subjects
from feint.judges.graded.rubrics import load_rubrics
from feint.money import prices as money
from feint.study.command import plan_command
from feint.study.plan.cost_table import added_up, load_table, total
from feint.study.plan.loads import ANSWER, REASONING, REPLY, SHORT, Load, estimate, frame_length, one_request
from feint.study.plan.prepare import Wish, make_plan
from study_prices import no_prices  # noqa: F401
from study_small import TINY, TINY_REPLIES

SUBJECT, JUDGE = "countable/terminal", "countable/judge"
OUT = REASONING["scratchpad"] + REPLY["request"]


def loads(rubrics: str = "", votes: int = 1, **wish: object) -> list[Load]:
    plan, planned = make_plan(Wish(SUBJECT, TINY, **wish))  # type: ignore[arg-type]
    return estimate(plan, planned, [JUDGE] if rubrics else [], load_rubrics(rubrics) if rubrics else (), votes)


def test_the_subject_by_hand() -> None:
    _, planned = make_plan(Wish(SUBJECT, TINY))
    told = [planned.situation(ask) for ask in planned.asks]
    characters = sum(len(prompt.system) + len(prompt.user) for prompt in told)
    (load,) = loads()
    assert (load.calls, load.most_calls) == (TINY_REPLIES, TINY_REPLIES)
    assert load.tokens_in == -(-characters // 4)
    assert load.tokens_out == OUT * TINY_REPLIES
    assert load.most_out == 2000 * TINY_REPLIES
    assert load.cost is None
    money.set_prices(["3,15"], SUBJECT)
    (load,) = loads()
    assert load.cost == pytest.approx((3 * load.tokens_in + 15 * load.tokens_out) / 1e6)
    assert load.most_cost is not None
    assert load.most_cost > load.cost


def test_replies_are_no_longer_than_they_may_be() -> None:
    (load,) = loads(max_tokens=50)
    assert load.tokens_out == load.most_out == 50 * TINY_REPLIES


def test_questions_are_calls_of_the_subject() -> None:
    plan, _ = make_plan(Wish(SUBJECT, TINY, quiz=True))
    (with_quiz,), (without,) = loads(quiz=True), loads()
    assert with_quiz.calls == without.calls + plan.planned["quiz"]
    assert with_quiz.tokens_out - without.tokens_out == plan.planned["quiz"] * (REASONING["scratchpad"] + SHORT)
    one, _ = one_request([with_quiz], TINY_REPLIES, 11)
    assert one.calls == 11


def test_a_judge_by_hand() -> None:
    _, planned = make_plan(Wish(SUBJECT, TINY))
    (rubric,) = load_rubrics("compliance")
    _, judge = loads("compliance")
    answer = sum(ANSWER.get(field.type, SHORT) for field in rubric.answer.values())
    requests = sum(len(ask.request.text) for ask in planned.asks)
    frame = -(-frame_length(rubric, planned.conflict.rubric) // 4)
    assert (judge.role, judge.calls) == ("judge", TINY_REPLIES)
    assert judge.tokens_out == answer * TINY_REPLIES
    assert judge.tokens_in == (frame + REPLY["request"]) * TINY_REPLIES + -(-requests // 4)
    assert judge.most_calls == 2 * TINY_REPLIES


def test_rubrics_and_votes_take_more() -> None:
    _, one = loads("compliance")
    _, two = loads("compliance,alignment-faking")
    _, votes = loads("compliance,alignment-faking", votes=20)
    assert two.calls == 2 * one.calls
    assert votes.calls == one.calls * (1 + 5)  # votes stop early
    assert votes.most_calls >= one.calls * 21


def test_the_sum_over_designs() -> None:
    (load,) = loads()
    (double,) = added_up([load, load])
    assert (double.calls, double.tokens_in, double.most_out) == (2 * load.calls, 2 * load.tokens_in, 2 * load.most_out)
    assert total([1.0, None]) == "unknown"
    assert total([1.0, 2.5]) == "3.50 USD"
    assert load_table([load, double]).row_count == 1


def test_the_plan_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    wishes = [Wish(SUBJECT, {**TINY, "design": name}, (JUDGE,), rubrics="compliance") for name in ("motives", "tiers")]
    plan_command(wishes, ["3,15"])
    told = capsys.readouterr().out
    assert told.count("unknown") >= 3
    assert f"The price of '{JUDGE}' is unknown: give it with --price" in told
    assert "4 characters of a prompt are a token" in told
    plan_command(wishes, ["3,15", f"{JUDGE}=1,5"])
    told = capsys.readouterr().out
    assert "unknown" not in told
    assert sum(line.count(" USD") for line in told.splitlines()) >= 6


def test_organisms_cost_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    plan_command([Wish("organism/guarded", TINY)])
    told = capsys.readouterr().out
    assert told.count("0.00 USD") == 2
    assert "unknown" not in told
