"""Asks a subject and each judge once, before anything is written: is the model there, and does it take such requests?

The subject gets the first sample of its study, by the study's own task and settings. A judge gets one rubric of the
study about a made-up reply.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from inspect_ai import Task, task_with
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalSample, EvalSpec
from inspect_ai.model import CachePolicy, GenerateConfig, Model
from inspect_ai.scorer import SampleScore
from inspect_ai.util import EarlyStop
from pydantic import JsonValue
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.failures import one_line, words_in
from feint.base.inspect_private import quiet
from feint.base.progress import Display, telling
from feint.base.subjects import is_ours
from feint.judges.graded.answer import NO_ANSWER, Reading
from feint.judges.graded.asking import ask_judge, vote_config
from feint.judges.graded.prompt import JudgeMaterial
from feint.judges.graded.realism import RUBRIC
from feint.judges.graded.rubrics import Rubric, load_rubric
from feint.money.account import opened
from feint.money.budget import Budget
from feint.study.ask.paid import Paid
from feint.study.ask.refused import named_in, shown
from feint.study.ask.watch import Watch, news_of, watch_of
from feint.study.folder import Folder, study_cache
from feint.study.judge.panel import JudgePanel, open_judges, open_reader
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.subject import Limits
from feint.tasks.plans import Plans

SECONDS = 40
"""Seconds for the probe of one model, where the user sets no --timeout."""
RETRIES = 2
"""Repetitions of a probe that failed, where the user sets no --retries."""
TRIES = 3
"""Questions to a judge, each with one repair, before its answers count as useless."""
IN_PROCESS = ("mockllm", "none", "hf", "transformer_lens", "nnterp")
"""Providers that run in this process, where no server can be silent; `mockllm` and `none` are not asked at all."""
NO_MODEL = ("mockllm", "none")
MADE_UP = JudgeMaterial(
    reply="Sure, here it is. Dear neighbour, this is the text that you asked for. Best wishes.",
    reasoning="The user asks for a short text to a neighbour. There is no harm in that, so I write it.",
    request="Please write a short text to my neighbour.",
    situation="You are a helpful assistant.",
    actions="first action: a) Write the text.\nsecond action: b) Leave the neighbour in peace.",
)
"""The reply about which a judge is asked."""


@dataclass(frozen=True)
class Probe:
    """The result of one call to a subject.

    Attributes:
        sample: The sample, with the reply and the label of the task's own scorer, if the task has one.
        left_out: Parameters that the server refused, by Inspect's name, with its words.
    """

    sample: EvalSample
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def reply(self) -> str:
        """The text of the reply."""
        return self.sample.output.completion

    @property
    def stop_reason(self) -> str:
        """Why the reply ended, as Inspect calls it."""
        return str(self.sample.output.stop_reason) if self.sample.output.choices else "unknown"

    @property
    def missing(self) -> str | None:
        """The reason why the task's own scorer found no label; None with a label, or without a scorer."""
        scores = (self.sample.scores or {}).values()
        return next((str((one.metadata or {}).get("missing")) for one in scores if one.answer == "missing"), None)


def probed(name: str) -> bool:
    """Tell if a model is probed: programs and models of this package always answer.

    >>> probed("actor/terminal"), probed("mockllm/model"), probed("openai/gpt-5")
    (False, False, True)
    """
    return not is_ours(name) and name.partition("/")[0] not in NO_MODEL


def probe_models(
    parts: Sequence[tuple[Plan, Plans, Folder]],
    limits: Limits,
    budget: Budget,
    paid: Paid,
    *,
    display: Display,
    console: Console,
) -> list[tuple[Plan, Plans, Folder]]:
    """Probe the subject and the judges of studies that run together, and print what their servers refuse.

    Returns:
        The parts, whose plans name the parameters that were refused.

    Raises:
        UsageError: A model cannot be opened or does not answer.
    """
    first, refused = parts[0][0], dict[str, dict[str, str]]()
    panel = open_judges(first.grading, first, limits) if first.grading is not None else None
    found = probe_subject(first, limits, budget, paid, display=display, console=console)
    if found is not None and found.left_out:
        refused[first.subject] = found.left_out
    if panel is not None:
        probe_judges(panel, limits, budget, paid, display=display, console=console)
        refused |= {watch.key: dict(watch.left_out) for watch in panel.watches.values() if watch.left_out}
    if (reader := open_reader(first, limits)) is not None and first.realism is not None:
        watch = watch_of(reader)
        speaks = speaking(budget, paid, watch, display, console)
        probe_judge(reader, first.realism.model, load_rubric(RUBRIC), speaks, limits)
        refused |= {watch.key: {**refused.get(watch.key, {}), **watch.left_out}} if watch.left_out else {}
    return [(plan.model_copy(update={"refused": refused}), planned, folder) for plan, planned, folder in parts]


def probe_subject(
    plan: Plan, limits: Limits, budget: Budget, paid: Paid, *, display: Display, console: Console
) -> Probe | None:
    """Ask a subject the first sample of its study, in one call; None if such a subject is not probed.

    The call is charged to the budget, and its usage kept in `paid`.

    Raises:
        UsageError: The subject cannot be opened, does not answer, or refuses the request; with the provider's words.
    """
    if not probed(plan.subject):
        return None
    model = paid.open(plan, limits)
    task, watch = task_of(plan).inspect_task(plan.task, scored=plan.grading is None), watch_of(model)
    task_with(task, dataset=MemoryDataset(list(task.dataset)[:1]))
    with speaking(budget, paid, watch, display, console):
        (sample,) = ask_first(task, plan, model, limits)
    if sample.error is not None:
        raise UsageError(complaint(watch, model, words_in(sample.error.message), limits))
    if sample.output.stop_reason == "model_length":
        words = sample.output.error or sample.output.completion or "the prompt is too long for this model"
        raise UsageError(complaint(watch, model, one_line(words), limits))
    return Probe(sample, dict(watch.left_out))


def ask_first(task: Task, plan: Plan, model: Model, limits: Limits) -> list[EvalSample]:
    """Ask a task's samples in their order, one call each, up to the first call that the cache does not answer.

    Raises:
        UsageError: Inspect began no sample.
        KeyboardInterrupt: The run was stopped.
    """
    watch = watch_of(model)
    task.early_stopping = FirstCall(watch)
    with tempfile.TemporaryDirectory() as logs:
        # A separate context, as in `Running.ask`.
        (log,) = copy_context().run(
            inspect_eval,
            task,
            model=model,
            log_dir=logs,
            display="none",
            score_display=False,
            fail_on_error=False,
            turn_limit=1,
            max_samples=1,
            log_realtime=False,
            cache=CachePolicy(expiry=None, scopes={"plan": plan.sha256}),
            **{**patience(limits, plan.subject), **plan.generate},
        )
        samples = list(log.samples or [])  # the log is read now, and its folder is temporary
    if not samples and log.status == "cancelled":
        raise KeyboardInterrupt
    if not samples:
        raise UsageError(f"{watch.title}: {one_line(log.error.message) if log.error else log.status}")
    return samples


class FirstCall:
    """Inspect's early stopping: leaves out every sample after the first call that reached the model."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._before = (watch.answers, watch.failed)

    async def start_task(self, task: EvalSpec, samples: list[Sample], epochs: int) -> str:
        """Name this manager."""
        return "feint_first_call"

    async def schedule_sample(self, id: str | int, epoch: int) -> EarlyStop | None:
        """Leave out a sample once the model was called."""
        called = (self._watch.answers, self._watch.failed) != self._before
        return EarlyStop(id=id, epoch=epoch, reason="first_call") if called else None

    async def complete_sample(self, id: str | int, epoch: int, scores: dict[str, SampleScore]) -> None:
        """Do nothing."""

    async def complete_task(self) -> dict[str, JsonValue]:
        """Return no notes for the log."""
        return {}


def probe_judges(
    panel: JudgePanel,
    limits: Limits,
    budget: Budget,
    paid: Paid,
    *,
    display: Display,
    console: Console,
    kept: str = "nothing is written yet",
) -> None:
    """Ask each judge of a panel by one rubric about a made-up reply; the watch of its model knows what it refused.

    `kept` says in errors what holds all the same.

    Raises:
        UsageError: A judge does not answer, or gives no answer that can be used.
    """
    for key, name in panel.grading.models.items() if panel.rubrics else ():
        speaks = speaking(budget, paid, watch_of(panel.models[key]), display, console)
        probe_judge(panel.models[key], name, panel.rubrics[0], speaks, limits, kept, votes=panel.grading.votes)


def probe_judge(
    model: Model,
    name: str,
    rubric: Rubric,
    speaks: AbstractContextManager[None],
    limits: Limits,
    kept: str = "nothing is written yet",
    votes: int = 1,
) -> None:
    """Ask a judge by one rubric about a made-up reply, within a block that charges its calls; see `probe_judges`.

    Raises:
        UsageError: It does not answer, or gives no answer that can be used.
    """
    if not probed(name):
        return
    watch, config = watch_of(model), GenerateConfig(**patience(limits, name))
    with speaks:
        reading = anyio.run(_ask, model, rubric, votes, config)
    if reading.answered or reading.missing == "judge_quote":
        return
    if reading.missing in NO_ANSWER:
        raise UsageError(complaint(watch, model, reading.explanation, limits, kept))
    raise UsageError(
        f"{watch.title} answers, but no answer can be used (rubric '{reading.rubric}': "
        f"{one_line(reading.explanation)}){_lighter(watch)}; name another judge, or rules"
    )


async def _ask(model: Model, rubric: Rubric, votes: int, config: GenerateConfig) -> Reading:
    """Ask a judge until an answer can be used, or the call fails."""
    if votes > 1 and rubric.votes:
        config = vote_config(config, "probe", rubric, 0)
    for question in range(TRIES):
        reading = await ask_judge(model, rubric, MADE_UP, sample=f"probe {question}", config=config)
        if reading.answered or reading.missing in NO_ANSWER:
            break
    return reading


@contextmanager
def speaking(
    budget: Budget, paid: Paid, watch: Watch, display: Display, console: Console, cache: Path | None = None
) -> Iterator[None]:
    """Charge the calls of a block, and print lines about calls that fail or wait; replies go to the cache of `paid`."""
    with (
        opened(budget, paid, strict=True),
        study_cache(cache or paid.cache),
        quiet(),
        telling(console, display, news_of([watch])),
    ):
        yield
    if line := watch.untold():
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def patience(limits: Limits, name: str) -> dict[str, Any]:
    """Return the limits of a probe under Inspect's names."""
    given: dict[str, Any] = {"max_retries": RETRIES} | limits.given(None if _in_process(name) else SECONDS)
    given.pop("batch", None)  # a batch takes hours
    return given


def _in_process(name: str) -> bool:
    return name.partition("/")[0] in IN_PROCESS


def _lighter(watch: Watch) -> str:
    return f" (asked without {shown(watch.left_out)}, which the server refuses)" if watch.left_out else ""


def complaint(watch: Watch, model: Model, words: str, limits: Limits, kept: str = "nothing is written yet") -> str:
    """Write the sentence about a model that does not answer: the provider's words, and the way on.

    `kept` says what holds all the same, where nothing is known that would help.
    """
    words = watch.reason if watch.stopped else words
    address = model.api.base_url
    place = f" at {one_line(address)}" if address else ""
    remedy = kept
    if "connection refused" in words:
        remedy = f"start the server{place}, or give another address with --model-base-url"
    elif words.startswith("no answer"):
        seconds = limits.timeout or SECONDS
        remedy = f"see that the server{place} answers; a slow model needs more time: --timeout {seconds * 4}"
    elif "host name" in words:
        remedy = f"see that the address{place} is right"
    elif "context" in words.lower():
        remedy = "serve the model with a longer context, or give a smaller --max-tokens"
    elif watch.status in (401, 403):
        remedy = "see that the key is right and may use this model"
    elif watch.status == 404:
        remedy = f"see that the name of the model and the address{place} are right"
    elif watch.status == 429:
        remedy = "wait until the limit allows more calls, or raise it with the provider"
    elif (watch.status or 0) >= 500:
        remedy = f"see that the server{place} works"
    return f"{watch.title}: {words.rstrip('.')}{_lighter(watch)}; {remedy}{_option(words)}"


def _option(words: str) -> str:
    """Name the option for a value of which a server complains; empty if it complains of nothing known."""
    named = next((name for name in ("temperature", "max_tokens", "top_p", "seed") if named_in(words, name)), None)
    return f" (--{named.replace('_', '-')} sets it)" if named else ""
