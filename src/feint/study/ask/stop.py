"""Where a study stops when its budget is empty: Inspect's early stopping, and logs that lack what was left unasked."""

from collections.abc import Callable, Collection, Hashable, Mapping
from contextvars import ContextVar
from typing import Any

from inspect_ai.dataset import Sample
from inspect_ai.hooks import Hooks, SampleAttemptEnd, SampleEnd, hooks
from inspect_ai.log import EvalLog, EvalSpec, read_eval_log, write_eval_log
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from feint.money.gate import Gate
from feint.study.logs import read_summaries

Key = tuple[str | int, int]
"""A sample's id and epoch."""
TOGETHER = ("request", "fact", "wording", "sample")
"""What samples that differ in their cell alone have in common, in their metadata: of replies and of questions."""


class WholeRequests:
    """Inspect's early stopping: asks a request in all cells or in none, while the budget has room."""

    def __init__(self, make_gate: Callable[[Mapping[Hashable, Hashable]], Gate], done: Collection[Key] = ()) -> None:
        """Prepare for one task.

        Args:
            make_gate: Makes the gate for samples that stand in these groups.
            done: Samples that are in hand and will not be asked.
        """
        self._make_gate = make_gate
        self._done = frozenset(done)
        self._gate: Gate | None = None

    @property
    def gate(self) -> Gate:
        """The gate of the task that runs."""
        assert self._gate is not None, "no task has begun"
        return self._gate

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Learn which samples stand together."""
        group: dict[Hashable, Hashable] = {}
        for sample in samples:
            for epoch in range(1, epochs + 1):
                key = (sample.id or 0, epoch)
                if key not in self._done:
                    group[key] = together(sample.metadata or {}, epoch)
        self._gate = self._make_gate(group)
        _RUNNING.set(self._gate)  # the tasks of the samples, begun later, inherit the value
        return "feint_budget"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample begin, or leave it unasked."""
        if await self.gate.enter((id, epoch)):
            return None
        return EarlyStop(id=id, epoch=epoch, reason=self.gate.stopped)

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Nothing: failed samples are not told here, so ends are listened to by a hook."""

    async def complete_task(self) -> dict[str, JsonValue]:
        """What was spent, for the log."""
        _RUNNING.set(None)
        budget = self.gate.budget
        return {"spent": budget.spent, "calls": budget.calls, "budget": budget.max_cost, "max_calls": budget.max_calls}


_RUNNING: ContextVar[Gate | None] = ContextVar("feint_gate", default=None)
"""The gate of the task that runs in this context."""


@hooks(name="feint_whole_requests", description="Ends of samples, for a study's budget")
class EndHooks(Hooks):
    """Tells a gate which samples have ended, and what they took."""

    def enabled(self) -> bool:
        """Only while a task runs on a budget."""
        return _RUNNING.get() is not None

    async def on_sample_attempt_end(self, data: SampleAttemptEnd) -> None:
        """One attempt ended; another may follow."""
        if (gate := _RUNNING.get()) is not None:
            gate.leave((data.summary.id, data.summary.epoch), again=data.will_retry)

    async def on_sample_end(self, data: SampleEnd) -> None:
        """A sample ended; what it took is learnt from, unless its reply was there or it failed."""
        gate, usage = _RUNNING.get(), data.sample.model_usage
        if gate is not None and usage:
            gate.learn(sum(gate.budget.cost(model, used) for model, used in usage.items()))


def together(metadata: Mapping[str, Any], epoch: int) -> Hashable:
    """What tells a sample's group from others."""
    return (*(metadata.get(name) for name in TOGETHER), epoch)


def in_hand(log: EvalLog | None) -> set[Key]:
    """The samples of a log that an eval set which goes on with it will not ask again."""
    return {(one.id, one.epoch) for one in read_summaries(log) if one.error is None} if log is not None else set()


def stop_of(log: EvalLog) -> str:
    """The limit for which samples of a log were left unasked: "budget", "max_calls", or "" if none were."""
    early = log.results.early_stopping if log.results else None
    return (early.early_stops[0].reason or "") if early is not None and early.early_stops else ""


def reopen_stopped(log: EvalLog) -> None:
    """Mark a log that lacks samples so that an eval set goes on with it; Inspect takes it for complete."""
    full = read_eval_log(log.location)
    assert full.results is not None, "a log that was stopped early has results"
    full.results.logged_samples = len(full.samples or [])
    write_eval_log(full)
