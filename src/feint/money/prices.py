"""Prices of models, from the command line or from Inspect's data, and the cost of usage in US dollars.

Prices from the command line are a context variable, so that two studies in one process have two price lists. Inspect
has one list for the process; `registered` writes prices there while a study asks, and then restores the list.
"""

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.model import ModelCost, ModelInfo, get_model_info, set_model_info

from feint.base.data import read_yaml
from feint.base.errors import UsageError, unknown
from feint.base.inspect_private import quiet
from feint.money.places import is_local, own_addresses

COST_CONFIG = "INSPECT_EVAL_MODEL_COST_CONFIG"
"""Names Inspect's file of prices; Inspect's command line reads the file, and its Python interface does not."""
FREE = ModelCost(input=0.0, output=0.0, input_cache_write=0.0, input_cache_read=0.0)
CHARACTERS = 4
"""Characters of English text in a token, by providers' documentation; exact counts need a table from the network."""
REMEDY = (
    "give it with --price IN,OUT (or MODEL=IN,OUT) in USD per million tokens, or in Inspect's cost file "
    f"({COST_CONFIG})"
)


_GIVEN: ContextVar[Mapping[str, ModelCost]] = ContextVar("feint_prices", default={})  # noqa: B039  # never changed in place
"""Prices that were set in this context, by model."""
_REPLACED: dict[str, ModelInfo | None] = {}
"""By model whose price is registered with Inspect now, the data that Inspect had before."""


@dataclass(frozen=True)
class SpendingLimits:
    """Limits of spending, and prices, as text.

    Attributes:
        budget: The most that may be spent in all, such as "20usd"; None is no limit.
        max_calls: The most calls in all; None is no limit.
        prices: Values of --price, see `set_prices`.
    """

    budget: str | None = None
    max_calls: int | None = None
    prices: tuple[str, ...] = ()


@contextmanager
def own_prices() -> Iterator[None]:
    """Forget, at the end of the block, all prices and addresses that were set inside; also usable as a decorator."""
    token = _GIVEN.set(dict(_GIVEN.get()))
    try:
        with own_addresses():
            yield
    finally:
        _GIVEN.reset(token)


@contextmanager
def registered() -> Iterator[None]:
    """Write the prices of this context to Inspect while the block runs: Inspect's logs then state costs.

    Inspect has one list of prices for a process, so `feint.study.folder.study_cache` lets one study enter at a time.
    """
    given = dict(_GIVEN.get())
    for model, price in given.items():
        info = None if is_local(model) else known(model)
        _REPLACED[model] = info
        set_model_info(model, (info or ModelInfo()).model_copy(update={"cost": price}))
    try:
        yield
    finally:
        for model in given:
            set_model_info(model, _REPLACED.pop(model) or ModelInfo())


def find_price(model: str) -> ModelCost | None:
    """Return the price of a model, None where unknown.

    A price that was set in this context goes before Inspect's. Organisms, actors and other models that run on the
    user's machine, or on a server at a private address, cost nothing.

    >>> find_price("organism/guarded").output
    0.0
    """
    if model in (given := _GIVEN.get()):
        return given[model]
    if is_local(model):  # Inspect would start a local model only to learn its name
        return FREE
    info = known(model)
    return info.cost if info else None


def known(model: str) -> ModelInfo | None:
    """Return Inspect's data about a model; Inspect may open the provider to learn the model's name."""
    if model in _REPLACED:
        return _REPLACED[model]
    with quiet():
        return get_model_info(model)


def need_prices(models: Iterable[str], option: str) -> dict[str, ModelCost]:
    """Return the prices of some models; the error about an unknown price names the option that needs the price.

    Raises:
        UsageError: A price is unknown.
    """
    prices = {}
    for model in dict.fromkeys(models):
        if (price := find_price(model)) is None:
            raise UsageError(f"{option}: the price of '{model}' is unknown; {REMEDY}")
        prices[model] = price
    return prices


def set_price(model: str, price: ModelCost) -> None:
    """Set the price of a model for the studies of this context."""
    _GIVEN.set({**_GIVEN.get(), model: price})


def set_prices(given: Sequence[str], subject: str, judges: Sequence[str] = ()) -> None:
    """Set the prices of Inspect's cost file, if there is one, and of the command line.

    Args:
        given: Values of --price: IN,OUT for the subject, or MODEL=IN,OUT, in USD per million tokens. The prices of
            input tokens that a provider reads from its cache and writes to its cache may follow; without them, such
            tokens cost as much as other input.
        subject: The subject.
        judges: Models that judge.

    Raises:
        UsageError: A value of another form, a model that is not asked, or a file that cannot be read.
    """
    if path := os.environ.get(COST_CONFIG):
        try:
            content = read_yaml(Path(path))
            configured = {str(model): ModelCost.model_validate(price) for model, price in content.items()}
        except (UsageError, ValueError, AttributeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UsageError(
                f"{COST_CONFIG}={path}: not a file of prices ({reason}); expected for each model input, output, "
                "input_cache_write and input_cache_read"
            ) from None
        for model, price in configured.items():
            set_price(model, price)
    for text in given:
        name, _, numbers = text.rpartition("=")
        if name and name not in (subject, *judges):
            raise unknown("model in --price", name, [subject, *judges])
        set_price(name or subject, read_price(numbers, text))


def read_price(numbers: str, text: str) -> ModelCost:
    """Read a price, IN,OUT or IN,OUT,READ,WRITE, in USD per million tokens.

    >>> read_price("3,15", "3,15").output
    15.0

    Raises:
        UsageError: Anything else; the error shows the option's whole value, `text`.
    """
    try:
        prices = [float(number) for number in numbers.split(",")]
    except ValueError:
        prices = []
    if len(prices) not in (2, 4) or not all(0 <= price < math.inf for price in prices):
        raise UsageError(
            f"--price {text}: expected IN,OUT or MODEL=IN,OUT in USD per million tokens, such as 3,15; after them "
            "may stand the prices of cached input, READ,WRITE"
        )
    read, write = prices[2:] or (prices[0], prices[0])
    return ModelCost(input=prices[0], output=prices[1], input_cache_read=read, input_cache_write=write)


def tokens(characters: float) -> int:
    """Estimate the tokens of a text from its number of characters, rounded up.

    >>> tokens(9)
    3
    """
    return -(-round(characters) // CHARACTERS)


def usd(dollars: float) -> str:
    """Write an amount: in cents, or with two digits below one cent.

    >>> usd(1234.5), usd(0.0012)
    ('1,234.50 USD', '0.0012 USD')
    """
    return f"{dollars:,.2f} USD" if dollars >= 0.01 or dollars == 0 else f"{dollars:.2g} USD"


def read_budget(text: str) -> float:
    """Read an amount in USD; raises `UsageError` if it is not positive.

    >>> read_budget("20usd"), read_budget("$1_000")
    (20.0, 1000.0)
    """
    number = text.strip().lower().removesuffix("usd").strip().removeprefix("$")
    try:
        amount = float(number.replace("_", ""))
    except ValueError:
        amount = math.nan
    if not 0 < amount < math.inf:
        raise UsageError(f"--budget {text}: expected an amount in USD, such as 20usd or 20")
    return amount
