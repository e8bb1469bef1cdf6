"""The samples and labels in a study's folder, read once."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from inspect_ai.log import EvalLog, EvalSampleSummary

from feint.base.errors import UsageError
from feint.findings.analysis import StudyData
from feint.stats.belief import Believed
from feint.study.folder import Folder
from feint.study.judge.panel import current
from feint.study.logs import (
    newest_log,
    outvoted,
    read_beliefs,
    read_quiz,
    read_realism,
    read_replies,
    read_summaries,
    tables_of,
)
from feint.study.plan.frozen import LOG, Plan, goes_on, read_plan, task_of
from feint.study.plan.until import compared
from feint.tasks.task import Task


@dataclass(frozen=True)
class Concluding:
    """A study, read.

    Attributes:
        plan: The `frozen` plan with the judges that count now.
        log: The header of the log that counts.
        summaries: The summaries of the log's samples.
        tables: The table of labels of each judge.
        labels: The labels that count, of requests that were asked in all their cells.
        quiz: The answers to comprehension questions; None if none were asked.
        beliefs: The forced choices about situations; None if none were asked.
        ratings: How real prompts look to a model; None if none was asked.
    """

    folder: Folder
    frozen: Plan
    plan: Plan
    log: EvalLog
    summaries: list[EvalSampleSummary]
    tables: dict[str, pd.DataFrame]
    labels: pd.DataFrame
    quiz: pd.DataFrame | None
    beliefs: Believed | None = None
    ratings: pd.DataFrame | None = None

    @property
    def task(self) -> Task:
        """The task."""
        return task_of(self.plan)

    @cached_property
    def counted(self) -> list[EvalSampleSummary]:
        """The summaries of the samples whose labels count."""
        known = set(zip(self.labels["id"].astype(str), self.labels["epoch"], strict=True))
        return [one for one in self.summaries if (str(one.id), one.epoch) in known]

    def data(self) -> StudyData:
        """Return the parts that the task's analyses and sections may read."""
        return StudyData(
            task=self.task.name,
            labels=self.labels,
            samples=self.counted,
            cells=self.plan.read_design().cells,
            contrasts=self.plan.contrasts(),
            settings=self.plan.read_settings(),
            read=lambda rows: read_replies(self.log, rows),
            source=self.log.location,
        )


def read_study(folder: Folder) -> Concluding:
    """Read a study's plan, its newest log and the labels in it.

    Raises:
        UsageError: The folder holds no plan or no log, or the log is not one of this plan.
    """
    frozen = read_plan(folder.plan)
    plan = current(folder, frozen)
    log = newest_log(folder.logs)
    if log is None:
        running = folder.runner()
        raise UsageError(f"{folder.logs}: no logs; {running or 'run the study first'}")
    summaries = read_summaries(log)
    tables = tables_of(summaries, plan.judge, log.location, pending=plan.grading is not None, task=task_of(plan))
    labels = compared(plan, outvoted(tables))
    if labels.empty:
        request = task_of(plan).words.request
        source = folder.logs if LOG not in plan.hashes else log.location
        raise UsageError(f"{source}: no {request} was asked in all its cells yet; {onward(folder, plan, log)}")
    quiz_log = newest_log(folder.quiz)
    if quiz_log is None and task_of(plan).asks_facts:
        quiz_log = log  # its answers tell whether it reads at all
    quiz = read_quiz(quiz_log) if quiz_log else None
    belief_log = newest_log(folder.belief)
    beliefs = read_beliefs(belief_log, plan.read_design().cells) if belief_log else None
    realism_log = newest_log(folder.realism)
    ratings = read_realism(realism_log) if realism_log else None
    return Concluding(folder, frozen, plan, log, summaries, tables, labels, quiz, beliefs, ratings)


def onward(folder: Folder, plan: Plan, log: EvalLog) -> str:
    """Say how a study is finished, or which process is running it."""
    if running := folder.runner():
        return running
    if LOG in plan.hashes and log.status == "success":
        return "evaluate anew with a larger --limit"
    return goes_on(plan)
