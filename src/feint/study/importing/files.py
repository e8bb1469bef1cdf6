"""`feint import`: files that other tools recorded become studies, a folder for each subject."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from feint.base.errors import UsageError, unknown
from feint.base.hashing import file_hash, sha256_of
from feint.base.naming import folder_names
from feint.findings import Findings
from feint.stats import Settings
from feint.study.conclude.conclude import conclude_folder
from feint.study.folder import Folder
from feint.study.importing.integrity import check_cells, check_subjects
from feint.study.importing.logs import write_log
from feint.study.importing.table import read_table
from feint.study.importing.transcript import Collection
from feint.study.importing.vlaf import read_vlaf
from feint.study.plan.frozen import Plan

FORMATS = ("table", "vlaf")
IMPORTED = "imported"
FEW = 4
"""Least number of subjects for which further processes are started."""


def import_command(files: Sequence[Path], form: str, out: Path, columns: Mapping[str, str], design: str | None) -> None:
    """Import transcripts, and print the studies made of them."""
    console = Console(markup=False, highlight=False)
    found = import_files(files, form, out, columns, design)
    for path, findings in found.items():
        console.print(f"{findings.verdict.sentence}\n  {path}", soft_wrap=True)
    console.print(
        f"\n{len(found)} {'study' if len(found) == 1 else 'studies'} in {out}; side by side: feint compare {out}",
        soft_wrap=True,
    )


def import_files(
    files: Sequence[Path], form: str, out: Path, columns: Mapping[str, str] | None = None, design: str | None = None
) -> dict[Path, Findings]:
    """Read transcripts, label them and conclude, subject by subject.

    Args:
        files: Files of one format.
        form: One of `FORMATS`.
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
    subjects, cells = collection.subjects, list(collection.design.cells)
    folders, copied = name_folders(out, subjects), check_subjects(subjects)
    jobs = [
        (folders[subject], replace(collection, transcripts=transcripts), form, hashes,
            [*copied[subject], *check_cells(subject, transcripts, cells)])
        for subject, transcripts in subjects.items()
    ]  # fmt: skip
    workers = min(len(jobs), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if len(jobs) < FEW or workers < 2:
        return dict(zip(folders.values(), [import_subject(*job) for job in jobs], strict=True))
    # Most of the time goes into writing logs.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return dict(zip(folders.values(), pool.map(import_subject, *zip(*jobs, strict=True)), strict=True))


def read_files(
    files: Sequence[Path], form: str, columns: Mapping[str, str] | None = None, design: str | None = None
) -> Collection:
    """Read the replies in files of one format; takes the same as `import_files`.

    Raises:
        UsageError: An unknown format, no such file, or content that the reader cannot read.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    if form == "table":
        return read_table(files, columns, design)
    if columns or design:
        raise UsageError("--map and --design go with --format table; the columns of vlaf are known")
    return read_vlaf(files)


def name_folders(out: Path, subjects: Iterable[str]) -> dict[str, Path]:
    """Name a folder for every subject."""
    return {subject: out / name for subject, name in folder_names(subjects).items()}


def import_subject(
    path: Path, collection: Collection, form: str, hashes: Mapping[str, str], warnings: Sequence[str]
) -> Findings:
    """Write plan and log of one subject, whose replies are all of the collection, and conclude.

    The files' hashes freeze the replies; the plan's `task` tells the format of the import.
    """
    folder, transcripts, cells = Folder(path), collection.transcripts, len(collection.design.cells)
    in_cells = Counter((one.request, one.sample) for one in transcripts)
    plan = Plan(
        subject=transcripts[0].subject,
        design=collection.design.model_dump(by_alias=True, mode="json"),
        conflict=collection.conflict,
        task={IMPORTED: form},
        judge=collection.judge,
        planned={
            "cells": cells, "requests": len({one.request for one in transcripts}), "twins": 0, "wordings": 1,
            # The study concludes from the replies with a counterpart in every cell.
            "replies": cells * sum(count == cells for count in in_cells.values()),
        },
        hashes={"design": collection.design.sha256, "requests": sha256_of(sorted({
            (one.request, one.user) for one in transcripts})), **hashes},
        settings=asdict(Settings()),
    )  # fmt: skip
    folder.create(plan.frozen())
    write_log(collection, folder.logs / f"{path.name}.eval", hashes=hashes, warnings=warnings)
    return conclude_folder(path)
