"""Asking until decided, on Inspect's side: the next samples of a running task, and of its next round.

If replies are labelled at once by rule and spending is unlimited, the task's dataset is a `SampleSource`: after each
block there is an interim look, and one evaluation asks until the end. Inspect allows no source for a task with early
stopping, which keeps a budget, and a model's labels come only after the log is written. The study then goes round by
round; the dataset of a round is the blocks that are known to be needed, and each round adds samples to the log.
"""

from collections.abc import Callable, Sequence

from inspect_ai import SampleSource, Task, task_with
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample, EvalSampleSummary

from feint.study.logs import outvoted, read_summaries, tables_of
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.until import Itinerary, Step

Look = Callable[[Sequence[EvalSampleSummary]], Step]


class Blocks(SampleSource):
    """The samples of a task, block by block, until everything is decided."""

    def __init__(self, samples: Sequence[Sample], first: Sequence[str], look: Look) -> None:
        """Make a source.

        Args:
            samples: All samples that may be asked.
            first: Ids of the first samples; samples of an earlier log are taken from the log.
            look: Names the needed samples, given the samples in hand.
        """
        self._samples = {str(sample.id): sample for sample in samples}
        self._first = list(first)
        self._given = set(first)
        self._look = look
        self._ended: dict[str, EvalSampleSummary] = {}

    def initial_samples(self) -> list[Sample]:
        """Return the samples of an earlier log, and the rest of its last block."""
        return [self._samples[name] for name in self._first]

    async def sample_complete(self, sample: EvalSample) -> None:
        """Keep the parts of a sample that a look needs."""
        self._ended[str(sample.id)] = sample.summary()

    async def next_samples(self) -> list[Sample] | None:
        """Return the next block, once all earlier samples have ended; nothing if asking has ended."""
        new = [name for name in self._look(list(self._ended.values())).wanted if name not in self._given]
        self._given.update(new)
        return [self._samples[name] for name in new] or None


class Rounds:
    """Gives a task the samples that its study needs, and tells if another round is needed."""

    def __init__(self, plan: Plan, task: Task, tell: Callable[[Step], None]) -> None:
        """Prepare for one run of a study.

        Args:
            plan: The plan, with the judges that count now.
            task: The task with all its samples.
            tell: Called at every step.
        """
        self._plan, self._task, self._tell = plan, task, tell
        self._samples = list(task.dataset)
        self._order = {str(sample.id): place for place, sample in enumerate(self._samples)}
        self._route = Itinerary(plan)
        self._rounds = 0

    def prepare(self, log: EvalLog | None, *, whole: bool) -> Step:
        """Give the task the samples of its next round.

        Args:
            log: The log of earlier rounds and runs.
            whole: True if the task may go on by itself until the end.
        """
        summaries = read_summaries(log) if log is not None else []
        # A run's first round asks failed samples again; samples that fail again are missing at later looks.
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
        """Return the step after a round."""
        return self._heard(read_summaries(log))

    def _heard(self, summaries: Sequence[EvalSampleSummary]) -> Step:
        step = self._step(summaries)
        self._tell(step)
        return step

    def _step(self, summaries: Sequence[EvalSampleSummary]) -> Step:
        plan = self._plan
        tables = tables_of(summaries, plan.judge, "the study", pending=plan.grading is not None, task=task_of(plan))
        return self._route.step(outvoted(tables), {str(one.id) for one in summaries})
