"""Subjects side by side: from the folders of several studies to the rows of one comparison."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.subjects import is_organism, organism_name
from feint.base.vocabulary import usual_task, vocabulary
from feint.base.writing import write_text
from feint.stats.intervals import holm
from feint.stats.several import explain_subjects, fakes_by_subject
from feint.stats.types import LOW_COHERENCE
from feint.study.importing.families import Place, place_subjects

ALPHA = 0.05


@dataclass(frozen=True)
class Comparison:
    """What `feint.report.render_compare_html` and `print_compare` take.

    Attributes:
        rows: One for each study: `subject`, `design`, `family` and `stage` (or None), `n_requests`, `gap` (`estimate`,
            `low`, `high`, `decision`; also `p`, `p_holm` over the subjects and `adjusted`, the decision under it),
            `cells` and `replies` as in findings.json, and `verdict`.
        explanations: What the designs say of each explanation, see `feint.stats.several.explain_subjects`; only
            where a design can name one.
        fakes: Whether each subject fakes alignment, or what else the task's question is.
        task: The task that all of the studies are of.
        warnings: What is wrong with the data or must be known to read the table, a sentence each.
    """

    rows: list[dict[str, Any]]
    explanations: list[dict[str, Any]]
    fakes: dict[str, str]
    warnings: list[str]
    task: str = field(default_factory=usual_task)


@dataclass(frozen=True)
class Study:
    """One study's folder, read: its findings, and what its log says about the data."""

    path: Path
    findings: dict[str, Any]
    log_metadata: dict[str, Any]


def compare_folders(paths: Sequence[Path]) -> Comparison:
    """Set the studies of some folders side by side.

    Args:
        paths: Folders of studies, or folders that hold such folders.

    Raises:
        UsageError: A folder holds no study, or one without findings; or there is nothing to compare in them.
    """
    studies = [read_study(folder) for path in paths for folder in study_folders(path)]
    task = common_task(studies)
    names = subject_names(studies)
    subjects = [str(study.findings["subject"]) for study in studies]
    places = place_subjects(subjects) | place_organisms(subjects)
    rows = [
        {
            "subject": name, "design": study.findings["design"],
            **places[study.findings["subject"]]._asdict(),
            "n_requests": gap["n"], "gap": {key: gap[key] for key in ("estimate", "low", "high", "p", "decision")},
            "cells": study.findings["cells"], "replies": study.findings["replies"],
            "verdict": study.findings["verdict"],
        }
        for study, name in zip(studies, names, strict=True)
        for gap in [gap_of(study)]
        if gap is not None
    ]  # fmt: skip
    found = [(name, study.findings) for study, name in zip(studies, names, strict=True)]
    explanations = explain_subjects(found)
    able = any(entry["explanation"] != LOW_COHERENCE for entry in explanations)
    if not rows and not able:
        gap = vocabulary(task).words.gap
        raise UsageError(f"{paths[0]}: no design has a {gap} (`gap: true`) or names an explanation")
    return Comparison(
        rows,
        explanations if able else [],
        fakes_by_subject(found, vocabulary(task).words.headline),
        [*data_warnings(studies, names), *mixed_warnings(studies), *adjust(rows)],
        task,
    )


def common_task(studies: Sequence[Study]) -> str:
    """The task that all studies are of.

    Raises:
        UsageError: They are of several.
    """
    tasks = {str(study.findings.get("task", usual_task())): study.path for study in studies}
    if len(tasks) > 1:
        told = " and ".join(f"{path} of '{task}'" for task, path in tasks.items())
        raise UsageError(f"feint compare: studies of different tasks ({told}); compare those of one at a time")
    return next(iter(tasks), usual_task())


def study_folders(path: Path) -> list[Path]:
    """A study's folder itself, or those in a folder, by name.

    Raises:
        UsageError: There is none.
    """
    if (path / "findings.json").is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder; expected the folder of a study")
    if (path / "plan.json").is_file():
        raise UsageError(f"{path}: no findings yet; run `feint report {path}` first")
    inside = sorted(found.parent for found in path.glob("*/findings.json"))
    if not inside:
        raise UsageError(f"{path}: neither the folder of a study nor one that holds such folders (no findings.json)")
    return inside


def read_study(path: Path) -> Study:
    """Read a study's findings and the header of its newest log.

    Raises:
        UsageError: The findings cannot be read.
    """
    source = path / "findings.json"
    try:
        findings = json.loads(source.read_text(encoding="utf-8"))
        missing = {"subject", "design", "conflict", "judge", "replies", "cells", "contrasts", "verdict"} - set(findings)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{source}: cannot be read ({error}); recompute it with `feint report {path}`") from None
    if missing:
        raise UsageError(f"{source}: no key '{min(missing)}'; recompute it with `feint report {path}`")
    return Study(path, findings, log_metadata(path / "logs"))


def log_metadata(logs: Path) -> dict[str, Any]:
    """What the newest log in a folder says about all of its data, {} if there is no log."""
    from inspect_ai.log import list_eval_logs, read_eval_log

    headers = [read_eval_log(info, header_only=True) for info in (list_eval_logs(str(logs)) if logs.is_dir() else [])]
    newest = max(headers, key=lambda log: log.eval.created, default=None)
    return dict(newest.eval.metadata or {}) if newest else {}


def gap_of(study: Study) -> Mapping[str, Any] | None:
    """A study's compliance gap; some designs have none."""
    contrasts: dict[str, dict[str, Any]] = study.findings["contrasts"]
    return next((entry for entry in contrasts.values() if entry.get("gap")), None)


def place_organisms(subjects: Iterable[str]) -> dict[str, Place]:
    """Organisms beside the base model that they were trained from; none where it is not among the subjects."""
    ours = {subject for subject in subjects if is_organism(subject)}
    bases = {subject for subject in ours if organism_name(subject) == "base"}
    stages = {subject: "base" if subject in bases else "post-trained" for subject in ours}
    return {subject: Place("organisms", stage) for subject, stage in stages.items()} if bases else {}


def subject_names(studies: Sequence[Study]) -> list[str]:
    """Subjects' names; one that stands twice is told apart by its design, or by its folder."""
    subjects = [str(study.findings["subject"]) for study in studies]
    places = [study.path.name for study in studies]
    # Folders of several designs are called after the designs, so the folder above tells them apart.
    twice = {place for place, count in Counter(zip(subjects, places, strict=True)).items() if count > 1}
    return [
        subject if subjects.count(subject) == 1
        else f"{subject} ({study.path.parent.name}/{place})" if (subject, place) in twice
        else f"{subject} ({place})"
        for subject, place, study in zip(subjects, places, studies, strict=True)
    ]  # fmt: skip


def data_warnings(studies: Sequence[Study], names: Sequence[str]) -> list[str]:
    """What was found wrong when the data was imported, and subjects whose replies are the same."""
    found = [text for study in studies for text in study.log_metadata.get("warnings", [])]
    by_digest: dict[str, list[str]] = {}
    for study, name in zip(studies, names, strict=True):
        if digest := study.log_metadata.get("replies_digest"):
            by_digest.setdefault(digest, []).append(name)
    for same in by_digest.values():
        if len(same) > 1 and not any(all(name in text for name in same) for text in found):
            found.append(f"{' and '.join(same)} have identical replies: one is mislabelled or a copy")
    return list(dict.fromkeys(found))


def mixed_warnings(studies: Sequence[Study]) -> list[str]:
    """What the studies do not have in common and a comparison needs."""
    found = []
    for key, word in (("design", "designs"), ("conflict", "conflicts"), ("judge", "judges")):
        values = sorted({str(study.findings[key]) for study in studies})
        if len(values) > 1:
            found.append(
                f"The studies differ in their {word} ({', '.join(values)}); gaps of different {word} are not "
                "the same quantity."
            )
    return found


def adjust(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Adjust the gaps' p values over the subjects (Holm), in place, and say what that changes."""
    rows = list(rows)
    p_R = np.array([np.nan if row["gap"]["p"] is None else row["gap"]["p"] for row in rows], dtype=float)
    for row, p in zip(rows, holm(p_R), strict=True):
        lost = row["gap"]["decision"] == "yes" and not p < ALPHA
        row["gap"] |= {
            "p_holm": None if np.isnan(p) else float(p),
            "adjusted": "undetermined" if lost else row["gap"]["decision"],
        }
    if len(rows) < 2:
        return []
    yes = [row["subject"] for row in rows if row["gap"]["decision"] == "yes"]
    lost = [row["subject"] for row in rows if row["gap"]["decision"] != row["gap"]["adjusted"]]
    text = "Intervals and decisions are for each subject alone."
    if yes:
        outcome = "no yes changes" if not lost else f"{', '.join(lost)} would be undetermined"
        text += f" Adjusted for {len(rows)} gaps (Holm), {outcome}."
    return [text]


def compare_command(folders: Sequence[Path], out: Path | None) -> None:
    """Print a comparison and, where asked to, write it as a page.

    Raises:
        UsageError: See `compare_folders`; or the page cannot be written.
    """
    show_comparison(compare_folders(folders), Console(markup=False, highlight=False), out)


def show_comparison(found: Comparison, console: Console, out: Path | None) -> None:
    """Print a comparison and, where asked to, write it as a page.

    Raises:
        UsageError: The page cannot be written.
    """
    from feint.report import print_compare, render_compare_html

    told: Any = {
        "explanations": found.explanations,
        "fakes": found.fakes,
        "warnings": found.warnings,
        "say": vocabulary(found.task).words,
    }
    print_compare(found.rows, console, **told)
    if out is not None:
        try:
            write_text(out, render_compare_html(found.rows, **told))
        except OSError as error:
            raise UsageError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
        console.print(f"\npage: {out}", soft_wrap=True)
