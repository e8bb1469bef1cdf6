"""`feint import`: files that other tools recorded become studies, a folder for each subject."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TypedDict, Unpack

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.hashing import file_hash, sha256_of
from feint.base.naming import folder_names
from feint.findings import Findings
from feint.report.judged import advice_line
from feint.report.text import one_line
from feint.report.words import count, glossary
from feint.stats import Settings
from feint.study.conclude.conclude import NotSavedError, conclude_folder
from feint.study.folder import Folder
from feint.study.importing.evals import study_log
from feint.study.importing.integrity import check_cells, check_subjects
from feint.study.importing.logs import write_log
from feint.study.importing.place import all_or_nothing, replaced
from feint.study.importing.several import name_logs
from feint.study.importing.sources import INSPECT, TABLE, find_sources
from feint.study.importing.table import read_table
from feint.study.importing.transcript import Collection, RecordedReply
from feint.study.importing.vlaf import read_vlaf
from feint.study.plan.frozen import IMPORTED, JUDGES, Plan
from feint.study.plan.grading import PANEL

LONGEST = 1000
"""Characters of a line at most, since names come from files."""
FEW = 4
"""Least number of subjects for which further processes are started."""
Job = tuple[Path, Collection, Mapping[str, str], Mapping[str, str], Sequence[str]]
"""The arguments of `import_subject`."""


class Given(TypedDict, total=False):
    """The user's options about the files' content; see `import_files`."""

    columns: Mapping[str, str] | None
    design: str | None
    complied: str | None
    scenarios: Sequence[Path]


class Manner(TypedDict, total=False):
    """The manner of an import.

    Attributes:
        overwrite: True to replace studies in the folder that were imported earlier.
        judges: Models that are to judge the replies next.
        tell: Takes each fault of the data, each subject that is set aside and the files that are passed over.
    """

    overwrite: bool
    judges: Sequence[str]
    tell: Callable[[str], object]


def import_command(
    files: Sequence[Path],
    form: str | None,
    out: Path,
    *,
    judges: Sequence[str] = (),
    overwrite: bool = False,
    **meaning: Unpack[Given],
) -> list[Path]:
    """Import recorded replies, and print the studies made of them, the faults of the data and what was left out.

    Takes the same as `import_files`, and returns the folders of the studies. Unless models are to judge them next, a
    line says how to do that.
    """
    console = Console(markup=False, highlight=False)
    notes: list[str] = []
    found = import_files(files, form, out, meaning, overwrite=overwrite, judges=judges, tell=notes.append)
    judged = bool(judges)
    for path, findings in found.items():
        items = count(findings.verdict.items or 0, glossary(findings.task).words.request)
        # What a rule says before a model has judged would only mislead.
        told = "" if judged else f"{one_line(findings.verdict.sentence, LONGEST)} ({items})\n  "
        console.print(f"{told}{path}", soft_wrap=True)
    console.print()
    for note in dict.fromkeys(notes):
        console.print(f"! {one_line(note, LONGEST)}", style="yellow", soft_wrap=True)
    console.print(
        f"{len(found)} {'study' if len(found) == 1 else 'studies'} in {out}; side by side: feint compare {out}",
        soft_wrap=True,
    )
    if not judged and (advice := advice_line(found.values(), next(iter(found)))):
        console.print(advice, soft_wrap=True)
    return list(found)


def import_files(
    files: Sequence[Path], form: str | None, out: Path, meaning: Given | None = None, **manner: Unpack[Manner]
) -> dict[Path, Findings]:
    """Read recorded replies, label them and conclude, subject by subject. All studies are written, or none.

    Args:
        files: Files of one format, or folders of such files.
        form: One of `sources.FORMATS`; None reads the format from the content.
        out: A new folder for the studies of all subjects.
        meaning: The meaning of the files' content: `columns` (for tables, the file's name of a column by ours, and the
            cell by the file's value of it), `design` (for tables, a design's name or file), `complied` (the label that
            counts: a column of a table, with =VALUE or >=NUMBER, or the letter of an action), and `scenarios` (scenario
            files of the VLAF release).
        manner: See `Manner`.

    Returns:
        Findings by folder of the study.

    Raises:
        UsageError: A file cannot be read or does not fit, or no subject can be studied; nothing is written then.
    """
    given, tell, overwrite = meaning or {}, manner.get("tell", bool), manner.get("overwrite", False)
    replaced(out, overwrite=overwrite)
    sources = find_sources(files, form or (TABLE if given.get("columns") or given.get("design") else None))
    if sources.passed_over:
        tell(f"passed over: {', '.join(path.name for path in sources.passed_over)}")
    if sources.form == INSPECT:
        if any(given.values()):
            raise UsageError(
                "--map, --design, --complied and --scenarios go with tables; a log of Inspect tells them all"
            )
        logs = name_logs(sources.files, tell)
        with all_or_nothing(out, overwrite=overwrite) as part:
            return {out / name: study_log(path, part / name) for path, name in logs.items()}
    collection = read_files(sources.files, sources.form, **given)
    for text in collection.warnings:
        tell(text)
    whole, aside = set_aside(collection)
    for reason in aside:
        tell(f"set aside: {reason}")
    if not whole:
        raise UsageError(f"{', '.join(map(str, files))}: nothing to study, since {'; '.join(aside[:3])}")
    read = short_names([*sources.files, *given.get("scenarios", ())])
    hashes = {name: file_hash(path) for name, path in read.items()}
    task = {IMPORTED: sources.form} | ({JUDGES: PANEL.join(judges)} if (judges := manner.get("judges")) else {})
    folders, copied = folder_names(whole), check_subjects(whole)
    with all_or_nothing(out, overwrite=overwrite) as part:
        done = import_subjects([
            (part / folders[subject], replace(collection, transcripts=transcripts), task, hashes,
                [*copied[subject], *check_cells(subject, transcripts, list(collection.design.cells))])
            for subject, transcripts in whole.items()
        ])  # fmt: skip
    for text in (text for _, warnings in done for text in warnings):
        tell(text)
    return {out / folder: findings for folder, (findings, _) in zip(folders.values(), done, strict=True)}


def read_files(
    files: Sequence[Path],
    form: str,
    columns: Mapping[str, str] | None = None,
    design: str | None = None,
    *,
    complied: str | None = None,
    scenarios: Sequence[Path] = (),
) -> Collection:
    """Read the replies of a table or of the VLAF release; takes the same as `import_files`.

    Raises:
        UsageError: Content that the reader cannot read, or an option of the other format.
    """
    files = find_sources(files, form).files
    if form == TABLE:
        if scenarios:
            raise UsageError("--scenarios goes with files of the VLAF release (--format vlaf); leave it out")
        return read_table(files, columns, design, complied)
    if columns or design:
        raise UsageError("--map and --design go with --format table; the columns of vlaf are known")
    return read_vlaf(files, scenarios, complied)


def set_aside(collection: Collection) -> tuple[dict[str, list[RecordedReply]], list[str]]:
    """Part the subjects that can be studied from those that cannot.

    Returns:
        The replies of each subject with replies to some request in all cells of the design; and for each other subject
        a line that names it and says what it lacks.
    """
    cells, whole, aside = list(collection.design.cells), {}, []
    for subject, replies in collection.subjects.items():
        by_cell = {cell: [one for one in replies if one.cell == cell] for cell in cells}
        lacking = [cell for cell, found in by_cell.items() if not found]
        requests = [{one.request for one in found} for found in by_cell.values()]
        numbered = [{(one.request, one.sample) for one in found} for found in by_cell.values()]
        shown = ", ".join(f"'{found[0].request}' in cell '{cell}'" for cell, found in by_cell.items() if found)
        if lacking:
            counts = ", ".join(f"{len(found):,} in cell '{cell}'" for cell, found in by_cell.items() if found)
            aside.append(f"{subject} has no reply in cell '{lacking[0]}' (only {counts})")
        elif not set.intersection(*requests):
            aside.append(f"the cells of {subject} share no request (such as {shown}); write the ids alike in all cells")
        elif not set.intersection(*numbered):
            aside.append(
                f"the cells of {subject} share requests, but no number of a sample; number the samples of a request "
                "alike in all cells, or leave the column out"
            )
        else:
            whole[subject] = replies
    return whole, aside


def short_names(paths: Sequence[Path]) -> dict[str, Path]:
    """Name files as briefly as tells them apart: by name, or from the folder in which their paths part."""
    files = list(dict.fromkeys(paths))
    if len({path.name for path in files}) == len(files):
        return {path.name: path for path in files}
    above = Path(os.path.commonpath([path.resolve() for path in files]))
    return {path.resolve().relative_to(above).as_posix(): path for path in files}


def import_subjects(jobs: Sequence[Job]) -> list[tuple[Findings, list[str]]]:
    """Import subjects, in several processes if there are many; see `import_subject`."""
    workers = min(len(jobs), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if len(jobs) < FEW or workers < 2:
        return [import_subject(*job) for job in jobs]
    # Most of the time goes into writing logs.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(import_subject, *zip(*jobs, strict=True)))


def import_subject(
    path: Path, collection: Collection, task: Mapping[str, str], hashes: Mapping[str, str], warnings: Sequence[str]
) -> tuple[Findings, list[str]]:
    """Write plan and log of one subject, whose replies are all of the collection, and conclude.

    The files' hashes freeze the replies; the plan's `task` tells the format of the import.

    Returns:
        The findings, and all warnings about the subject's data.

    Raises:
        UsageError: A file of the study cannot be written.
    """
    folder, transcripts, cells = Folder(path), collection.transcripts, len(collection.design.cells)
    in_cells = Counter((one.request, one.sample) for one in transcripts)
    plan = Plan(
        subject=transcripts[0].subject,
        design=collection.design.model_dump(by_alias=True, mode="json"),
        conflict=collection.conflict,
        task=dict(task),
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
    with folder.held():
        told = write_log(collection, folder.logs / f"{path.name}.eval", hashes=hashes, warnings=warnings)
        try:
            return conclude_folder(path), told
        except NotSavedError as error:  # the findings that it holds are of no use without their files
            raise UsageError(str(error)) from None
