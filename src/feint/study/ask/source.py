"""Asking until decided, on Inspect's side: what a running task asks next, and what another round of it asks.

Where the rules label each reply at once and nothing limits what is spent, the task's dataset is a `SampleSource`: it
looks whenever a block is in, and one evaluation asks until the end. Inspect refuses a source to a task with early
stopping, by which a budget is kept, and a model's labels come only after the log is written. There the study goes round
by round, each with the blocks that are known to be wanted as its dataset; a log grows by samples that it has not got.
"""

from collections.abc import Callable, Sequence

from inspect_ai import SampleSource, Task, task_with
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample, EvalSampleSummary

from feint.study.logs import outvoted, read_summaries, tables_of
from feint.study.plan.frozen import Plan
from feint.study.plan.tasks import task_of
from feint.study.plan.until import Itinerary, Step

Look = Callable[[Sequence[EvalSampleSummary]], Step]


class Blocks(SampleSource):
    """The samples of a task, block by block, as long as something is to be decided."""

    def __init__(self, samples: Sequence[Sample], first: Sequence[str], look: Look) -> None:
        """Make a source.

        Args:
            samples: All that may be asked.
            first: Ids of those to begin with; those that an earlier log holds are taken from there.
            look: Says what is wanted by the samples in hand.
        """
        self._samples = {str(sample.id): sample for sample in samples}
        self._first = list(first)
        self._given = set(first)
        self._look = look
        self._ended: dict[str, EvalSampleSummary] = {}

    def initial_samples(self) -> list[Sample]:
        """What an earlier log holds, and the block that it ends in."""
        return [self._samples[name] for name in self._first]

    async def sample_complete(self, sample: EvalSample) -> None:
        """Keep what a look needs."""
        self._ended[str(sample.id)] = sample.summary()

    async def next_samples(self) -> list[Sample] | None:
        """The next block, once all that was given has ended; nothing where asking has ended."""
        new = [name for name in self._look(list(self._ended.values())).wanted if name not in self._given]
        self._given.update(new)
        return [self._samples[name] for name in new] or None


class Rounds:
    """Makes a task ask what its study wants, and says whether another round wants more."""

    def __init__(self, plan: Plan, task: Task, tell: Callable[[Step], None]) -> None:
        """Prepare for one run of a study.

        Args:
            plan: The plan, with the judges that count now.
            task: The task with all its samples.
            tell: Hears of every step.
        """
        self._plan, self._task, self._tell = plan, task, tell
        self._samples = list(task.dataset)
        self._order = {str(sample.id): place for place, sample in enumerate(self._samples)}
        self._route = Itinerary(plan)
        self._rounds = 0

    def prepare(self, log: EvalLog | None, *, whole: bool) -> Step:
        """Give the task the samples of its next round.

        Args:
            log: What earlier rounds and runs left.
            whole: Whether the task may go on by itself until the end.
        """
        summaries = read_summaries(log) if log is not None else []
        # What failed is asked again by a run's first round; what then fails again is missing at the looks to come.
        settled = [one for one in summaries if self._rounds or one.error is None]
        self._rounds += 1
        step = self._step(settled)
        wanted = {*step.wanted, *(str(one.id) for one in summaries)}
        begun = [str(name) for name in (log.eval.dataset.sample_ids or [])] if log is not None else []
        # A dataset smaller than the log's would make Inspect ask everything anew.
        wanted.update([name for name in begun if name not in wanted][: max(0, len(begun) - len(wanted))])
        first = list(dict.fromkeys(name for name in (*step.wanted, *self._order) if name in wanted))
        if whole:
            task_with(self._task, dataset=Blocks(self._samples, first, self._heard))
        else:
            task_with(self._task, dataset=MemoryDataset([self._samples[self._order[name]] for name in first]))
        return step

    def after(self, log: EvalLog) -> Step:
        """What is wanted after a round."""
        return self._heard(read_summaries(log))

    def _heard(self, summaries: Sequence[EvalSampleSummary]) -> Step:
        step = self._step(summaries)
        self._tell(step)
        return step

    def _step(self, summaries: Sequence[EvalSampleSummary]) -> Step:
        plan = self._plan
        tables = tables_of(summaries, plan.judge, "the study", pending=plan.grading is not None, task=task_of(plan))
        return self._route.step(outvoted(tables), {str(one.id) for one in summaries})
