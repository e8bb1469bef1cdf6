"""A study's budget: the cost of all calls so far, and whether the limits leave room for more.

Every call of a model is charged, by Inspect's hooks, to the account of the study that made the call. The open account
is a context variable. Two studies in one process, one after the other or side by side, have two accounts.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from inspect_ai.event import ModelEvent
from inspect_ai.hooks import BeforeModelGenerate, Hooks, ModelUsageData, SampleEnd, hooks
from inspect_ai.model import ModelCost, ModelUsage, compute_model_cost

from feint.money.ledger import Ledger
from feint.money.prices import tokens, usd

LEARNT = 20
"""Replies after which their mean cost is trusted more than an estimate."""


@dataclass(frozen=True)
class Cost:
    """The cost of some calls of models, in US dollars, and their number.

    >>> Cost(0.25, 2).times(4) + Cost(1.0, 1)
    Cost(usd=2.0, calls=9)
    """

    usd: float = 0.0
    calls: float = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.usd + other.usd, self.calls + other.calls)

    def times(self, count: float) -> "Cost":
        """Multiply both numbers."""
        return Cost(self.usd * count, self.calls * count)


class Budget:
    """Counts the cost of calls and knows the limits of a study.

    Every call of every model is charged while an account is open (see `opened`), the subject's and the judges' alike.
    Code that asks a model need not know the budget. Code that is about to ask a lot calls `lacking` first.

    >>> budget = Budget({"a/b": None}, max_calls=10)
    >>> budget.lacking(Cost(calls=11)), budget.lacking(Cost(calls=10))
    ('max_calls', '')

    Attributes:
        max_cost: The most USD for this run and all earlier runs of the study; None is no limit.
        max_calls: The most calls, likewise.
        prices: By model, the subject first; None where the price is unknown.
        spent: USD so far, without calls of unknown price.
        calls: Calls so far. Failed and repeated calls count; replies from the study's cache do not.
        owed: Set aside for calls that have to follow, such as judging the replies in hand.
        stops: By activity, such as "asking", the limit that was reached: "budget" or "max_calls".
        learnt: By activity, "asking" or "judging", the measured cost of one reply, once known.
        again: True if another round would ask more; see `feint.study.ask.gates.Gates`.
    """

    def __init__(
        self, prices: Mapping[str, ModelCost | None], *, max_cost: float | None = None, max_calls: int | None = None
    ) -> None:
        assert max_cost is None or all(price is not None for price in prices.values()), "a budget needs all prices"
        self.prices = dict(prices)
        self.max_cost = max_cost
        self.max_calls = max_calls
        self.spent = 0.0
        self.calls = 0
        self.owed = Cost()
        self._charged: dict[str, list[float]] = {}
        self.stops: dict[str, str] = {}
        self.learnt: dict[str, Cost] = {}
        self.again = False

    @property
    def limited(self) -> bool:
        """True if there is a limit."""
        return self.max_cost is not None or self.max_calls is not None

    def cost(self, model: str, usage: ModelUsage) -> float:
        """Return the cost of usage in USD; 0 where no price is known.

        Inspect's own figure goes before ours, because Inspect knows more. A model of an unexpected name has the highest
        of the prices.
        """
        if usage.total_cost is not None:
            return usage.total_cost
        known = [price for price in self.prices.values() if price is not None]
        highest = max(known, key=lambda price: (price.output, price.input), default=None)
        price = self.prices.get(model, highest)
        return 0.0 if price is None else compute_model_cost(price, usage)

    def charge(self, model: str, usage: ModelUsage) -> None:
        """Add the cost of a call."""
        cost = self.cost(model, usage)
        self.spent += cost
        self._charged.setdefault(model, []).append(cost)

    def mean_cost(self, model: str) -> float | None:
        """Return the measured mean USD of a call of a model, None before `LEARNT` calls."""
        costs = self._charged.get(model, ())
        return sum(costs) / len(costs) if len(costs) >= LEARNT else None

    def add_earlier(self, ledger: Ledger) -> None:
        """Add the cost of earlier runs of a study."""
        for model, usage in ledger.read():
            self.charge(model, usage)
            self.calls += 1

    def lacking(self, cost: Cost, part: float = 1.0) -> str:
        """Name the limit that leaves no room for a cost beside the amounts that are spent and set aside.

        Args:
            cost: The cost in question.
            part: The share of the limits that may be used.

        Returns:
            "budget", "max_calls", or "" if there is room.
        """
        cost += self.owed
        # A hair's breadth of tolerance, because costs are sums of many small numbers.
        if self.max_cost is not None and self.spent + cost.usd > self.max_cost * part * (1 + 1e-9):
            return "budget"
        if self.max_calls is not None and self.calls + cost.calls > self.max_calls * part:
            return "max_calls"
        return ""

    def text(self) -> str:
        """Say in short how much was spent: "1.20 of 20.00 USD"; empty without prices and limits.

        >>> Budget({"a/b": None}, max_calls=300).text()
        '0 of 300 calls'
        """
        parts = []
        known = [price for price in self.prices.values() if price is not None]
        if len(known) == len(self.prices) and any(price.input or price.output for price in known):
            parts.append(f"{self.spent:,.2f} of {usd(self.max_cost)}" if self.max_cost is not None else usd(self.spent))
        if self.max_calls is not None:
            parts.append(f"{self.calls:,} of {self.max_calls:,} calls")
        return ", ".join(parts)


_OPEN: ContextVar[tuple[Budget, Ledger] | None] = ContextVar("feint_account", default=None)


@contextmanager
def opened(budget: Budget, ledger: Ledger) -> Iterator[None]:
    """While the block runs, charge all calls of models to a budget and write them into a ledger."""
    token = _OPEN.set((budget, ledger))
    try:
        yield
    finally:
        _OPEN.reset(token)


def _book(model: str, usage: ModelUsage) -> None:
    """Charge usage to the open account, if there is one, and write it down."""
    if (account := _OPEN.get()) is not None:
        budget, ledger = account
        budget.charge(model, usage)
        ledger.add(model, usage)


@hooks(name="feint_spending", description="The spending of a study")
class SpendingHooks(Hooks):
    """Charges every call of a model to the open account."""

    def enabled(self) -> bool:
        """Listen only while an account is open."""
        return _OPEN.get() is not None

    async def on_before_model_generate(self, data: BeforeModelGenerate) -> None:
        """Count the call: a provider that fails may charge for it."""
        if (account := _OPEN.get()) is not None:
            account[0].calls += 1

    async def on_model_cache_usage(self, data: object) -> None:
        """Take the call back: the reply came from the cache, and the ledger has it already."""
        if (account := _OPEN.get()) is not None:
            account[0].calls -= 1

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """Charge the call and write it down."""
        _book(data.model_name, data.usage)

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Charge calls without reported usage by the length of their texts: unknown usage is not zero."""
        for event in data.sample.events:
            if not isinstance(event, ModelEvent) or event.cache == "read":
                continue
            if event.output.usage is None and event.output.choices:
                read = tokens(sum(len(message.text) for message in event.input))
                written = tokens(len(event.output.completion))
                _book(event.model, ModelUsage(input_tokens=read, output_tokens=written))
