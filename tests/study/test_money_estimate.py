from dataclasses import replace
from pathlib import Path

import pytest
from inspect_ai.model import ModelUsage

import study_provider  # noqa: F401  # registers its subjects
from feint.judges.graded.rubrics import load_rubrics
from feint.money import prices as money
from feint.money.budget import Budget, Ledger
from feint.money.usage import SHORT, Expected, UsageEstimate, added_up, estimate_subject, mean_usage, total
from feint.study.plan.command import plan_study
from feint.study.plan.cost import ANSWER, cost_of_samples, estimate_judge, expected_of, frame_tokens, questions_of
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.show import usage_table
from feint.study.plan.subject import Generation
from feint.tasks.alignment_faking.usage import REASONING, REPLY
from study_prices import no_prices  # noqa: F401
from study_small import TINY, TINY_REPLIES

SUBJECT, JUDGE = "countable/terminal", "countable/judge"
OUT = REASONING["scratchpad"] + REPLY["request"]


def usage(rubrics: str = "", votes: int = 1, **setup: object) -> list[UsageEstimate]:
    plan, planned = make_plan(Setup(SUBJECT, TINY, **setup))  # type: ignore[arg-type]
    samples = expected_of(plan, planned)
    subject = estimate_subject(SUBJECT, [*samples, *questions_of(plan, samples)])
    return [subject, *([estimate_judge(JUDGE, samples, load_rubrics(rubrics), votes)] if rubrics else [])]


def test_the_subject_by_hand() -> None:
    _, planned = make_plan(Setup(SUBJECT, TINY))
    told = [planned.situation(ask) for ask in planned.asks]
    characters = sum(len(prompt.system) + len(prompt.user) for prompt in told)
    (found,) = usage()
    assert (found.calls, found.most_calls) == (TINY_REPLIES, TINY_REPLIES)
    assert found.tokens_in == -(-characters // 4)
    assert found.tokens_out == OUT * TINY_REPLIES
    assert found.most_out == 2000 * TINY_REPLIES
    assert found.cost is None
    money.set_prices(["3,15"], SUBJECT)
    (found,) = usage()
    assert found.cost == pytest.approx((3 * found.tokens_in + 15 * found.tokens_out) / 1e6)
    assert found.most_cost is not None
    assert found.most_cost > found.cost


def test_replies_are_no_longer_than_they_may_be() -> None:
    (found,) = usage(generation=Generation({"max_tokens": 50}))
    assert found.tokens_out == found.most_out == 50 * TINY_REPLIES


def test_questions_are_calls_of_the_subject() -> None:
    plan, _ = make_plan(Setup(SUBJECT, TINY, quiz=True))
    (with_quiz,), (without,) = usage(quiz=True), usage()
    assert with_quiz.calls == without.calls + plan.planned["quiz"]
    assert with_quiz.tokens_out - without.tokens_out == plan.planned["quiz"] * (REASONING["scratchpad"] + SHORT)
    one, _ = cost_of_samples([with_quiz], TINY_REPLIES, 11)
    assert one.calls == 11


def test_a_judge_by_hand() -> None:
    _, planned = make_plan(Setup(SUBJECT, TINY))
    (rubric,) = load_rubrics("compliance")
    _, judge = usage("compliance")
    answer = sum(ANSWER.get(field.type, SHORT) for field in rubric.answer.values())
    requests = sum(len(ask.request.text) for ask in planned.asks)
    frame = frame_tokens(rubric, planned.conflict.rubric)
    assert (judge.role, judge.calls) == ("judge", TINY_REPLIES)
    assert judge.tokens_out == answer * TINY_REPLIES
    assert judge.tokens_in == (frame + REPLY["request"]) * TINY_REPLIES + -(-requests // 4)
    assert judge.most_calls == 2 * TINY_REPLIES


def test_rubrics_and_votes_take_more() -> None:
    _, one = usage("compliance")
    _, two = usage("compliance,alignment-faking")
    _, votes = usage("compliance,alignment-faking", votes=20)
    assert two.calls == 2 * one.calls
    assert votes.calls == one.calls * (1 + 5)  # votes stop early
    assert votes.most_calls >= one.calls * 21


def test_a_judge_is_asked_what_applies() -> None:
    """No rubric of reasoning where no reasoning is written, and none of refusals where nothing is refused."""
    silent = Expected(tokens_in=10, reasoning=0, reply=5, tokens_out=5, most_in=15, most_out=9)
    tool = replace(silent, reasoning=7, unasked=frozenset({"strongreject"}))
    rubrics = {name: load_rubrics(name) for name in ("compliance", "motive")}
    asked = {name: estimate_judge(JUDGE, [silent, tool, tool], some, 1).calls for name, some in rubrics.items()}
    assert asked == {"compliance": 1, "motive": 2}


def test_what_a_judge_reads_at_most() -> None:
    short = Expected(tokens_in=10, reasoning=0, reply=5, tokens_out=5, most_in=15, most_out=9)
    (rubric,) = load_rubrics("disbelief")
    usual, most = (estimate_judge(JUDGE, [one], [rubric], 1) for one in (short, replace(short, most_shown=1005)))
    assert most.tokens_in == usual.tokens_in
    assert most.most_in == usual.most_in + 2 * 1.5 * 1000


def test_measured_costs_take_the_place_of_estimates() -> None:
    money.set_prices(["3,15", f"{JUDGE}=1,5"], SUBJECT, [JUDGE])
    estimates = usage("compliance")
    budget = Budget({one.model: one.price for one in estimates}, max_cost=100)
    guess, most = cost_of_samples(estimates, TINY_REPLIES, 11, budget)
    for _ in range(19):
        budget.charge(SUBJECT, ModelUsage(total_cost=0.5))
    assert cost_of_samples(estimates, TINY_REPLIES, 11, budget) == (guess, most)
    budget.charge(SUBJECT, ModelUsage(total_cost=0.5))
    learnt, most = cost_of_samples(estimates, TINY_REPLIES, 11, budget)
    _, judging = estimates
    assert learnt.usd == pytest.approx(11 * (0.5 + (judging.cost or 0) / TINY_REPLIES))
    assert learnt.calls == guess.calls
    # A subject that judges itself: the ledger does not tell its calls apart.
    same = [estimates[0], replace(judging, model=SUBJECT)]
    assert cost_of_samples(same, TINY_REPLIES, 11, budget)[0].usd == pytest.approx(guess.usd)


def test_mean_tokens_of_calls(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "spending.jsonl")
    for number in range(20):
        ledger.add(SUBJECT, ModelUsage(input_tokens=100 + number, output_tokens=10))
        ledger.add("none/counted", ModelUsage())
    ledger.add(JUDGE, ModelUsage(input_tokens=1, output_tokens=1))
    assert mean_usage(ledger) == {SUBJECT: (109.5, 10)}


def test_the_sum_over_designs() -> None:
    (found,) = usage()
    (double,) = added_up([found, found])
    assert (double.calls, double.tokens_in, double.most_out) == (
        2 * found.calls,
        2 * found.tokens_in,
        2 * found.most_out,
    )
    assert total([1.0, None]) == "unknown"
    assert total([1.0, 2.5]) == "3.50 USD"
    assert usage_table([found, double]).row_count == 1


def test_the_plan_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    setups = [Setup(SUBJECT, {**TINY, "design": name}, (JUDGE,), rubrics="compliance") for name in ("motives", "tiers")]
    plan_study(setups, ["3,15"])
    told = capsys.readouterr().out
    assert told.count("unknown") >= 3
    assert f"The price of '{JUDGE}' is unknown: give it with --price" in told
    assert "4 characters of a prompt are a token" in told
    plan_study(setups, ["3,15", f"{JUDGE}=1,5"])
    told = capsys.readouterr().out
    assert "unknown" not in told
    assert sum(line.count(" USD") for line in told.splitlines()) >= 6


def test_organisms_cost_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    plan_study([Setup("organism/guarded", TINY)])
    told = capsys.readouterr().out
    assert told.count("0.00 USD") == 2
    assert "unknown" not in told
