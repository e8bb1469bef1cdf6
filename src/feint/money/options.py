"""What a user said about money, before it is read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """Limits and prices as they were given.

    Attributes:
        budget: What may be spent in all, such as "20usd"; None is no limit.
        max_calls: How many calls may be made in all; None is no limit.
        prices: Values of --price, see `feint.money.prices.set_prices`.
    """

    budget: str | None = None
    max_calls: int | None = None
    prices: tuple[str, ...] = ()
