from pathlib import Path

import anyio
import pytest
from inspect_ai.model import (
    CachePolicy,
    ChatMessageSystem,
    ChatMessageUser,
    ModelUsage,
    get_model,
)

import study_provider  # noqa: F401  # registers its subjects
from feint.money.account import opened
from feint.money.budget import Budget, Cost, Ledger
from feint.money.prices import FREE, read_price
from feint.situations import Situation
from feint.study.folder import study_cache
from feint.study.plan.prepare import Setup, make_plan
from study_prices import no_prices  # noqa: F401
from study_small import TINY

SUBJECT = "countable/terminal"
PRICE = read_price("10,100", "10,100")
CALL = 300 * 10e-6 + 30 * 100e-6
"""What a reply of the suite's subjects costs."""
USED = ModelUsage(input_tokens=300, output_tokens=30)


def test_what_is_lacking() -> None:
    budget = Budget({SUBJECT: PRICE}, max_cost=1.0, max_calls=10)
    budget.spent, budget.calls = 0.4, 6
    assert budget.lacking(Cost(0.6, 4)) == ""
    assert budget.lacking(Cost(0.61, 4)) == "budget"
    assert budget.lacking(Cost(0.6, 5)) == "max_calls"
    assert budget.lacking(Cost(0.2, 1), part=0.5) == "budget"
    budget.owed = Cost(0.1, 0)
    assert budget.lacking(Cost(0.6, 4)) == "budget"
    assert Budget({SUBJECT: None}).lacking(Cost(1e9, 10**9)) == ""


def test_sums_of_many_small_numbers_fill_a_budget_exactly() -> None:
    budget = Budget({SUBJECT: PRICE}, max_cost=77 * CALL)
    for _ in range(76):
        budget.charge(SUBJECT, USED)
    assert budget.lacking(Cost(CALL, 1)) == ""
    assert budget.lacking(Cost(CALL * 1.01, 1)) == "budget"


def test_a_model_under_another_name_is_taken_to_be_the_dearest() -> None:
    budget = Budget({SUBJECT: PRICE, "organism/guarded": FREE}, max_cost=1.0)
    budget.charge("countable/terminal-2026", USED)
    assert budget.spent == pytest.approx(CALL)
    budget.charge("organism/guarded", USED)
    assert budget.spent == pytest.approx(CALL)


def test_what_is_said_of_it() -> None:
    assert Budget({SUBJECT: None}).text() == ""
    assert Budget({"organism/guarded": FREE}).text() == ""
    budget = Budget({SUBJECT: PRICE}, max_cost=20)
    budget.charge(SUBJECT, USED.model_copy(update={"total_cost": 1.234}))
    assert budget.text() == "1.23 of 20.00 USD"
    assert Budget({SUBJECT: PRICE}, max_calls=300).text() == "0.00 USD, 0 of 300 calls"


def test_a_ledger_survives_a_torn_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "spending.jsonl")
    ledger.add(SUBJECT, USED)
    with ledger.path.open("a") as file:
        file.write('{"model": "countable/ter')
    ledger.add("other/m", USED.model_copy(update={"total_cost": 0.5}))
    assert [model for model, _ in ledger.read()] == [SUBJECT, "other/m"]
    budget = Budget({SUBJECT: PRICE}, max_cost=1)
    budget.add_earlier(ledger)
    assert budget.spent == pytest.approx(CALL + 0.5)
    assert budget.calls == 2
    assert list(Ledger(tmp_path / "absent").read()) == []


def prompts(count: int) -> list[Situation]:
    _, planned = make_plan(Setup(SUBJECT, TINY))
    return [planned.situation(ask) for ask in planned.asks[:count]]


def test_every_call_is_charged_once(tmp_path: Path) -> None:
    """A reply from the study's cache was paid for before, by a run whose ledger has it."""
    ledger = Ledger(tmp_path / "spending.jsonl")
    model = get_model(SUBJECT, memoize=False)

    async def ask(told: list[Situation]) -> None:
        for one in told:
            asked = [ChatMessageSystem(content=one.system), ChatMessageUser(content=one.user)]
            await model.generate(asked, cache=CachePolicy(expiry=None))

    first, second = Budget({SUBJECT: PRICE}), Budget({SUBJECT: PRICE})
    with study_cache(tmp_path / "cache"):
        with opened(first, ledger):
            anyio.run(ask, prompts(3))
        second.add_earlier(ledger)
        with opened(second, ledger):
            anyio.run(ask, prompts(5))
        anyio.run(ask, prompts(6))  # nobody's budget is open
    assert (first.calls, second.calls, len(list(ledger.read()))) == (3, 5, 5)
    assert first.spent == pytest.approx(3 * CALL)
    assert second.spent == pytest.approx(5 * CALL)


def test_failed_calls_are_counted_and_cost_nothing(tmp_path: Path) -> None:
    model, budget = get_model("countable/broken", memoize=False), Budget({"countable/broken": PRICE}, max_calls=5)
    (told,) = prompts(1)

    async def ask() -> None:
        await model.generate([ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)])

    with opened(budget, Ledger(tmp_path / "spending.jsonl")), pytest.raises(RuntimeError, match="nobody is at home"):
        anyio.run(ask)
    assert (budget.calls, budget.spent) == (1, 0.0)
    assert not (tmp_path / "spending.jsonl").exists()
