"""Prices of models, for tests: what one test sets, the next does not find."""

from collections.abc import Iterator

import pytest
from inspect_ai.model._model_info import clear_model_info_cache  # made for tests, and exported nowhere

from feint.money import prices as money


@pytest.fixture(autouse=True)
def no_prices(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(money.COST_CONFIG, raising=False)
    with money.own_prices():
        yield
    clear_model_info_cache()
