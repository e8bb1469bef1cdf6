"""A study's purse: what was spent, told by Inspect's hooks, and whether there is room for more."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from inspect_ai.event import ModelEvent
from inspect_ai.hooks import BeforeModelGenerate, Hooks, ModelUsageData, SampleEnd, hooks
from inspect_ai.model import ChatMessage, ModelCost, ModelUsage

from feint.money.ledger import Ledger
from feint.money.prices import FREE, cost_of, tokens, usd

LEARNT = 20
"""Replies after which what one takes is known better from them than from an estimate."""


@dataclass(frozen=True)
class Need:
    """What something takes.

    Attributes:
        cost: In USD.
        calls: Of models.
    """

    cost: float = 0.0
    calls: float = 0

    def __add__(self, other: "Need") -> "Need":
        return Need(self.cost + other.cost, self.calls + other.calls)

    def times(self, count: float) -> "Need":
        """So many of these."""
        return Need(self.cost * count, self.calls * count)


class Purse:
    """Counts what calls cost, and knows what may be spent.

    Every call of every model is charged while the purse is open (see `opened`), the subject's and the judges' alike, so
    nothing that asks a model need know of it. Who is about to ask a lot looks first for what is `lacking`.

    Attributes:
        budget: What may be spent in USD, by this run and by earlier ones of the study; None is no limit.
        max_calls: How many calls may be made, likewise.
        prices: By model, the subject first; None where it is unknown.
        spent: In USD so far; calls without a known price are not in it.
        calls: So far. Calls that failed and were repeated are among them, replies from the study's cache are not.
        owed: What was set aside for calls that have to follow, such as judging replies that are in hand.
        stops: By what was going on, such as "asking", the limit that was reached: "budget" or "max_calls".
        learnt: By what is going on, "asking" or "judging", what one reply takes, once that is known.
        again: Whether another round would ask more; see `feint.study.ask.gates.Gates`.
    """

    def __init__(
        self, prices: Mapping[str, ModelCost | None], *, budget: float | None = None, max_calls: int | None = None
    ) -> None:
        assert budget is None or all(price is not None for price in prices.values()), "a budget needs all prices"
        self.prices = dict(prices)
        self.budget = budget
        self.max_calls = max_calls
        self.spent = 0.0
        self.calls = 0
        self.owed = Need()
        self.stops: dict[str, str] = {}
        self.learnt: dict[str, Need] = {}
        self.again = False

    @property
    def limited(self) -> bool:
        """Whether there is a limit."""
        return self.budget is not None or self.max_calls is not None

    @property
    def priced(self) -> bool:
        """Whether all prices are known, and not all of them nothing."""
        known = [price for price in self.prices.values() if price is not None]
        return len(known) == len(self.prices) and any(price.input or price.output for price in known)

    def price(self, model: str) -> ModelCost | None:
        """The price of a model; one under a name that was not expected is taken to be the dearest."""
        if model in self.prices:
            return self.prices[model]
        known = [price for price in self.prices.values() if price is not None]
        return max(known, key=lambda price: (price.output, price.input), default=None)

    def cost(self, model: str, usage: ModelUsage) -> float:
        """What usage of a model costs in USD; nothing where no price is known."""
        price = self.price(model)
        return 0.0 if price is None and usage.total_cost is None else cost_of(usage, price or FREE)

    def charge(self, model: str, usage: ModelUsage) -> None:
        """Add what a call cost."""
        self.spent += self.cost(model, usage)

    def add_earlier(self, ledger: Ledger) -> None:
        """Add what earlier runs of a study spent, and learn from it what a reply of its subject takes."""
        subject, costs = next(iter(self.prices)), []
        for model, usage in ledger.read():
            self.charge(model, usage)
            self.calls += 1
            costs += [self.cost(model, usage)] if model == subject else []
        if len(costs) >= LEARNT:
            self.learnt["asking"] = Need(sum(costs) / len(costs), 1)

    def lacking(self, need: Need, part: float = 1.0) -> str:
        """The limit in which there is no room for something beside what was spent and set aside.

        Args:
            need: What it takes.
            part: How much of the limits may be used up.

        Returns:
            "budget", "max_calls", or "" if there is room.
        """
        need += self.owed
        # A hair's breadth, because costs are sums of many small numbers.
        if self.budget is not None and self.spent + need.cost > self.budget * part * (1 + 1e-9):
            return "budget"
        if self.max_calls is not None and self.calls + need.calls > self.max_calls * part:
            return "max_calls"
        return ""

    def text(self) -> str:
        """What was spent, in short: "1.20 of 20.00 USD"; empty where there is nothing to say."""
        parts = []
        if self.priced:
            parts.append(f"{self.spent:,.2f} of {usd(self.budget)}" if self.budget is not None else usd(self.spent))
        if self.max_calls is not None:
            parts.append(f"{self.calls:,} of {self.max_calls:,} calls")
        return ", ".join(parts)


class _Open:
    """What the hooks charge; one study runs at a time."""

    purse: Purse | None = None
    ledger: Ledger | None = None


@hooks(name="feint_purse", description="What a study spends")
class PurseHooks(Hooks):
    """Charges every call of a model to the open purse."""

    def enabled(self) -> bool:
        """Only while a purse is open."""
        return _Open.purse is not None

    async def on_before_model_generate(self, data: BeforeModelGenerate) -> None:
        """Count the call: a provider that fails may charge for it."""
        if _Open.purse is not None:
            _Open.purse.calls += 1

    async def on_model_cache_usage(self, data: object) -> None:
        """Take the call back: its reply was there, and stands in the ledger already."""
        if _Open.purse is not None:
            _Open.purse.calls -= 1

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """Charge the call and write it down."""
        book(data.model_name, data.usage)

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Charge what no usage was reported for by its length: what is not known is not nothing."""
        for event in data.sample.events:
            if not isinstance(event, ModelEvent) or event.cache == "read":
                continue
            if event.output.usage is None and event.output.choices:
                book(event.model, by_length(event.input, event.output.completion))


def book(model: str, usage: ModelUsage) -> None:
    """Charge usage to the open purse, and write it down."""
    if _Open.purse is not None and _Open.ledger is not None:
        _Open.purse.charge(model, usage)
        _Open.ledger.add(model, usage)


def by_length(prompt: Sequence[ChatMessage], answer: str) -> ModelUsage:
    """What a call is thought to have used, from the lengths of its texts."""
    return ModelUsage(
        input_tokens=tokens(sum(len(message.text) for message in prompt)), output_tokens=tokens(len(answer))
    )


@contextmanager
def opened(purse: Purse, ledger: Ledger) -> Iterator[Purse]:
    """Charge all calls of models to a purse while the block runs.

    Args:
        purse: Where what is spent is added up.
        ledger: Where it is written down.
    """
    before = _Open.purse, _Open.ledger
    _Open.purse, _Open.ledger = purse, ledger
    try:
        with ledger.writing():
            yield purse
    finally:
        _Open.purse, _Open.ledger = before
