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
from rich.console import Console

from feint.base.numbers import listing
from feint.base.progress import Display
from feint.stats.units import POINTS
from feint.study.logs import outvoted, read_summaries, tables_of
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.until import Itinerary, Step

Look = Callable[[Sequence[EvalSampleSummary]], Step]


class Blocks(SampleSource):
    """The samples of a task, block by block, until everything is decided."""

    def __init__(self, samples: Sequence[Sample], first: Sequence[str], look: Look, over: Callable[[], bool]) -> None:
        """Make a source of samples, from the ids of the first ones; `look` names those that are needed next.

        Once `over` returns True nothing more is asked, because the subject was given up.
        """
        self._samples = {str(sample.id): sample for sample in samples}
        self._first = list(first)
        self._given = set(first)
        self._look = look
        self._over = over
        self._ended: dict[str, EvalSampleSummary] = {}

    def initial_samples(self) -> list[Sample]:
        """Return the samples of an earlier log, and the rest of its last block."""
        return [self._samples[name] for name in self._first]

    async def sample_complete(self, sample: EvalSample) -> None:
        """Keep the parts of a sample that a look needs."""
        self._ended[str(sample.id)] = sample.summary()

    async def next_samples(self) -> list[Sample] | None:
        """Return the next block, once all earlier samples have ended; nothing if asking has ended."""
        if self._over():
            return None
        new = [name for name in self._look(list(self._ended.values())).wanted if name not in self._given]
        self._given.update(new)
        return [self._samples[name] for name in new] or None


class Rounds:
    """Gives a task the samples that its study needs, prints each decision, and tells if another round is needed."""

    def __init__(
        self, plan: Plan, task: Task, console: Console, display: Display, over: Callable[[], bool] = bool
    ) -> None:
        """Prepare for one run of a study: the plan with the judges that count now, and the task with all samples.

        `over` tells that the subject was given up.
        """
        self._over = over
        self._plan = plan
        self._task = task
        self._console = console
        self._silent = display == "none"
        self._samples = list(task.dataset)
        self._order = {str(sample.id): place for place, sample in enumerate(self._samples)}
        self._route = Itinerary(plan)
        self._rounds = 0
        self._told: set[str] | None = None

    def prepare(self, log: EvalLog | None, *, whole: bool) -> Step:
        """Give the task the samples of its next round, given the log of earlier rounds and runs.

        `whole` lets the task go on by itself until the end.
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
            task_with(self._task, dataset=Blocks(self._samples, first, self.after, self._over))
        else:
            task_with(self._task, dataset=MemoryDataset([self._samples[self._order[name]] for name in first]))
        return step

    def after(self, summaries: Sequence[EvalSampleSummary]) -> Step:
        """Return the step after a round or a block, and print a line if a contrast was closed since the last one."""
        step = self._step(summaries)
        now = step.replay.now
        if self._told is None:  # contrasts that are never asked are no news
            self._told = {key for key, blocks in now.since.items() if not blocks}
        new = [key for key in now.since if key not in self._told]
        self._told = set(now.since)
        if self._silent or not step.replay.blocks or not new:
            return step
        said = []
        for key in (key for key in new if key in now.decided):
            found = now.estimates[key]
            assert found.estimate is not None, "what is decided is estimated"
            shown = f"{POINTS.counted(found.estimate)} ({POINTS.span(found.low, found.high)})"
            said.append(f"{key} {now.decided[key].decision}, {shown}")
        moot = [key for key in new if key in now.moot]
        said += [f"{listing(moot)} asked for no more"] if moot else []
        left = f"{len(now.open)} of {len(now.p_holm)} contrasts open" if now.open else "nothing is open"
        self._console.print(
            f"after {step.replay.requests} requests: {'; '.join(said)}; {left}", highlight=False, markup=False,
            soft_wrap=True,
        )  # fmt: skip
        return step

    def _step(self, summaries: Sequence[EvalSampleSummary]) -> Step:
        plan = self._plan
        tables = tables_of(summaries, plan.judge, "the study", pending=plan.grading is not None, task=task_of(plan))
        return self._route.step(outvoted(tables), {str(one.id) for one in summaries})
