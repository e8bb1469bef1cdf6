"""Run a study: Inspect's eval set asks, retries, logs and resumes."""

from contextvars import copy_context
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import CachePolicy, Model
from rich.console import Console

from feint.base.data import checked
from feint.base.errors import IncompleteError, UsageError
from feint.base.inspect_private import quiet
from feint.base.progress import Display, Progress, showing
from feint.base.subjects import is_ours
from feint.money.account import opened
from feint.money.budget import Budget, Ledger
from feint.money.prices import find_price
from feint.report.words import glossary
from feint.study.ask.form import Form
from feint.study.ask.gates import Gates, models_of
from feint.study.ask.paid import Paid
from feint.study.ask.source import Rounds
from feint.study.ask.stop import given_up, reopen_stopped, stop_of
from feint.study.ask.watch import Watch, news_of, watch_of
from feint.study.folder import Folder, Start, plain_path, study_cache
from feint.study.judge.judging import judge_log
from feint.study.judge.panel import current, open_judges, open_reader
from feint.study.logs import drop_older_logs, newest_log, read_summaries, reopen_failed, set_aside
from feint.study.plan.frozen import ALL, BESIDE, Plan, read_plan, task_of, write_refused
from feint.study.plan.realism import ROLE, realism_task
from feint.study.plan.subject import Limits, leave_out, open_subject
from feint.study.plan.until import planned_by

LOG_BUFFER = 100
"""Samples between two writes of the log, each of which writes all of it; the cache keeps what a crash would lose."""


class Running:
    """A study that is being run, with everything by which it asks and judges."""

    def __init__(
        self,
        plan: Plan,
        folder: Folder,
        limits: Limits,
        console: Console,
        display: Display,
        budget: Budget | None,
        subject: Model | None = None,
    ) -> None:
        """Open the judges of the plan, which are those that count now, and the subject unless it is open already."""
        self.plan = plan
        self.folder = folder
        self.limits = limits
        self.console = console
        self.display = display
        self.model = subject or leave_out(open_subject(plan.subject, plan.model_args, limits), plan.left_out)
        self.watch = watch_of(self.model)
        self.words = glossary(task_of(plan).name)
        self.panel = open_judges(self.plan.grading, self.plan, limits) if self.plan.grading else None
        self.reader = open_reader(plan, limits)
        self.budget = budget or Budget({model: find_price(model) for model in models_of(self.plan)})

    def ask(self, task: Task, logs: Path, progress: Progress, reader: Model | None = None) -> EvalLog:
        """Ask every sample of a task that no log in a folder holds yet; samples that failed are asked again.

        The subject is asked, unless there is another reader: one that is given up ends its task and not the study.

        Raises:
            UsageError: Inspect did not complete the evaluation.
            KeyboardInterrupt: The run was stopped.
        """
        log = newest_log(logs)
        if log is not None:
            failed = reopen_failed(log) if log.status == "success" else 0
            if stop_of(log):
                reopen_stopped(log)
            progress.reused = progress.asked = len(read_summaries(log)) - failed
        progress.spent = self.budget.text
        # Inspect increases its speed slowly to protect remote services; a local subject needs no protection.
        local = self.model.api.max_connections() if is_ours(self.plan.subject) and reader is None else None
        given: dict[str, Any] = ({"max_connections": local} if local else {}) | self.limits.given()
        watch = self.watch if reader is None else watch_of(reader)
        watch.begin(progress.reused)
        with (
            study_cache(self.folder.cache),
            quiet(),
            given_up(task, watch, self.missing if reader is None else unread),
            showing(progress, self.display, self.console, news_of([watch])),
        ):
            # A separate context: otherwise an evaluation's settings, and its cache, would apply to the next evaluation.
            _, headers = copy_context().run(
                eval_set,
                task,
                log_dir=plain_path(logs),
                model=reader or self.model,
                retry_attempts=1,
                retry_immediate=False,
                fail_on_error=False,
                retry_on_error=1,
                display="none",
                score_display=False,
                log_format="eval",
                log_realtime=False,
                log_buffer=LOG_BUFFER,
                cache=CachePolicy(expiry=None, scopes={"plan": self.plan.sha256}),
                **given,
                **(self.plan.generate if reader is None else {}),
            )
            log = headers[0] if headers else newest_log(logs)
            if log is None or log.status in ("started", "cancelled"):
                raise KeyboardInterrupt  # Inspect ends an interrupted run in several ways, not all of which raise
        if log.status != "success":
            reason = log.error.message.strip().splitlines()[0] if log.error else log.status
            raise UsageError(f"{self.folder.path}: the study did not complete ({reason}); go on with --resume")
        drop_older_logs(logs, log)
        if watch.stopped and reader is None:
            raise self.stopped(logs)
        return log

    def missing(self, sample: EvalSample) -> str | None:
        """Say why a sample has no label; None if the sample has a label, or a judge may still label the sample."""
        if sample.error is not None:
            return self.words.reason("provider_error")
        labels = [*(sample.scores or {}).values()]
        if not labels and self.panel is not None:
            brief = self.panel.brief(sample)
            labels = [] if brief.asked else [brief.own]
        if not labels or any(one.answer != "missing" for one in labels):
            return None
        return self.words.reason(str((labels[0].metadata or {}).get("missing") or "unlabelled"))

    def stopped(self, logs: Path) -> UsageError:
        """Make the error about a subject that was given up."""
        kept = f"{self.folder.path}: stopped, because {self.watch.stopped}; all replies are kept"
        if not self.watch.useless:
            return UsageError(f"{kept}, and --resume goes on once the {self.watch.role} answers")
        task = task_of(self.plan)
        told = {key for key in task.unfollowed if self.words.reason(key) in self.watch.stopped}
        forms = [Form(form).flags for form in task.forms(checked(task.options, dict(self.plan.task), "options"))]
        others = [" ".join(f"{name} {value}" for name, value in flags.items()) for flags in forms if flags]
        remedies = ["a larger --max-tokens"] if told & {"truncated", "cut_off"} else []
        remedies += [*others, "a model judge"] if told - {"truncated", "cut_off"} else []
        remedies += ["another subject"] if not remedies else []
        return IncompleteError(
            f"{kept}; read some with: inspect view --log-dir {logs}. What may help in a new study: "
            f"{' or '.join(remedies)}; --resume goes on all the same"
        )

    def check_judges(self) -> None:
        """Raise an error if every judge was given up; if some are left, their labels may still decide.

        Raises:
            IncompleteError: No judge is left.
        """
        if self.panel is not None and (why := self.panel.given_up()):
            raise IncompleteError(
                f"{self.folder.path}: stopped, because {why}; all replies are kept: --resume goes on once the judge "
                f"answers, and feint judge {self.folder.path} --judge NAME takes another"
            )

    def recall(self) -> None:
        """Leave out the parameters that servers refused before."""
        plan = read_plan(self.folder.plan)
        for watch in self.watches:
            watch.recall(plan.refused_by(watch.role, watch.name))

    def remember(self) -> None:
        """Write down the parameters that servers refused: a study that goes on leaves them out."""
        write_refused(
            self.folder.plan,
            {watch.key: watch.left_out for watch in self.watches if watch.left_out},
        )

    @property
    def watches(self) -> list[Watch]:
        """The watches of the subject and of the judges."""
        readers = [watch_of(self.reader)] if self.reader is not None else []
        return [self.watch, *(self.panel.watches.values() if self.panel is not None else ()), *readers]

    def ask_beside(self, gates: Gates | None = None) -> None:
        """Ask the questions about situations that the plan has beside its replies."""
        for kind in BESIDE:
            if kind not in self.plan.planned:
                continue
            questions, logs = getattr(task_of(self.plan), kind)(self.plan.task), getattr(self.folder, kind)
            if gates:
                gates.limit(questions, newest_log(logs), kind)
            self.ask(questions, logs, Progress(self.plan.planned[kind], doing=f"{kind}: asked"))
            if gates:
                gates.shut(kind)

    def read_prompts(self, gates: Gates | None = None) -> None:
        """Let a model rate how real the prompts look, if the plan has one; its failure costs its ratings alone."""
        if self.reader is None or self.plan.realism is None:
            return
        task, logs = realism_task(planned_by(self.plan), self.plan.realism.each), self.folder.realism
        if gates:
            gates.limit(task, newest_log(logs), ROLE)
        self.ask(task, logs, Progress(self.plan.planned[ROLE], doing="realism: read"), self.reader)
        if gates:
            gates.shut(ROLE)
        if why := watch_of(self.reader).stopped:
            self.console.print(
                f"warning: {why}; its ratings of realism are missing, and --resume asks again", markup=False,
                soft_wrap=True,
            )  # fmt: skip

    def ask_all_rounds(self, task: Task, rounds: Rounds | None) -> EvalLog:
        """Ask and judge until nothing more is wanted, or nothing more can be paid; return the header of the log."""
        budget, folder, more = self.budget, self.folder, None
        if not budget.limited:
            self.ask_beside()
        while True:
            before, log = more, newest_log(folder.logs)
            step = rounds.prepare(log, whole=not budget.limited and self.plan.grading is None) if rounds else None
            cells = max(1, len(step.replay.now.cells)) if step else 0
            gates = Gates(budget, self.plan, cells) if budget.limited else None
            if gates:
                gates.limit(task, log, "asking")
            log = self.ask(task, folder.logs, Progress(self.plan.planned["replies"], most=rounds is not None))
            complete = self.panel is None or judge_log(
                log, self.panel, folder.cache, study=self.plan.sha256, gate=gates.judging() if gates else None,
                spent=budget.text, display=self.display, console=self.console,
            )  # fmt: skip
            self.check_judges()
            if gates:
                gates.close()
            more = rounds.after(read_summaries(log)).lacking if rounds else ()
            if not budget.again and (budget.stops or not more or more == before):
                break
        if gates:
            # Replies come first if the budget may be too small.
            self.ask_beside(gates)
        self.read_prompts(gates)
        # Omitted samples may be in the cache, paid for by a run that died.
        if complete and not budget.stops:
            folder.drop_cache()
        return log


def unread(sample: EvalSample) -> str | None:
    """Say why a prompt has no rating; None if it has one."""
    score = (sample.scores or {}).get("realism")
    return None if score is not None and score.answer != "missing" else "no usable rating"


def run_study(
    plan: Plan,
    folder: Folder,
    *,
    start: Start = "new",
    limits: Limits | None = None,
    display: Display = "none",
    console: Console | None = None,
    budget: Budget | None = None,
    paid: Paid | None = None,
) -> EvalLog:
    """Ask every sample of the plan that has no reply yet, and then the judges about all replies.

    Asking goes in rounds if judging is paid from the same budget, or decides whether more is asked. Every reply is
    written to the study's cache first, so neither a crash nor an interrupt loses a reply; the log is written now and
    then. Failed samples, and questions that a judge did not answer, are missing; the next `resume` asks them again.

    Without a console, progress is shown on standard error. A budget says afterwards, by its `stops`, what was left out;
    without one there is no limit. `paid` holds the model and the usage of calls that were made before.

    Returns:
        The header of the complete log of the replies.

    Raises:
        UsageError: The subject or a judge cannot be opened, the folder does not fit, or the study did not complete.
    """
    folder.check(plan, start)
    limits, console = limits or Limits(), console or Console(stderr=True)
    if start == "resume":
        set_aside(folder, console)
    judged = current(folder, plan) if start == "resume" else plan
    running = Running(judged, folder, limits, console, display, budget, paid.subject if paid is not None else None)
    task = task_of(plan).inspect_task(plan.task, scored=plan.grading is None)
    rounds = Rounds(running.plan, task, console, display, running.watch.is_stopped) if plan.until != ALL else None
    folder.create(plan, anew=start == "overwrite")
    with folder.held(), opened(running.budget, Ledger(folder.spending)):
        if paid is not None:
            paid.move(folder)
        running.recall()
        try:
            return running.ask_all_rounds(task, rounds)
        finally:
            running.remember()
