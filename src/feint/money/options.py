"""Limits and prices as a user gives them, not yet read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SpendingLimits:
    """Limits of spending, and prices, as text.

    Attributes:
        budget: The most that may be spent in all, such as "20usd"; None is no limit.
        max_calls: The most calls in all; None is no limit.
        prices: Values of --price, see `feint.money.prices.set_prices`.
    """

    budget: str | None = None
    max_calls: int | None = None
    prices: tuple[str, ...] = ()
