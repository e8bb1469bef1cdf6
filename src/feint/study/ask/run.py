"""Run a study: Inspect's eval set asks, retries, logs and resumes; nothing of that is written here."""

from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.log import EvalLog
from inspect_ai.model import CachePolicy, Model
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.progress import Display, Progress, showing
from feint.base.quiet import quiet
from feint.base.subjects import is_ours
from feint.money.account import opened
from feint.money.budget import Budget
from feint.money.ledger import Ledger
from feint.study.ask.cache import study_cache
from feint.study.ask.gates import Gates, make_budget
from feint.study.ask.looks import Looks
from feint.study.ask.source import Rounds
from feint.study.ask.stop import reopen_stopped, stop_of
from feint.study.folder import Folder, Start
from feint.study.judge.current import current, open_current
from feint.study.judge.judging import judge_log
from feint.study.logs import drop_older_logs, newest_log, read_summaries, reopen_failed
from feint.study.plan.frozen import ALL, Plan
from feint.study.plan.generation import leave_out
from feint.study.plan.subject import Limits, open_subject
from feint.study.plan.tasks import task_of

LOG_BUFFER = 100
"""Samples between two writes of the log, each of which writes all of it; the cache keeps what a crash would lose."""


@dataclass(frozen=True)
class Part:
    """One of the tasks of a study: where its logs lie, how much it asks, and how its progress is called.

    `most` says that it may ask less.
    """

    task: Task
    logs: Path
    total: int
    doing: str
    most: bool = False


def run_study(
    plan: Plan,
    folder: Folder,
    *,
    start: Start = "new",
    limits: Limits | None = None,
    display: Display = "none",
    console: Console | None = None,
    budget: Budget | None = None,
) -> EvalLog:
    """Ask everything the plan says that has not been replied to yet, and then the judges about all replies.

    It goes in rounds, where judging is paid from the same budget as asking or says whether more is to be asked: each
    round asks, judges, and looks whether another wants more. Every reply is written to the study's cache before
    anything else is done with it, so that neither a crash nor an interrupt loses one; the log is written now and then.
    Samples that failed are missing, and asked again by the next `resume`; so are questions that a judge did not answer.

    Args:
        plan: The frozen plan.
        folder: Where the study lies.
        start: Whether the study is new, goes on, or takes the place of another.
        limits: Of the calls of models.
        display: How progress is shown.
        console: Where; standard error by default.
        budget: What may be spent; its `stops` say afterwards what was left out for want of it. Without, there is no
            limit.

    Returns:
        The header of the complete log of the replies.

    Raises:
        UsageError: The subject or a judge cannot be opened, the folder does not fit, or the study did not complete.
    """
    folder.check(plan, start)
    limits = limits or Limits()
    model = leave_out(open_subject(plan.subject, plan.model_args), plan.left_out)
    judged = current(folder, plan) if start == "resume" else plan
    panel = open_current(judged, limits)
    budget = budget or make_budget([judged])
    task = task_of(plan).inspect_task(plan.task, scored=plan.grading is None)
    replies = Part(task, folder.logs, plan.planned["replies"], "asked", plan.until != ALL)
    console = console or Console(stderr=True)
    shown: dict[str, Any] = {"display": display, "console": console}
    rounds = Rounds(judged, task, Looks(console, display)) if plan.until != ALL else None
    folder.create(plan, anew=start == "overwrite")

    def ask(part: Part) -> EvalLog:
        progress = standing(part)
        progress.spent = budget.text
        with study_cache(folder.cache), quiet(), showing(progress, **shown):
            log = ask_all(part.task, model, plan, part.logs, limits)
        if log.status != "success":
            reason = log.error.message.strip().splitlines()[0] if log.error else log.status
            raise UsageError(f"{folder.path}: the study did not complete ({reason}); go on with --resume")
        drop_older_logs(part.logs, log)
        return log

    def ask_quiz(gates: Gates | None = None) -> None:
        if "quiz" not in plan.planned:
            return
        questions = task_of(plan).quiz(plan.task)
        assert questions is not None, "the plan counts questions"
        if gates:
            gates.limit(questions, newest_log(folder.quiz), "quiz")
        ask(Part(questions, folder.quiz, plan.planned["quiz"], "quiz: asked"))
        if gates:
            gates.shut("quiz")

    with folder.held(), opened(budget, Ledger(folder.spending)):
        if not budget.limited:
            ask_quiz()
        more: tuple[str, ...] | None = None
        while True:
            before, log = more, newest_log(folder.logs)
            step = rounds.prepare(log, whole=not budget.limited and judged.grading is None) if rounds else None
            gates = Gates(budget, judged, step.cells if step else 0) if budget.limited else None
            if gates:
                gates.limit(task, log, "asking")
            log = ask(replies)
            gate = gates.judging() if gates else None
            complete = panel is None or judge_log(
                log, panel, folder.cache, study=plan.sha256, gate=gate, spent=budget.text, **shown
            )
            if gates:
                gates.close()
            more = rounds.after(log).lacking if rounds else ()
            if not budget.again and (budget.stops or not more or more == before):
                break
        if gates:
            # Where money may not last, it is for the replies first.
            ask_quiz(gates)
        # What was left out may have been paid for by a run that died, and then lies in the cache.
        if complete and not budget.stops:
            folder.drop_cache()
    return log


def ask_all(task: Task, model: Model, plan: Plan, logs: Path, limits: Limits) -> EvalLog:
    """Run the eval set of one task.

    Returns:
        The header of its log.

    Raises:
        KeyboardInterrupt: The run was stopped.
    """
    # Inspect starts slowly and feels its way up, which protects a remote service and only delays one of ours.
    local = model.api.max_connections() if is_ours(plan.subject) else None
    given: dict[str, Any] = ({"max_connections": local} if local else {}) | limits.given()
    # In a context of its own, because Inspect leaves an evaluation's settings, its cache too, to whoever asks next.
    _, headers = copy_context().run(
        eval_set,
        task,
        log_dir=str(logs),
        model=model,
        retry_attempts=1,
        retry_immediate=False,
        fail_on_error=False,
        retry_on_error=1,
        display="none",
        score_display=False,
        log_format="eval",
        log_realtime=False,
        log_buffer=LOG_BUFFER,
        cache=CachePolicy(expiry=None, scopes={"plan": plan.sha256}),
        **given,
        **plan.generate,
    )
    log = headers[0] if headers else newest_log(logs)
    if log is None or log.status in ("started", "cancelled"):
        raise KeyboardInterrupt  # Inspect ends an interrupted run in several ways, not all of which raise
    return log


def standing(part: Part) -> Progress:
    """How far an earlier run came; samples that failed in it are made ready to be asked again."""
    progress = Progress(part.total, doing=part.doing, most=part.most)
    log = newest_log(part.logs)
    if log is not None:
        failed = reopen_failed(log) if log.status == "success" else 0
        if stop_of(log):
            reopen_stopped(log)
        progress.reused = progress.asked = len(read_summaries(log)) - failed
    return progress
