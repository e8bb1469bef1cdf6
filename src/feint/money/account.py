"""Charges every call of a model to the account of the study that made the call, by Inspect's hooks.

The open account is a context variable. Two studies in one process, one after the other or side by side, have two
accounts.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from inspect_ai.event import ModelEvent
from inspect_ai.hooks import BeforeModelGenerate, Hooks, ModelUsageData, SampleEnd, hooks
from inspect_ai.model import ChatMessage, ModelUsage

from feint.money.budget import Budget
from feint.money.ledger import Ledger
from feint.money.prices import tokens


@dataclass(frozen=True)
class Account:
    """A budget and the ledger of its calls."""

    budget: Budget
    ledger: Ledger

    def book(self, model: str, usage: ModelUsage) -> None:
        """Charge usage and write it down."""
        self.budget.charge(model, usage)
        self.ledger.add(model, usage)


_OPEN: ContextVar[Account | None] = ContextVar("feint_account", default=None)


@contextmanager
def opened(budget: Budget, ledger: Ledger) -> Iterator[Budget]:
    """Charge all calls of models to a budget while the block runs.

    Args:
        budget: Adds up the cost.
        ledger: Keeps a line for each call.
    """
    token = _OPEN.set(Account(budget, ledger))
    try:
        yield budget
    finally:
        _OPEN.reset(token)


@hooks(name="feint_spending", description="The spending of a study")
class SpendingHooks(Hooks):
    """Charges every call of a model to the open account."""

    def enabled(self) -> bool:
        """Listen only while an account is open."""
        return _OPEN.get() is not None

    async def on_before_model_generate(self, data: BeforeModelGenerate) -> None:
        """Count the call: a provider that fails may charge for it."""
        if (account := _OPEN.get()) is not None:
            account.budget.calls += 1

    async def on_model_cache_usage(self, data: object) -> None:
        """Take the call back: the reply came from the cache, and the ledger has it already."""
        if (account := _OPEN.get()) is not None:
            account.budget.calls -= 1

    async def on_model_usage(self, data: ModelUsageData) -> None:
        """Charge the call and write it down."""
        if (account := _OPEN.get()) is not None:
            account.book(data.model_name, data.usage)

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Charge calls without reported usage by the length of their texts: unknown usage is not zero."""
        account = _OPEN.get()
        for event in data.sample.events if account is not None else ():
            if not isinstance(event, ModelEvent) or event.cache == "read":
                continue
            if account is not None and event.output.usage is None and event.output.choices:
                account.book(event.model, by_length(event.input, event.output.completion))


def by_length(prompt: Sequence[ChatMessage], answer: str) -> ModelUsage:
    """Estimate the usage of a call from the lengths of its texts.

    >>> by_length([], "eight ch").output_tokens
    2
    """
    return ModelUsage(
        input_tokens=tokens(sum(len(message.text) for message in prompt)), output_tokens=tokens(len(answer))
    )
