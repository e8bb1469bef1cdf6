"""Run a study: Inspect's eval set asks, retries, logs and resumes; nothing of that is written here."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.log import EvalLog
from inspect_ai.model import CachePolicy, Model
from rich.console import Console

from feint.errors import UsageError
from feint.study.folder import Folder, Start
from feint.study.logs import drop_older_logs, newest_log, read_summaries, reopen_failed
from feint.study.plan import Plan
from feint.study.progress import Display, Tally, showing
from feint.study.quiet import quiet
from feint.study.subject import open_subject
from feint.subjects.named import is_organism
from feint.tasks.alignment_faking import alignment_faking
from feint.tasks.comprehension import comprehension

LOG_BUFFER = 100
"""Samples between two writes of the log, each of which writes all of it; the cache keeps what a crash would lose."""
CACHE_DIR = "INSPECT_CACHE_DIR"


@dataclass(frozen=True)
class Part:
    """One of the tasks of a study: where its logs lie, how much it asks, and how its progress is called."""

    task: Task
    logs: Path
    total: int
    doing: str


def run_study(
    plan: Plan,
    folder: Folder,
    *,
    start: Start = "new",
    max_connections: int | None = None,
    display: Display = "none",
    console: Console | None = None,
) -> EvalLog:
    """Ask everything the plan says that has not been replied to yet.

    Every reply is written to the study's cache before anything else is done with it, so that neither a crash nor an
    interrupt loses one; the log is written now and then. Samples that failed are missing, and asked again by the
    next `resume`.

    Args:
        plan: The frozen plan.
        folder: Where the study lies.
        start: Whether the study is new, goes on, or takes the place of another.
        max_connections: Requests in flight; None leaves it to Inspect and the provider.
        display: How progress is shown.
        console: Where; standard error by default.

    Returns:
        The header of the complete log of the replies.

    Raises:
        UsageError: The subject cannot be opened, the folder does not fit, or the study did not complete.
    """
    folder.check(plan, start)
    model = open_subject(plan.subject, plan.model_args)
    parts = [Part(alignment_faking(**plan.task), folder.logs, plan.planned["replies"], "asked")]  # type: ignore[arg-type]  # written from the same options
    if "quiz" in plan.planned:
        questions = comprehension(**plan.task)  # type: ignore[arg-type]  # likewise
        parts.insert(0, Part(questions, folder.quiz, plan.planned["quiz"], "quiz: asked"))
    folder.create(plan, anew=start == "overwrite")
    with folder.held():
        for part in parts:
            tally = standing(part)
            with (
                study_cache(folder.cache),
                quiet(),
                rare_collection(),
                showing(tally, display, console or Console(stderr=True)),
            ):
                log = ask_all(part.task, model, plan, part.logs, max_connections)
            if log.status != "success":
                reason = log.error.message.strip().splitlines()[0] if log.error else log.status
                raise UsageError(f"{folder.path}: the study did not complete ({reason}); go on with --resume")
            drop_older_logs(part.logs, log)
        folder.drop_cache()
    return log


def ask_all(task: Task, model: Model, plan: Plan, logs: Path, max_connections: int | None) -> EvalLog:
    """Run the eval set of one task.

    Returns:
        The header of its log.

    Raises:
        KeyboardInterrupt: The run was stopped.
    """
    # Inspect starts slowly and feels its way up, which protects a remote service and only delays one of ours.
    local = model.api.max_connections() if is_organism(plan.subject) else None
    limits: dict[str, Any] = {"max_connections": max_connections or local} if max_connections or local else {}
    _, headers = eval_set(
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
        **limits,
        **plan.generate,  # type: ignore[arg-type]  # temperature and max_tokens
    )
    log = headers[0] if headers else newest_log(logs)
    if log is None or log.status in ("started", "cancelled"):
        raise KeyboardInterrupt  # Inspect ends an interrupted run in several ways, not all of which raise
    return log


def standing(part: Part) -> Tally:
    """How far an earlier run came; samples that failed in it are made ready to be asked again."""
    tally = Tally(part.total, doing=part.doing)
    log = newest_log(part.logs)
    if log is not None:
        failed = reopen_failed(log) if log.status == "success" else 0
        tally.reused = tally.asked = len(read_summaries(log)) - failed
    return tally


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let the garbage collector look seldom and not at what is already there.

    A study keeps every sample until its end, and looking through them again and again takes a fifth of its time.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def study_cache(path: Path) -> Iterator[None]:
    """Let Inspect keep replies under a folder while the block runs."""
    before = os.environ.get(CACHE_DIR)
    os.environ[CACHE_DIR] = str(path.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ[CACHE_DIR]
        else:
            os.environ[CACHE_DIR] = before
