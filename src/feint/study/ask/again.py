"""Asks the models of a study that goes on once, before anything in its folder changes: a server may have gone.

The subject gets the first sample that has no reply yet, so that the call is one of the study's own.
"""

from collections.abc import Sequence

from inspect_ai import Task, task_with
from inspect_ai.dataset import MemoryDataset
from inspect_ai.log import EvalLog
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.failures import words_in
from feint.base.progress import Display
from feint.money.budget import Budget, Cost
from feint.study.ask.gates import Gates
from feint.study.ask.paid import Paid
from feint.study.ask.probe import ask_first, complaint, probe_judges, probed, speaking
from feint.study.ask.source import Rounds
from feint.study.ask.watch import watch_of
from feint.study.folder import Folder
from feint.study.judge.panel import current, open_judges, to_judge
from feint.study.logs import newest_log, read_log, read_summaries
from feint.study.plan.frozen import ALL, BESIDE, Plan, read_plan, task_of
from feint.study.plan.subject import Limits
from feint.tasks.plans import Plans

KEPT = "nothing of the study has changed, and the same command goes on once it answers"


def probe_again(
    parts: Sequence[tuple[Plan, Plans, Folder]],
    limits: Limits,
    budget: Budget,
    paid: Paid,
    *,
    display: Display,
    console: Console,
) -> None:
    """Probe the subject of studies that go on together, and their judges, if there is something left to ask of them.

    Raises:
        UsageError: A model cannot be opened or does not answer.
    """
    subject = judges = False
    for frozen, _, folder in parts:
        plan, log = current(folder, frozen), newest_log(folder.logs)
        task, beside = left_to_ask(plan, log, folder)
        if task is not None and not subject and probed(plan.subject):
            subject = True
            probe_rest(plan, task, folder, limits, budget, paid, display=display, console=console)
        if plan.grading is None or judges:
            continue
        replies = task is not None and not beside
        if replies or (log is not None and any(to_judge(read_log(log).samples or [], plan.grading).values())):
            judges = True
            panel = open_judges(plan.grading, plan, limits)
            for watch in panel.watches.values():
                watch.recall(read_plan(folder.plan).refused_by(watch.role, watch.name))
            if not budget.lacking(Cost(calls=len(panel.models))):
                probe_judges(panel, limits, budget, paid, display=display, console=console, kept=KEPT)


def left_to_ask(plan: Plan, log: EvalLog | None, folder: Folder) -> tuple[Task | None, bool]:
    """Return the task with the samples alone that have no reply yet, and True if these are questions beside the study.

    Such questions come once no reply is lacking; the task is None if nothing is left to ask.
    """
    task = task_of(plan).inspect_task(plan.task, scored=plan.grading is None)
    if plan.until != ALL:
        Rounds(plan, task, Console(quiet=True), "none").prepare(log, whole=False)
    every = [(task, log, False)]
    every += [
        (getattr(task_of(plan), kind)(plan.task), newest_log(getattr(folder, kind)), True)
        for kind in BESIDE
        if kind in plan.planned
    ]
    for asked, known, beside in every:
        done = {one.id for one in read_summaries(known) if one.error is None} if known is not None else set()
        if left := [sample for sample in asked.dataset if sample.id not in done]:
            return task_with(asked, dataset=MemoryDataset(left)), beside
    return None, False


def probe_rest(
    plan: Plan,
    task: Task,
    folder: Folder,
    limits: Limits,
    budget: Budget,
    paid: Paid,
    *,
    display: Display,
    console: Console,
) -> None:
    """Ask a subject the first sample of a task that the study's cache does not answer.

    Raises:
        UsageError: The subject cannot be opened, or does not answer.
    """
    if budget.limited and budget.lacking(Gates(budget, plan).one("asking")[1]):
        return  # the study says which limit is reached
    model = paid.open(plan, limits)
    watch = watch_of(model)
    watch.recall(read_plan(folder.plan).refused_by("subject", watch.name))
    watch.begin(1)
    with speaking(budget, paid, watch, display, console, folder.cache):
        samples = ask_first(task, plan, model, limits)
    failed = next((one for one in samples if one.error is not None), None)
    # A request that a living server refuses, as for its content, is missing in the study.
    if failed is not None and failed.error is not None and not watch.of_one_request():
        raise UsageError(complaint(watch, model, words_in(failed.error.message), limits, KEPT))
