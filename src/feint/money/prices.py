"""What models cost: prices from the command line or from Inspect's data, and the dollars that usage comes to."""

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from inspect_ai.model import ModelCost, ModelInfo, ModelUsage, compute_model_cost, get_model_info, set_model_info
from pydantic import ValidationError

from feint.base.errors import UsageError, unknown
from feint.base.quiet import quiet
from feint.base.subjects import is_ours

COST_CONFIG = "INSPECT_EVAL_MODEL_COST_CONFIG"
"""Where Inspect's command line looks for a file of prices; its Python interface leaves that to its caller."""
LOCAL = frozenset(
    ("hf", "llama-cpp-python", "mockllm", "nnterp", "none", "ollama", "sglang", "transformer_lens", "vllm")
)
"""Inspect's providers that compute on a machine of the user's: nobody sends a bill for a call."""
FREE = ModelCost(input=0.0, output=0.0, input_cache_write=0.0, input_cache_read=0.0)
CHARACTERS = 4
"""Of English text in a token, as providers' documentation has it; their own counts need a table from the network."""
REMEDY = (
    "give it with --price IN,OUT (or MODEL=IN,OUT) in USD per million tokens, or in Inspect's cost file "
    f"({COST_CONFIG})"
)


def find_price(model: str) -> ModelCost | None:
    """The price of a model, None where it is unknown.

    What was registered with Inspect counts first, then what Inspect knows. Organisms, actors and other models that run
    on the user's machine cost nothing.

    Args:
        model: Inspect's name of it.
    """
    local = is_ours(model) or model.partition("/")[0].removesuffix("-completions") in LOCAL
    if local and model not in _REGISTERED:  # Inspect would start a local model only to learn its name
        return FREE
    info = known(model)
    return info.cost if info else None


def known(model: str) -> ModelInfo | None:
    """What Inspect knows about a model; it may open the provider to learn the model's name."""
    with quiet():
        return get_model_info(model)


def need_prices(models: Iterable[str], option: str) -> dict[str, ModelCost]:
    """The prices of some models.

    Args:
        models: Inspect's names of them.
        option: The option that needs the prices.

    Raises:
        UsageError: One of them is unknown.
    """
    prices = {}
    for model in dict.fromkeys(models):
        if (price := find_price(model)) is None:
            raise UsageError(f"{option}: the price of '{model}' is unknown; {REMEDY}")
        prices[model] = price
    return prices


_REGISTERED: set[str] = set()
"""Models that were given a price here, in this process."""


def set_price(model: str, price: ModelCost) -> None:
    """Tell Inspect what a model costs, so that its logs say what calls cost, too."""
    info = None if model.partition("/")[0] in LOCAL or is_ours(model) else known(model)
    set_model_info(model, (info or ModelInfo()).model_copy(update={"cost": price}))
    _REGISTERED.add(model)


def set_prices(given: Sequence[str], subject: str, judges: Sequence[str] = ()) -> None:
    """Register the prices of Inspect's cost file, if there is one, and of the command line.

    Args:
        given: Values of --price: IN,OUT for the subject, or MODEL=IN,OUT; after the two may stand the prices of input
            tokens that a provider reads from its cache and writes to it, which are otherwise taken to cost as much as
            others. All in USD per million tokens.
        subject: The subject.
        judges: Models that judge.

    Raises:
        UsageError: A value of another form, a model that is not asked, or a file that cannot be read.
    """
    for model, price in configured().items():
        set_price(model, price)
    for text in given:
        name, _, numbers = text.rpartition("=")
        if name and name not in (subject, *judges):
            raise unknown("model in --price", name, [subject, *judges])
        set_price(name or subject, read_price(numbers, text))


def read_price(numbers: str, text: str) -> ModelCost:
    """A price from two or four numbers.

    Args:
        numbers: IN,OUT or IN,OUT,READ,WRITE, in USD per million tokens.
        text: The option's whole value, for the error.

    Raises:
        UsageError: Anything else.
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


def configured() -> dict[str, ModelCost]:
    """The prices of Inspect's cost file.

    Raises:
        UsageError: The file is named and cannot be read, or is none.
    """
    path = os.environ.get(COST_CONFIG)
    if not path:
        return {}
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return {str(model): ModelCost.model_validate(price) for model, price in content.items()}
    except (OSError, ValueError, yaml.YAMLError, AttributeError, ValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(
            f"{COST_CONFIG}={path}: not a file of prices ({reason}); expected for each model input, output, "
            "input_cache_write and input_cache_read"
        ) from None


def cost_of(usage: ModelUsage, price: ModelCost) -> float:
    """What usage costs, in USD; the cost that Inspect states for it goes before ours, since it knows more."""
    return usage.total_cost if usage.total_cost is not None else compute_model_cost(price, usage)


def tokens(characters: int) -> int:
    """Tokens in so many characters of text."""
    return -(-characters // CHARACTERS)


def usd(dollars: float) -> str:
    """An amount to read: cents, and two digits of what is less than a cent."""
    return f"{dollars:,.2f} USD" if dollars >= 0.01 or dollars == 0 else f"{dollars:.2g} USD"


def read_budget(text: str) -> float:
    """An amount in USD, such as "20usd", "$20" or "20".

    Raises:
        UsageError: No positive amount.
    """
    number = text.strip().lower().removesuffix("usd").strip().removeprefix("$")
    try:
        amount = float(number.replace("_", ""))
    except ValueError:
        amount = math.nan
    if not 0 < amount < math.inf:
        raise UsageError(f"--budget {text}: expected an amount in USD, such as 20usd or 20")
    return amount
