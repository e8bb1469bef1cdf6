"""Stops a study by Inspect's early stopping: when its budget has no more room, or when its subject is given up.

Logs that lack samples are opened again.
"""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import anyio
from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.hooks import Hooks, SampleAttemptEnd, SampleEnd, hooks
from inspect_ai.log import EvalLog, EvalSample, EvalSpec, write_eval_log
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue

from feint.money.gate import Gate
from feint.study.ask.watch import FIRST_REPLIES, Watch
from feint.study.logs import read_log

Key = tuple[str | int, int]
"""A sample's id and epoch."""
TOGETHER = ("request", "fact", "wording", "sample")
"""Metadata that are the same in samples that differ in their cell alone, of replies and of comprehension questions."""


class WholeRequests:
    """Inspect's early stopping: asks an item in all cells or in no cell, while the budget has room."""

    gate: Gate
    """The gate of the running task."""

    def __init__(self, make_gate: Callable[[Mapping[Hashable, Hashable]], Gate], done: Collection[Key] = ()) -> None:
        """Prepare for one task: `make_gate` makes the gate from the group of each sample that is not `done`."""
        self._make_gate = make_gate
        self._done = frozenset(done)

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Group the samples, and make the gate."""
        group: dict[Hashable, Hashable] = {}
        for sample in samples:
            for epoch in range(1, epochs + 1):
                key = (sample.id or 0, epoch)
                if key not in self._done:
                    group[key] = (*((sample.metadata or {}).get(name) for name in TOGETHER), epoch)
        self.gate = self._make_gate(group)
        _RUNNING.set(self.gate)  # the tasks of the samples, begun later, inherit the value
        return "feint_budget"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample begin, or leave the sample unasked."""
        if await self.gate.enter((id, epoch)):
            return None
        return EarlyStop(id=id, epoch=epoch, reason=self.gate.stopped)

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Do nothing: Inspect does not call this for failed samples, so a hook listens to ends."""

    async def complete_task(self) -> dict[str, JsonValue]:
        """Return the spending, for the log."""
        _RUNNING.set(None)
        budget = self.gate.budget
        return {"spent": budget.spent, "calls": budget.calls, "budget": budget.max_cost, "max_calls": budget.max_calls}


_RUNNING: ContextVar[Gate | None] = ContextVar("feint_gate", default=None)
"""The gate of the task that runs in this context."""


@hooks(name="feint_whole_requests", description="Ends of samples, for a study's budget")
class EndHooks(Hooks):
    """Tells a gate the ends of samples, and their cost."""

    def enabled(self) -> bool:
        """Listen only while a task runs on a budget."""
        return _RUNNING.get() is not None

    async def on_sample_attempt_end(self, data: SampleAttemptEnd) -> None:
        """Take note of an attempt that ended; another attempt may follow."""
        if (gate := _RUNNING.get()) is not None:
            gate.leave((data.summary.id, data.summary.epoch), again=data.will_retry)

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Learn the cost of a sample; a failed sample, and a reply from the cache, have no usage."""
        gate, usage = _RUNNING.get(), data.sample.model_usage
        if gate is not None and usage:
            gate.learn(sum(gate.budget.cost(model, used) for model, used in usage.items()))


AHEAD = FIRST_REPLIES + 10
"""Samples that are begun before the first replies are known."""
GIVEN_UP = "given_up"
"""The reason of a stop because the subject failed."""
_WATCHED: ContextVar[tuple[Watch, Callable[[EvalSample], str | None]] | None] = ContextVar("feint_watch", default=None)
"""The watch of the subject that is asked in this context, and the reader of its samples."""


class GivenUp:
    """Inspect's early stopping: begins no sample once the subject is given up, and otherwise does as another says.

    Inspect begins many samples at once, which would all be paid for if none of the first ones has a label. A few are
    therefore begun before these are known.
    """

    def __init__(self, watch: Watch, other: WholeRequests | None) -> None:
        self.other = other
        self._watch = watch
        self._begun = set[Key]()

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Begin."""
        self._begun.clear()
        return await self.other.start_task(task, samples, epochs) if self.other else "feint_failures"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Let a sample begin, or leave the sample unasked."""
        key, watch = (id, epoch), self._watch
        while len(self._begun) >= AHEAD and key not in self._begun and not (watch.replied or watch.stopped):
            await anyio.sleep(0.1)
        self._begun.add(key)
        stop = None
        if self.other and not watch.stopped:
            stop = await self.other.schedule_sample(id, epoch)
        if stop is None and watch.stopped:
            if self.other:
                self.other.gate.leave(key)  # others must not wait for a sample that never begins
            stop = EarlyStop(id=id, epoch=epoch, reason=GIVEN_UP)
        if stop is not None:
            self._begun.discard(key)
        return stop

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Take note of a sample that ended."""
        if self.other:
            await self.other.complete_sample(id, epoch, scores)

    async def complete_task(self) -> dict[str, JsonValue]:
        """Return notes for the log."""
        return await self.other.complete_task() if self.other else {}


@contextmanager
def given_up(task: Task, watch: Watch, missing: Callable[[EvalSample], str | None]) -> Iterator[None]:
    """While the block runs, stop a task when its subject is given up.

    Args:
        task: The task. Where samples come from a source, the source has to end by itself: Inspect allows not both.
        watch: The watch of the subject.
        missing: Says why a sample that ended has no label; None if it has one or may get one.
    """
    before = task.early_stopping
    assert before is None or isinstance(before, WholeRequests), "no other kind of early stopping is set here"
    if task.sample_source is None:
        task.early_stopping = GivenUp(watch, before)
    token = _WATCHED.set((watch, missing))
    try:
        yield
    finally:
        _WATCHED.reset(token)
        task.early_stopping = before


@hooks(name="feint_given_up", description="Replies of a subject that may have to be given up")
class ReplyHooks(Hooks):
    """Tells the watch of a subject which samples ended without a label."""

    def enabled(self) -> bool:
        """Listen only while a study asks."""
        return _WATCHED.get() is not None

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Take note of one sample."""
        if (watched := _WATCHED.get()) is not None:
            watch, missing = watched
            watch.note_reply(missing(data.sample))


def stop_of(log: EvalLog) -> str:
    """Name the limit by which samples of a log were left unasked: "budget", "max_calls", or "" if all were asked."""
    early = log.results.early_stopping if log.results else None
    return (early.early_stops[0].reason or "") if early is not None and early.early_stops else ""


def reopen_stopped(log: EvalLog) -> None:
    """Mark a log that lacks samples as incomplete, so that an eval set goes on with the log."""
    full = read_log(log)
    assert full.results is not None, "a log that was stopped early has results"
    full.results.logged_samples = len(full.samples or [])
    write_eval_log(full)
