"""The logs of a study: which one counts, the labels in it, and single replies."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import pandas as pd
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    EvalSampleSummary,
    ProvenanceData,
    invalidate_samples,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
    read_eval_log_samples_by_id,
    write_eval_log,
    write_log_dir_manifest,
)
from inspect_ai.scorer import Score
from rich.console import Console

from feint.base.errors import UsageError
from feint.findings.analysis import EPOCH
from feint.stats.belief import Believed
from feint.stats.several_judges import REPLY, majority_table
from feint.stats.types import NOT_JUDGED
from feint.study.folder import Folder, plain_path
from feint.study.plan.grading import PANEL
from feint.tasks.registry import load_task
from feint.tasks.task import Task

COLUMNS = (
    "cell", "request", "wording", "voice", "seed", "sample", "twin", "value", "missing", "stated", "id", "epoch",
    "cut_off",
)  # fmt: skip


RATED = ("cell", "wording", "voice", "request", "rating", "missing", "sentence", "why", "gives_away")
"""Columns of the table of ratings of prompts."""


def newest_log(logs: Path) -> EvalLog | None:
    """Return the header of the newest log, which holds all samples of older logs; None without a log.

    Raises:
        UsageError: A log is cut off or damaged.
    """
    headers = []
    for path in list_logs(logs):
        with readable(path):
            headers.append(read_eval_log(path, header_only=True))
    return max(headers, key=lambda log: (log.status == "success", log.eval.created), default=None)


def list_logs(logs: Path) -> list[str]:
    """List the logs in a folder by their plain paths: an address, as Inspect lists them, loses what follows a "#"."""
    return sorted(str(path.resolve()) for path in logs.glob("*.eval"))


@contextmanager
def readable(place: str) -> Iterator[None]:
    """Turn whatever a damaged log raises, while the block reads it, into one line that names the log.

    Raises:
        UsageError: The log is cut off or damaged.
    """
    try:
        yield
    except UsageError:
        raise
    except OSError as error:
        if error.errno is not None:
            raise
        raise damaged(place, error) from None
    except Exception as error:  # zip, JSON and pydantic raise many kinds of error about damaged bytes
        raise damaged(place, error) from None


def damaged(place: str, error: Exception) -> UsageError:
    """Make the error, for the caller to raise, about a log that cannot be read."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return UsageError(
        f"{place}: this log is cut off or damaged ({reason}); feint study with --resume sets it aside and asks for "
        "what no other log has; an import is made anew"
    )


def set_aside(folder: Folder, console: Console | None = None) -> None:
    """Rename logs of a study that are cut off or damaged, and say so; the study can then go on.

    Raises:
        UsageError: Another process writes the study.
    """
    with folder.held():
        places = (folder.logs, folder.quiz, folder.belief, folder.realism)
        for path in (Path(log) for logs in places for log in list_logs(logs)):
            try:
                with readable(str(path)):
                    read_eval_log_sample_summaries(str(path))
                    check_packed(path)
            except UsageError:
                numbers = (path.with_name(f"{path.name}.torn{n or ''}") for n in count())
                aside = path.rename(next(one for one in numbers if not one.exists()))
                (console or Console(stderr=True, markup=False, highlight=False)).print(
                    f"note: this log is cut off or damaged, and is set aside: {aside}; what no other log and no cache "
                    "has is asked again", soft_wrap=True,
                )  # fmt: skip


def check_packed(path: Path) -> None:
    """Check all parts of a log; raises some error if one is damaged."""
    try:
        with ZipFile(path) as packed:
            if (broken := packed.testzip()) is not None:
                raise BadZipFile(broken)
    except NotImplementedError:  # packed in a way that the standard library does not know
        read_eval_log(str(path))


def drop_older_logs(logs: Path, log: EvalLog) -> None:
    """Remove the logs of interrupted runs: the complete log has all their samples, which must not count twice."""
    kept = Path(log.location).name
    for path in map(Path, list_logs(logs)):
        if path.name != kept:
            path.unlink(missing_ok=True)
    write_log_dir_manifest(plain_path(logs))


def read_summaries(log: EvalLog) -> list[EvalSampleSummary]:
    """Read the summaries of a log's samples, in no particular order."""
    with readable(log.location):
        return read_eval_log_sample_summaries(log.location)


def read_log(log: EvalLog) -> EvalLog:
    """Read a log in full, by its header."""
    with readable(log.location):
        return read_eval_log(log.location)


def read_labels(log: EvalLog, judge: str, *, pending: bool = False, task: Task | None = None) -> pd.DataFrame:
    """Read the table of labels that inference takes: a row for each sample, with the columns of `COLUMNS`.

    Args:
        log: A log's header.
        judge: The judge; the majority counts for several judges, named as in `feint.study.plan.grading.PANEL`.
        pending: True to count replies without a label of this judge as missing; otherwise they are an error.
        task: The task of the study; the usual task by default.

    Raises:
        UsageError: The log is not one of a study, or this judge has not labelled it.
    """
    return outvoted(tables_of(read_summaries(log), judge, log.location, pending=pending, task=task))


def outvoted(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Combine the tables of several judges by majority."""
    first = next(iter(tables.values()))
    if len(tables) == 1:
        return first
    own = [name for name in COLUMNS if name not in ("value", "missing", "stated")]
    return first[own].merge(majority_table(tables, list(first["cell"].unique())), on=REPLY)[list(COLUMNS)]


def tables_of(
    summaries: Sequence[EvalSampleSummary], judge: str, source: str, *, pending: bool = False, task: Task | None = None
) -> dict[str, pd.DataFrame]:
    """Make the table of labels of each judge from a log's summaries, as `read_labels` does; errors name `source`."""
    tables, task = {}, task or load_task()
    for name in judge.split(PANEL):
        rows = [label_row(summary, name, source, task, pending=pending) for summary in summaries]
        table = pd.DataFrame(rows, columns=[*COLUMNS, *task.further, *task.columns])
        tables[name] = table.sort_values(["request", "wording", "cell", "sample"], ignore_index=True)
    return tables


def label_row(
    summary: EvalSampleSummary, judge: str, source: str, task: Task, *, pending: bool = False
) -> dict[str, object]:
    """Read one sample's row; a sample that no judge labelled is missing, with the reason.

    The first measure comes from the judge's label, or from the task's own label if the task decides the outcome.
    """
    said = summary.metadata
    try:
        row = {key: said[key] for key in ("cell", "request", "wording", "voice", "seed", "twin")}
    except KeyError as error:
        raise UsageError(f"{source}: sample '{summary.id}' states no {error}; expected a log of a study") from None
    row |= {"id": summary.id, "epoch": summary.epoch, "stated": ()}
    row["sample"] = int(said.get("sample", 1)) + EPOCH * (summary.epoch - 1)
    scores = summary.scores or {}
    own, score = scores.get(task.judging.labels), scores.get(judge)
    row |= task.measured(own) | task.described(said.get("columns"))
    row["cut_off"] = own is not None and bool((own.metadata or {}).get("cut_off"))
    decides = own if task.judging.relabel is None else None
    if score is None and pending and summary.error is None:
        return row | ({"value": math.nan, "missing": NOT_JUDGED} if decides is None else outcome(decides, task))
    if score is None:
        if scores and summary.error is None:
            raise UsageError(f"{source}: sample '{summary.id}' has no label by '{judge}', only by {', '.join(scores)}")
        return row | {"value": math.nan, "missing": "provider_error"}
    return row | outcome(decides or score, task) | {"stated": tuple((score.metadata or {}).get("stated") or ())}


def outcome(score: Score, task: Task) -> dict[str, object]:
    """Read the first measure from a label, or why it is missing."""
    value = task.outcomes.get(score.answer or "", math.nan)
    missing = str((score.metadata or {}).get("missing") or "unlabelled") if math.isnan(value) else None
    return {"value": value, "missing": missing}


def read_quiz(log: EvalLog) -> pd.DataFrame:
    """Read the answers to comprehension questions: `right` is 1, 0 or NaN, `missing` the reason for NaN."""
    rows = []
    for summary in read_summaries(log):
        said, score = summary.metadata, (summary.scores or {}).get("quiz")
        right, missing = math.nan, "provider_error" if score is None else None
        if score is not None and score.answer == "missing":
            missing = (score.metadata or {}).get("missing")
        elif score is not None:
            right = float(score.value)  # type: ignore[arg-type]  # 0 or 1
        about = {"cell": said["cell"], "wording": said["wording"], "fact": said["fact"]}
        rows.append(about | {"options": len(said["letters"]), "right": right, "missing": missing})
    return pd.DataFrame(rows, columns=["cell", "wording", "fact", "options", "right", "missing"])


def read_beliefs(log: EvalLog, cells: Mapping[str, Mapping[str, str]]) -> Believed | None:
    """Read the answers to forced choices, given the facts of every cell; None if none was asked yet."""
    rows, about = [], dict[str, Any]()
    for summary in read_summaries(log):
        said, score = summary.metadata, (summary.scores or {}).get("believed")
        value, missing = math.nan, "provider_error" if score is None else None
        if score is not None and score.answer == "missing":
            missing = (score.metadata or {}).get("missing")
        elif score is not None:
            value = float(score.value)  # type: ignore[arg-type]  # 0 or 1
        row = {key: said[key] for key in ("cell", "wording", "voice", "holds")}
        rows.append(row | {"said": value, "missing": missing})
        about = {key: said[key] for key in ("fact", "signal", "noise", "words")}
    return Believed(pd.DataFrame(rows), **about, cells=cells) if rows else None


def read_realism(log: EvalLog) -> pd.DataFrame:
    """Read how real prompts look to a model: `rating` is 1 to 5 or NaN, `missing` the reason for NaN."""
    rows = []
    for summary in read_summaries(log):
        score = (summary.scores or {}).get("realism")
        about = (score.metadata or {}) if score is not None else {"missing": "judge_error"}
        known = score is not None and score.answer != "missing"
        row = {key: summary.metadata[key] for key in ("cell", "wording", "voice", "request")}
        row |= {"rating": float(score.answer) if known else math.nan, "missing": about.get("missing")}  # type: ignore[union-attr, arg-type]  # a label is a number
        row |= {key: str(about.get(key) or "") for key in ("sentence", "why")}
        rows.append(row | {"gives_away": tuple(map(str, about.get("gives_away") or ()))})
    return pd.DataFrame(rows, columns=list(RATED))


def read_reply(log: EvalLog, sample_id: str | int, epoch: int = 1) -> EvalSample:
    """Read a sample in full, without its events."""
    with readable(log.location):
        return read_eval_log_sample(log.location, sample_id, epoch, resolve_attachments=True, exclude_fields={"events"})


def read_replies(log: EvalLog, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, EvalSample]:
    """Read the samples of some labels, by cell, as `read_reply` does, and open the log once for all."""
    keys = [(row["id"], int(row["epoch"])) for row in rows.values()]
    with readable(log.location):
        found = read_eval_log_samples_by_id(log.location, keys, resolve_attachments=True, exclude_fields={"events"})
    return dict(zip(rows, found, strict=True))


def failures(log: EvalLog) -> list[str]:
    """Return one line for each sample that ended in an error: the words of the provider or of Inspect."""
    return [own_words(summary.error)[:200] for summary in read_summaries(log) if summary.error is not None]


def own_words(error: str) -> str:
    r"""Return an error in one line, without the request that Inspect repeats before the provider's words.

    >>> own_words(r"ModelGenerateError('\nRequest:\n{}\n\nBadRequestError(no seed)')")
    'BadRequestError(no seed)'
    """
    request, _, words = error.rpartition(r"\n\n")
    if "Request:" in request[:40]:
        error = words[:-2].replace(r"\'", "'")
    return " ".join(error.split())


def reopen_failed(log: EvalLog) -> int:
    """Mark samples that ended in an error as not done: an eval set asks them again. Return their number."""
    failed = [summary.uuid for summary in read_summaries(log) if summary.error is not None and summary.uuid]
    if failed:
        full = read_log(log)
        write_eval_log(invalidate_samples(full, failed, ProvenanceData(author="feint", reason="asked again")))
    return len(failed)
