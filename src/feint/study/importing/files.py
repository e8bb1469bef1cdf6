"""Turn files that other tools recorded into studies: a folder for each subject, with the parts of any study."""

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from feint.base.errors import UsageError
from feint.base.hashing import file_hash, sha256_of
from feint.findings import Findings
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.importing import Collection, RecordedReply, read_files
from feint.study.importing.integrity import check_cells, check_subjects
from feint.study.importing.logs import write_log
from feint.study.plan.frozen import Plan, default_settings, design_content

IMPORTED = "imported"
FEW = 4
"""Least number of subjects for which further processes are started."""


@dataclass(frozen=True)
class SubjectImport:
    """Everything that the study of a subject is made from, for any process."""

    subject: str
    folder: Path
    collection: Collection
    form: str
    hashes: Mapping[str, str]
    warnings: Sequence[str]


def import_files(
    files: Sequence[Path], form: str, out: Path, columns: Mapping[str, str] | None = None, design: str | None = None
) -> dict[Path, Findings]:
    """Read transcripts, label them and conclude, subject by subject.

    Args:
        files: Files of one format.
        form: "table" or "vlaf".
        out: A new folder for the studies of all subjects.
        columns: For tables, the file's name of a column by ours.
        design: For tables, a design's name or file.

    Returns:
        Findings by folder of the study.

    Raises:
        UsageError: A file cannot be read or does not fit; nothing is written then.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists already; choose another --out")
    collection = read_files(files, form, columns, design)
    hashes = {path.name: file_hash(path) for path in files}
    if len(hashes) < len(files):
        raise UsageError(f"{', '.join(map(str, files))}: two files of one name; rename one")
    folders = subject_folders(out, list(collection.subjects))
    copied = check_subjects(collection.subjects)
    jobs = [
        SubjectImport(subject, folders[subject].path, replace(collection, transcripts=transcripts), form, hashes,
            [*copied[subject], *check_cells(subject, transcripts, list(collection.design.cells))])
        for subject, transcripts in collection.subjects.items()
    ]  # fmt: skip
    return dict(zip((job.folder for job in jobs), do_all(jobs), strict=True))


def do_all(jobs: Sequence[SubjectImport]) -> list[Findings]:
    """Import all subjects, on all processors if there are many: most of the time goes into writing logs."""
    workers = min(len(jobs), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if len(jobs) < FEW or workers < 2:
        return [do(job) for job in jobs]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(do, jobs))


def do(job: SubjectImport) -> Findings:
    """Write plan and log of a subject and conclude."""
    folder = Folder(job.folder)
    folder.create(make_import_plan(job.subject, job.collection, job.form, job.hashes))
    log = folder.logs / f"{folder.path.name}.eval"
    write_log(job.subject, job.collection, log, hashes=job.hashes, warnings=job.warnings)
    return conclude_folder(folder.path)


def make_import_plan(subject: str, collection: Collection, form: str, hashes: Mapping[str, str]) -> Plan:
    """Make the plan of a study whose replies were recorded before it.

    The files' hashes freeze the replies; `task` tells the format of the import.
    """
    transcripts = collection.subjects[subject]
    plan = Plan(
        subject=subject,
        design=design_content(collection.design),
        conflict=collection.conflict,
        task={IMPORTED: form},
        judge=collection.judge,
        settings=default_settings(),
        planned={
            "cells": len(collection.design.cells), "requests": len({one.request for one in transcripts}), "twins": 0,
            "wordings": 1, "replies": whole(transcripts, len(collection.design.cells)),
        },
        hashes={"design": collection.design.sha256, "requests": sha256_of(sorted({
            (one.request, one.user) for one in transcripts})), **hashes},
    )  # fmt: skip
    return plan.frozen()


def whole(transcripts: Sequence[RecordedReply], cells: int) -> int:
    """Count the replies with a counterpart in every cell; the study concludes from these."""
    found: dict[tuple[str, int], int] = {}
    for one in transcripts:
        found[one.request, one.sample] = found.get((one.request, one.sample), 0) + 1
    return sum(count for count in found.values() if count == cells)


def subject_folders(out: Path, subjects: Sequence[str]) -> dict[str, Folder]:
    """Name a folder for every subject.

    Raises:
        UsageError: The names of two subjects give the same folder.
    """
    taken: dict[str, str] = {}
    for subject in subjects:
        slug = slug_of(subject)
        if slug.lower() in taken:
            raise UsageError(
                f"subjects '{taken[slug.lower()]}' and '{subject}' would share the folder {out / slug}; rename one"
            )
        taken[slug.lower()] = subject
    return {subject: Folder(out / slug_of(subject)) for subject in subjects}


def slug_of(subject: str) -> str:
    """Turn a subject's name into the name of a folder.

    >>> slug_of("openai/gpt 5")
    'openai-gpt-5'
    """
    return re.sub(r"[^A-Za-z0-9._]+", "-", subject).strip("-.") or "subject"
