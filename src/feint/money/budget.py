"""A study's budget: the cost of all calls so far, and whether the limits leave room for more.

Logs cannot tell the cost of a study. Calls that were repeated, interrupted or judged anew were paid for and are in no
log; replies from the cache are in a log and were not paid for twice. The ledger therefore has a line for each paid
answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.model import ModelCost, ModelUsage, compute_model_cost
from pydantic import BaseModel, ConfigDict, ValidationError

from feint.base.writing import append_line, read_lines
from feint.money.prices import usd

LEARNT = 20
"""Replies after which their mean cost is trusted more than an estimate."""
NUMBERS = {"input_tokens", "output_tokens", "input_tokens_cache_write", "input_tokens_cache_read", "total_cost"}
LONGEST = 4096
"""Characters of a line of the ledger at most."""


class Entry(BaseModel):
    """A line of the ledger: a model and the usage of one call."""

    model_config = ConfigDict(extra="allow")
    model: str


class Ledger:
    """A file of JSON lines: `model`, the numbers of tokens, and `total_cost` in USD where known."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, model: str, usage: ModelUsage) -> None:
        """Write one answer at once: a process that is killed later has paid all the same."""
        append_line(self.path, {"model": model, **usage.model_dump(include=NUMBERS, exclude_none=True)})

    def read(self) -> Iterator[tuple[str, ModelUsage]]:
        """Read all entries; a line that a dying process left unfinished is skipped."""
        for line in read_lines(self.path, LONGEST):
            try:
                entry = Entry.model_validate(line)
                yield entry.model, ModelUsage.model_validate(entry.model_extra)
            except ValidationError:
                continue


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

    Every call of every model is charged while an account is open (see `feint.money.account.opened`), the subject's and
    the judges' alike. Code that asks a model need not know the budget. Code that is about to ask a lot calls `lacking`
    first.

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

    def forget(self) -> None:
        """Forget what a reply costs and where asking stopped, before another task is asked; what is spent stays."""
        self._charged.clear()
        self.learnt, self.stops, self.owed, self.again = {}, {}, Cost(), False

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
