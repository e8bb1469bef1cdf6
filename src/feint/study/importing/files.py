"""From files that other tools recorded to studies: a folder for each subject, with the same parts as any other."""

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
from feint.study.importing import Collection, Transcript, read_files
from feint.study.importing.integrity import check_cells, check_subjects
from feint.study.importing.logs import write_log
from feint.study.plan.frozen import Plan, default_settings, design_content

IMPORTED = "imported"
FEW = 4
"""Fewer subjects than this are not worth starting further processes for."""


@dataclass(frozen=True)
class Job:
    """All that the study of one subject is made from, to be done in any process."""

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
        out: A new folder; the study of each subject is put in it.
        columns: For tables, the file's name of a column by ours.
        design: For tables, a design's name or file.

    Returns:
        Findings by folder of the study.

    Raises:
        UsageError: What cannot be read or does not fit; nothing is written then.
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
        Job(subject, folders[subject].path, replace(collection, transcripts=transcripts), form, hashes,
            [*copied[subject], *check_cells(subject, transcripts, list(collection.design.cells))])
        for subject, transcripts in collection.subjects.items()
    ]  # fmt: skip
    return dict(zip((job.folder for job in jobs), do_all(jobs), strict=True))


def do_all(jobs: Sequence[Job]) -> list[Findings]:
    """Do all jobs, on all processors if they are many: nearly all of the time goes into Inspect's writing of logs."""
    workers = min(len(jobs), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if len(jobs) < FEW or workers < 2:
        return [do(job) for job in jobs]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(do, jobs))


def do(job: Job) -> Findings:
    """Write plan and log of one subject and conclude."""
    folder = Folder(job.folder)
    folder.create(make_import_plan(job.subject, job.collection, job.form, job.hashes))
    log = folder.logs / f"{folder.path.name}.eval"
    write_log(job.subject, job.collection, log, hashes=job.hashes, warnings=job.warnings)
    return conclude_folder(folder.path)


def make_import_plan(subject: str, collection: Collection, form: str, hashes: Mapping[str, str]) -> Plan:
    """The plan of a study whose replies were recorded before it.

    What was asked is frozen by the files' hashes; `task` says that and how it was imported.
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


def whole(transcripts: Sequence[Transcript], cells: int) -> int:
    """How many replies have a counterpart in every cell: what is concluded from."""
    found: dict[tuple[str, int], int] = {}
    for one in transcripts:
        found[one.request, one.sample] = found.get((one.request, one.sample), 0) + 1
    return sum(count for count in found.values() if count == cells)


def subject_folders(out: Path, subjects: Sequence[str]) -> dict[str, Folder]:
    """A folder's name for every subject.

    Raises:
        UsageError: Two subjects' names differ in nothing that a folder's name can show.
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
    """A subject's name as that of a folder."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", subject).strip("-.") or "subject"
