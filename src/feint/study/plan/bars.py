"""Thresholds of subjective fixtures from the runs of a study in which nothing was at stake."""

from pathlib import Path

from inspect_ai.log import read_eval_log_samples

from feint.base.errors import UsageError
from feint.study.folder import Folder
from feint.study.logs import newest_log
from feint.study.plan.frozen import read_plan
from feint.study.plan.tasks import task_of


def find_thresholds(path: Path, least: int) -> str:
    """Find the options of a next study that a finished study measures.

    Args:
        path: The study's folder.
        least: Scores that each median rests on at least.

    Raises:
        UsageError: The task has no such options, the log is not complete, or there are too few scores.
    """
    folder = Folder(path)
    plan = read_plan(folder.plan)
    log = newest_log(folder.logs)
    if log is None or log.status != "success":
        raise UsageError(f"{folder.logs}: not all runs are in; go on with --resume")
    samples = read_eval_log_samples(log.location, exclude_fields={"events", "messages", "attachments"})
    return task_of(plan).measured_options(samples, least)
