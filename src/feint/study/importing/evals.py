"""Logs that `inspect eval feint/…` wrote become studies: the log holds the design, the options and the labels."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries, write_eval_log

from feint.base.data import checked
from feint.base.discovery import task_packages
from feint.base.errors import UsageError
from feint.base.failures import words_in
from feint.base.hashing import file_hash
from feint.designs import Design
from feint.findings import Findings
from feint.stats import Settings
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.logs import newest_log, outvoted, tables_of
from feint.study.plan.frozen import LOG, Plan, goes_on, read_plan
from feint.study.plan.until import compared
from feint.tasks.registry import load_task
from feint.tasks.shown import ABOUT
from feint.tasks.task import Task


def home_of(path: Path) -> Path | None:
    """Find the folder of the study that a log is a part of; None for a log that `inspect eval` wrote."""
    return path.parent.parent if (path.parent.parent / "plan.json").is_file() else None


def study_log(path: Path, folder: Path) -> Findings:
    """Make a study's folder of a log, or conclude an existing folder of the same log anew.

    Raises:
        UsageError: The file is no log of a task of Feint's, has no labels or no whole pair; or the folder is another
            study's. Nothing is written then.
    """
    if (home := home_of(path)) is not None:
        raise UsageError(f"{path}: a log of the study in {home}, which needs no import; name that folder")
    plan, new = plan_of(path), Folder(folder)
    known = new.plan.is_file() and read_plan(new.plan).sha256 == plan.sha256
    if known and not outdated(path, new):
        return conclude_folder(folder)
    anew = not known and rescored(path, plan, new)
    if not known and not anew and new.path.exists() and (not new.path.is_dir() or any(new.path.iterdir())):
        raise UsageError(f"{folder}: exists already, and is not the study of this log; give another folder: --out DIR")
    new.create(plan, anew=anew)
    with new.held():
        copy_log(path, new.logs)
        try:
            return conclude_folder(folder)
        except UsageError:
            if not known:
                shutil.rmtree(folder)
            raise


def rescored(path: Path, plan: Plan, folder: Folder) -> bool:
    """Tell whether a folder is the study of an earlier state of the same log: one that was scored again, for example.

    Raises:
        UsageError: The study is of that log, and holds labels of people or judges that are not in the log.
    """
    if not folder.plan.is_file():
        return False
    old, inner = read_plan(folder.plan), newest_log(folder.logs)
    if inner is None or inner.eval.eval_id != read_eval_log(str(path), header_only=True).eval.eval_id:
        return False
    if without_log(old) != without_log(plan):
        return False
    if is_judged(folder) or any(one.is_file() for one in folder.labels.rglob("*")):
        raise UsageError(
            f"{folder.path}: the log has changed since this study was made of it, and the study holds labels that the "
            "log lacks; give another folder: --out DIR"
        )
    return True


def without_log(plan: Plan) -> str:
    """Hash a plan without the hash of its log."""
    hashes = {name: value for name, value in plan.hashes.items() if name != LOG}
    return plan.model_copy(update={"hashes": hashes}).hash()


def is_judged(folder: Folder) -> bool:
    """Tell whether judges have written into the log of a study."""
    return folder.judging.is_file() or folder.spending.is_file()


def outdated(path: Path, folder: Folder) -> bool:
    """Tell whether the copy of a log is missing, damaged, or other than the log; a copy that was judged is kept."""
    try:
        inner = newest_log(folder.logs)
    except UsageError:
        return True
    if inner is None:
        return True
    return path.suffix != ".json" and not is_judged(folder) and file_hash(Path(inner.location)) != file_hash(path)


def copy_log(path: Path, logs: Path) -> None:
    """Copy a log into a study in place of older copies; a copy that is interrupted leaves no log behind."""
    logs.mkdir(exist_ok=True)
    place = logs / f"{path.stem}.eval"
    part = place.with_name(f"{place.name}.part")
    if path.suffix == ".json":  # a study's folder holds logs of the other format only
        write_eval_log(read_eval_log(str(path)), str(part), format="eval")
    else:
        shutil.copyfile(path, part)
    part.replace(place)


def plan_of(path: Path) -> Plan:
    """Read the plan of a study from a log: its task's metadata, or the arguments that Inspect recorded.

    Raises:
        UsageError: The file cannot be read, is of another task, or has no labels.
    """
    log, summaries = read_log(path)
    task = task_of_log(path, log)
    about: dict[str, Any] = dict((log.eval.metadata or {}).get(ABOUT) or {})
    if about:
        design, conflict, items = Design.model_validate(about["design"]), about["conflict"], about["items"]
        options = {name: value for name, value in about["options"].items() if name in task.options.model_fields}
    else:
        given = {name: value for name, value in log.eval.task_args.items() if name in task.options.model_fields}
        settled = checked(task.options, given, path)
        plans = task.plan(settled)
        design, conflict, items, options = plans.design, task.about(plans), task.items(plans), settled.model_dump()
    epochs, cells = log.eval.config.epochs or 1, len(design.cells)
    asked = len(log.eval.dataset.sample_ids or range(log.eval.dataset.samples or len(summaries)))
    if log.eval.config.limit and not items:
        asked -= asked % cells  # the cells of a request follow one another, and a limit cuts the last request
    told = [one.metadata for one in summaries]
    config = {
        **log.eval.model_generate_config.model_dump(exclude_none=True),
        **log.plan.config.model_dump(exclude_none=True),
    }
    plan = Plan(
        subject=log.eval.model,
        model_args=dict(log.eval.model_args),
        design=design.model_dump(by_alias=True, mode="json"),
        conflict=conflict,
        task=options,
        generate=config,
        judge=judge_of(path, log, task, summaries),
        items=items,
        planned=counts_of(told, cells=cells, replies=asked * epochs),
        hashes={"design": design.sha256, LOG: file_hash(path)},
        settings=asdict(Settings()),
    )
    labels = compared(plan, outvoted(tables_of(summaries, plan.judge, str(path), task=task)))
    ended = log.status == "success"
    if labels.empty:
        onward = "evaluate anew with a larger --limit" if ended else goes_on(plan)
        raise UsageError(f"{path}: no {task.words.request} was asked in all its cells yet; {onward}")
    if ended:  # nothing is still to come: what a limit cut off was never planned
        whole = counts_of(labels.to_dict("records"), cells=cells, replies=len(labels))
        plan = plan.model_copy(update={"planned": whole})
    return plan.frozen()


def counts_of(told: Sequence[Mapping[Any, Any]], *, cells: int, replies: int) -> dict[str, int]:
    """Count the requests, twins and wordings of samples by their metadata, as `Plan.planned` holds the counts."""
    requests = {(one.get("request"), bool(one.get("twin"))) for one in told}
    return {
        "cells": cells,
        "requests": sum(not twin for _, twin in requests),
        "twins": sum(twin for _, twin in requests),
        "wordings": len({one.get("wording") for one in told}),
        "replies": replies,
    }


def again(path: Path, log: EvalLog) -> str:
    """Say how the samples of a log are got: a log that ended well is not retried."""
    return "evaluate anew, and let samples be logged" if log.status == "success" else f"run: inspect eval-retry {path}"


def read_log(path: Path) -> tuple[EvalLog, list[EvalSampleSummary]]:
    """Read a log's header and the summaries of its samples.

    Raises:
        UsageError: The file cannot be read as a log of Inspect, or holds no sample.
    """
    try:
        log = read_eval_log(str(path), header_only=True)
        summaries = read_eval_log_sample_summaries(str(path))
    except Exception as error:  # a broken archive or JSON fails in many ways
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise UsageError(
            f"{path}: cannot be read as a log of Inspect ({reason}); give a whole .eval or .json log"
        ) from None
    if not summaries:
        raise UsageError(f"{path}: a log without samples (its status is '{log.status}'); {again(path, log)}")
    return log, summaries


def task_of_log(path: Path, log: EvalLog) -> Task:
    """Find the task of a log.

    Raises:
        UsageError: The log is of a task that is none of Feint's.
    """
    name = log.eval.task.rpartition("/")[2]
    if name not in task_packages():
        raise UsageError(
            f"{path}: a log of the task '{log.eval.task}'; expected one that inspect eval feint/… wrote "
            f"({', '.join(task_packages())}). Replies of other tasks can be imported as a table"
        )
    return load_task(name)


def judge_of(path: Path, log: EvalLog, task: Task, summaries: Sequence[EvalSampleSummary]) -> str:
    """Name the labels of a log that count: those of the task's own scorer, or else those of the only one.

    Raises:
        UsageError: No sample has a label, or several other scorers gave some.
    """
    names = sorted({name for one in summaries for name in one.scores or {}})
    if task.judging.labels in names:
        return task.judging.labels
    if len(names) == 1:
        return names[0]
    failed = [one.error for one in summaries if one.error is not None]
    if len(failed) == len(summaries):
        raise UsageError(
            f"{path}: all {len(failed):,} samples ended in an error, the first with '{words_in(failed[0])}'; "
            f"{again(path, log)}"
        )
    there = f"only by {', '.join(names)}" if names else "by none"
    raise UsageError(
        f"{path}: its samples are not labelled by '{task.judging.labels}' ({there}); label them with: inspect score "
        f"{path} --scorer feint/{task.judging.labels}"
    )
