"""Charges every call of a model to the account of the study that made the call, by Inspect's hooks.

The open account is a context variable. Two studies in one process, one after the other or side by side, have two
accounts. Tasks do not import this module: Inspect would announce its hooks to whoever runs a task alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from inspect_ai.event import ModelEvent
from inspect_ai.hooks import BeforeModelGenerate, Hooks, ModelUsageData, SampleEnd, hooks
from inspect_ai.model import ModelUsage

from feint.money.budget import Budget, Cost, Ledger
from feint.money.prices import tokens

_OPEN: ContextVar[tuple[Budget, Ledger] | None] = ContextVar("feint_account", default=None)
_STRICT: ContextVar[bool] = ContextVar("feint_strict", default=False)
"""True while no call may go beyond a limit."""


@contextmanager
def opened(budget: Budget, ledger: Ledger, *, strict: bool = False) -> Iterator[None]:
    """While the block runs, charge all calls of models to a budget and write them into a ledger.

    `strict` refuses every single call beyond a limit (see `refusal`); otherwise those who ask see to the limits.
    """
    token, before = _OPEN.set((budget, ledger)), _STRICT.set(strict)
    try:
        yield
    finally:
        _OPEN.reset(token)
        _STRICT.reset(before)


def refusal() -> str:
    """Say why a call must not be sent, and take it back, since it is counted already; empty if it may be sent."""
    account = _OPEN.get()
    if account is None or not _STRICT.get():
        return ""
    budget = account[0]
    budget.calls -= 1
    limit = budget.lacking(Cost(calls=1))
    if not limit and budget.max_cost is not None and budget.spent >= budget.max_cost:
        limit = "budget"
    if limit:
        option = f"--max-calls {budget.max_calls}" if limit == "max_calls" else f"--budget {budget.max_cost:g}"
        return f"{option} is reached"
    budget.calls += 1
    return ""


def count_again() -> None:
    """Count a request that is sent once more within a call."""
    if (account := _OPEN.get()) is not None:
        account[0].calls += 1


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
        """Charge answers without reported usage by the length of their texts: unknown usage is not zero."""
        for event in data.sample.events:
            if not isinstance(event, ModelEvent) or event.error is not None:
                continue
            if event.cache == "read":
                if event.output.usage is None and (account := _OPEN.get()) is not None:
                    account[0].calls -= 1  # Inspect tells no cached usage where there is none
                continue
            if event.output.usage is None and event.output.choices:
                read = tokens(sum(len(message.text) for message in event.input))
                written = tokens(len(event.output.completion))
                _book(event.model, ModelUsage(input_tokens=read, output_tokens=written))
