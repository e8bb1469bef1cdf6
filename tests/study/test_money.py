from pathlib import Path

import pytest
from inspect_ai.model import ModelCost, ModelInfo, ModelUsage, set_model_cost, set_model_info

import study_provider  # noqa: F401  # registers its subjects
from feint.base.errors import UsageError
from feint.money import prices as money
from feint.money.budget import Budget
from feint.money.prices import (
    COST_CONFIG,
    FREE,
    find_price,
    need_prices,
    read_budget,
    read_price,
    set_prices,
    usd,
)
from study_prices import no_prices  # noqa: F401

SUBJECT, JUDGE = "countable/terminal", "countable/judge"


@pytest.mark.parametrize(("text", "dollars"), [("20usd", 20), ("$20", 20), (" 0.5 USD", 0.5), ("1_000", 1000)])
def test_budgets(text: str, dollars: float) -> None:
    assert read_budget(text) == dollars


@pytest.mark.parametrize("text", ["", "usd", "0", "-3", "nan", "inf", "20eur"])
def test_no_budgets(text: str) -> None:
    with pytest.raises(UsageError, match=r"--budget .*expected an amount"):
        read_budget(text)


def test_a_price_of_two_numbers_gives_no_discount_for_cached_input() -> None:
    assert read_price("3,15", "3,15") == ModelCost(input=3, output=15, input_cache_read=3, input_cache_write=3)
    assert read_price("3,15,0.3,3.75", "…").input_cache_read == 0.3


@pytest.mark.parametrize("text", ["3", "3,", "3,15,1", "a,b", "-3,15", "nan,1", "1,inf", ""])
def test_no_prices(text: str) -> None:
    with pytest.raises(UsageError, match="expected IN,OUT"):
        set_prices([text], SUBJECT)


def test_a_price_is_for_the_subject_or_for_who_is_named() -> None:
    set_prices(["3,15", f"{JUDGE}=1,2"], SUBJECT, [JUDGE])
    prices = need_prices([SUBJECT, JUDGE], "--budget")
    assert [(price.input, price.output) for price in prices.values()] == [(3, 15), (1, 2)]
    with pytest.raises(UsageError, match=r"unknown model in --price 'countable/jugde'.*did you mean"):
        set_prices(["countable/jugde=1,2"], SUBJECT, [JUDGE])


def test_inspects_own_prices_count() -> None:
    assert find_price(SUBJECT) is None
    set_model_info(SUBJECT, ModelInfo(model="Terminal"))
    assert find_price(SUBJECT) is None
    set_model_cost(SUBJECT, ModelCost(input=1, output=2, input_cache_read=0.1, input_cache_write=1))
    price = find_price(SUBJECT)
    assert price is not None
    assert price.output == 2


def test_what_runs_here_costs_nothing_and_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(money, "get_model_info", lambda model: pytest.fail(f"opened {model}"))
    for model in ("organism/guarded", "organism-completions/guarded", "hf/some/model", "vllm/m", "ollama/m"):
        assert find_price(model) == FREE
    set_prices(["1,2"], "vllm/m")  # unless the user says what an hour of the machine comes to
    monkeypatch.undo()
    price = find_price("vllm/m")
    assert price is not None
    assert price.input == 1


def test_an_unknown_price_is_an_error_with_its_remedy() -> None:
    with pytest.raises(
        UsageError, match=rf"--budget: the price of '{JUDGE}' is unknown; give it with --price .*{COST_CONFIG}"
    ):
        need_prices(["organism/guarded", JUDGE], "--budget")


def test_inspects_cost_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "cost.yaml"
    file.write_text(f"{JUDGE}: {{input: 5, output: 6, input_cache_read: 0.5, input_cache_write: 6}}\n")
    monkeypatch.setenv(COST_CONFIG, str(file))
    set_prices([], SUBJECT, [JUDGE])
    assert need_prices([JUDGE], "x")[JUDGE].output == 6
    for broken in ("[1]", f"{JUDGE}: {{input: 5}}", "{", f"{JUDGE}: 3"):
        file.write_text(broken)
        with pytest.raises(UsageError, match="not a file of prices"):
            set_prices([], SUBJECT)
    file.unlink()
    with pytest.raises(UsageError, match="not a file of prices"):
        set_prices([], SUBJECT)


def test_what_usage_costs() -> None:
    price = read_price("10,100,1,20", "…")
    used = ModelUsage(input_tokens=1000, output_tokens=100, input_tokens_cache_read=5000, input_tokens_cache_write=500)
    budget = Budget({SUBJECT: price})
    assert budget.cost(SUBJECT, used) == pytest.approx(0.01 + 0.01 + 0.005 + 0.01)
    assert budget.cost(SUBJECT, used.model_copy(update={"total_cost": 7.0})) == 7.0


def test_amounts_to_read() -> None:
    assert [usd(amount) for amount in (0, 0.0012, 0.5, 1234.5)] == [
        "0.00 USD",
        "0.0012 USD",
        "0.50 USD",
        "1,234.50 USD",
    ]
