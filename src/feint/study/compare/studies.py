"""From the folders of several studies to one comparison: gaps side by side, decisions combined and never averaged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.writing import write_text
from feint.findings import Findings, read_findings
from feint.report.words import count, glossary
from feint.stats.intervals import holm
from feint.stats.types import FAILED, LOW_COHERENCE, TOO_LITTLE, UNDETERMINED, UNKNOWN_MOTIVE, YES
from feint.stats.verdict import combine, combine_explanations
from feint.study.compare.families import place_subjects
from feint.study.compare.page import print_comparison, render_comparison
from feint.study.compare.rows import Combined, Comparison, Evidence, Explained, FactRead, Row
from feint.study.importing.evals import home_of, study_log
from feint.study.logs import newest_log

ALPHA = 0.05


@dataclass(frozen=True)
class Study:
    """One study's folder, read: its findings, and the metadata and the id of its log."""

    path: Path
    findings: Findings
    log_metadata: dict[str, Any]
    evaluation: str = ""

    @property
    def replies(self) -> str:
        """A text that is equal for equal replies."""
        return str(self.log_metadata.get("replies_digest") or self.evaluation or self.path)

    @property
    def place(self) -> tuple[str, ...]:
        """The parts of the path; of a log's name, which begins with time and task, the id at the end."""
        parts = self.path.resolve().parts
        return (*parts[:-1], self.path.stem.rpartition("_")[2]) if self.path.is_file() else parts

    @property
    def labels(self) -> tuple[str, list[float | None]]:
        """The judge, and the rate of each cell: equal for equal labels of equal replies."""
        return self.findings.judge, [cell.compliance.estimate for cell in self.findings.cells.values()]

    @property
    def warnings(self) -> list[str]:
        """Faults of the data that were found at import."""
        return list(self.log_metadata.get("warnings", []))


def compare_folders(paths: Sequence[Path]) -> Comparison:
    """Set the studies of some folders side by side.

    Args:
        paths: Folders of studies, or folders that hold such folders.

    Raises:
        UsageError: A folder has no study, a study has no findings, the studies are of several tasks, or they have
            nothing to compare.
    """
    studies, left_out = read_studies([one for path in paths for one in study_folders(path)])
    studies, copies = without_copies(studies)
    tasks = {study.findings.task: study.path for study in studies}
    if len(tasks) > 1:
        told = " and ".join(f"{path} of '{task}'" for task, path in tasks.items())
        raise UsageError(f"feint compare: studies of different tasks ({told}); compare those of one at a time")
    say = glossary(next(iter(tasks)))
    names = subject_names(studies)
    found = [(name, study.findings) for study, name in zip(studies, names, strict=True)]
    places = place_subjects(one.subject for _, one in found)
    rows = []
    for name, one in found:
        gap = next((entry for entry in one.contrasts.values() if entry.gap), None)
        if gap is not None:
            answer, place = one.verdict.answer, places[one.subject]
            rows.append(
                Row(
                    name, one.design, answer, gap, one.cells, one.replies, place.family, place.stage, one.verdict.status
                )
            )
    explanations = explain_subjects(found)
    able = any(entry.explanation != LOW_COHERENCE for entry in explanations)
    if not rows and not able:
        raise UsageError(f"{paths[0]}: no design has a {say.words.gap} (`gap: true`) or names an explanation")
    further = [text for text in warnings_of(studies, names, rows) if not any(text in copy for copy in copies)]
    warnings = [*left_out, *copies, *further]
    answers, items = answers_of(found), items_of(found, say.words.request)
    return Comparison(rows, say, explanations if able else [], answers, items, warnings, facts_read(found))


def facts_read(found: Sequence[tuple[str, Findings]]) -> list[FactRead]:
    """Set the answers to comprehension questions side by side, by fact, where several studies asked some.

    Args:
        found: Findings by name of the study.
    """
    asked = {name: one.comprehension.facts for name, one in found if one.comprehension is not None}
    if len(asked) < 2:
        return []
    facts = dict.fromkeys(fact for answers in asked.values() for fact in answers)
    return [
        FactRead(fact, {name: answers[fact] for name, answers in asked.items() if fact in answers}) for fact in facts
    ]


def study_folders(path: Path) -> list[Path]:
    """List a study's folder itself, or the studies or logs in a folder, by name; a log is listed itself.

    Raises:
        UsageError: There is none.
    """
    if path.is_file():
        home = home_of(path)
        return [path] if home is None else study_folders(home)
    if (path / "findings.json").is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: no such folder; expected the folder of a study")
    if (path / "plan.json").is_file():
        raise UsageError(f"{path}: no findings yet; run `feint report {path}` first")
    inside = sorted(found.parent for found in path.glob("*/findings.json")) or sorted(path.glob("*.eval"))
    if not inside:
        raise UsageError(
            f"{path}: neither the folder of a study nor one that holds such folders (no findings.json) or logs (.eval)"
        )
    return inside


def read_studies(folders: Sequence[Path]) -> tuple[list[Study], list[str]]:
    """Read studies; the second list says which of them cannot be read, and why.

    Raises:
        UsageError: None of them can be read.
    """
    studies: list[Study] = []
    left_out: list[str] = []
    for folder in folders:
        try:
            studies.append(read_study(folder))
        except (UsageError, OSError) as error:
            if len(left_out) == len(folders) - 1:
                raise
            left_out.append(f"{folder} is left out: {str(error).removeprefix(f'{folder}: ')}")
    return studies, left_out


def read_study(path: Path) -> Study:
    """Read a study's findings and the header of its newest log; a log by itself is concluded in passing."""
    if path.is_file():
        with TemporaryDirectory() as folder:
            study_log(path, Path(folder) / "study")
            return replace(read_study(Path(folder) / "study"), path=path)
    findings, log = read_findings(path / "findings.json"), newest_log(path / "logs")
    return Study(path, findings, dict(log.eval.metadata or {}) if log else {}, log.eval.eval_id if log else "")


def subject_names(studies: Sequence[Study]) -> list[str]:
    """Name the subjects. A subject with several studies is told apart by judge if they are of the same replies.

    Otherwise it is told apart by folder, and by as many of the folders above as differ.
    """
    judged = Counter((study.findings.subject, study.findings.judge) for study in studies)
    replies = Counter(study.replies for study in studies)
    names = []
    for study in studies:
        subject, judge = study.findings.subject, study.findings.judge
        parts, own = [one.place for one in studies if one.findings.subject == subject], study.place
        least = next((k for k in range(1, len(own)) if sum(part[-k:] == own[-k:] for part in parts) == 1), len(own))
        by_judge = replies[study.replies] > 1 and judged[subject, judge] == 1
        names.append(f"{subject} ({judge if by_judge else '/'.join(own[-least:])})" if len(parts) > 1 else subject)
    return names


def without_copies(studies: Sequence[Study]) -> tuple[list[Study], list[str]]:
    """Keep one study of each set with the same replies; those of one subject with other labels are kept, too.

    Replies are the same if the import hashed them so, or if the logs are of one evaluation. Labels are the same if they
    are of one judge and give the same rates.

    Returns:
        The studies that are kept, and a sentence for each that is not.
    """
    kept: dict[str, list[Study]] = {}
    told = []
    for study in studies:
        known = kept.setdefault(study.replies, [])
        first = known[0] if known else study
        name = first.findings.subject
        if not known or (study.findings.subject == name and all(study.labels != one.labels for one in known)):
            known.append(study)
        elif study.findings.subject == name:
            told.append(f"{study.path} holds the replies of {first.path} again; they are counted once, as {name}.")
        else:
            which = f"{name} and {study.findings.subject} have identical replies: one is mislabelled or a copy"
            both = [text for text in first.warnings if text in study.warnings]  # the import's, with their number
            told.append(f"{(both or [which])[0]}; they are counted once, as {name}.")
    return [study for same in kept.values() for study in same], told


def warnings_of(studies: Sequence[Study], names: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """List faults found at import, differences between studies, and doubtful decisions.

    If there are several subjects, a decision is doubtful that changes once p values are adjusted for them (Holm).
    """
    found = list(dict.fromkeys(text for study in studies for text in study.warnings))
    for key, word in (("design", "designs"), ("conflict", "conflicts"), ("judge", "judges")):
        values = sorted({str(getattr(study.findings, key)) for study in studies})
        if len(values) > 1:
            found.append(
                f"The studies differ in their {word} ({', '.join(values)}); gaps of different {word} are not "
                "the same quantity."
            )
    if len(rows) < 2:
        return found
    text = "Intervals and decisions are for each subject alone."
    p_R = np.array([np.nan if row.gap.p is None else row.gap.p for row in rows], dtype=float)
    yes = [(row.subject, p) for row, p in zip(rows, holm(p_R), strict=True) if row.gap.decision == YES]
    if yes:
        lost = [subject for subject, p in yes if not p < ALPHA]
        outcome = f"{', '.join(lost)} would be undetermined" if lost else "no yes changes"
        text += f" Adjusted for {len(rows)} gaps (Holm), {outcome}."
    return [*found, text]


def explain_subjects(found: Sequence[tuple[str, Findings]]) -> list[Explained]:
    """Set the explanations of several studies side by side.

    Args:
        found: Findings by name of the study. Studies of one subject with different designs share a column. If a subject
            has two studies of one design (before and after a change, say), every study has its own column.

    Returns:
        One entry for each explanation that any design can name.
    """
    rows: dict[str, list[Combined]] = {name: [] for _, one in found for name in one.verdict.explanations}
    for subject, studies in by_subject(found).items():
        combined = combine_explanations({str(i): one.verdict.explanations for i, one in enumerate(studies)})
        for name, columns in rows.items():
            evidence = []
            for one in studies:
                if name in one.verdict.explanations:
                    behind = {k: entry for k, entry in one.contrasts.items() if name in (entry.names, *entry.any_of)}
                    evidence.append(Evidence(one.design, one.verdict.explanations[name], behind))
            columns.append(Combined(subject, combined.get(name), evidence))
    return [Explained(name, columns) for name, columns in rows.items()]


def answers_of(found: Sequence[tuple[str, Findings]]) -> dict[str, str]:
    """Answer the task's question for each subject, by the designs that can tell.

    Where no design can, a gap without a known motive remains, or "undetermined". A study that decides nothing counts
    only if no other of the subject decides anything.
    """
    answers = {}
    for subject, studies in by_subject(found).items():
        every = [one.verdict.answer for one in studies]
        said = [word for word in every if word not in (FAILED, TOO_LITTLE)]
        if not said:
            answers[subject] = FAILED if FAILED in every else TOO_LITTLE
            continue
        able = [word for word in said if word != UNKNOWN_MOTIVE]
        firm = [word for word in able if word != UNDETERMINED]
        answers[subject] = combine(firm) if firm else UNKNOWN_MOTIVE if len(able) < len(said) else UNDETERMINED
    return answers


def items_of(found: Sequence[tuple[str, Findings]], noun: str) -> dict[str, str]:
    """Write the number of items that each subject's answer rests on; the least and the most of several studies."""
    items = {}
    for subject, studies in by_subject(found).items():
        known = sorted({one.verdict.items for one in studies if one.verdict.items is not None})
        least = f"{known[0]:,} to " if len(known) > 1 else ""
        items[subject] = least + count(known[-1], noun) if known else ""
    return items


def by_subject(found: Sequence[tuple[str, Findings]]) -> dict[str, list[Findings]]:
    """Group the studies into columns: by subject, or by study if a subject has two studies of one design."""
    times = Counter((one.subject, one.design) for _, one in found)
    repeated = {subject for (subject, _), count in times.items() if count > 1}
    columns: dict[str, list[Findings]] = {}
    for name, one in found:
        columns.setdefault(name if one.subject in repeated else one.subject, []).append(one)
    return columns


def compare_command(folders: Sequence[Path], out: Path | None) -> None:
    """Print a comparison and, where asked to, write it as a page.

    Raises:
        UsageError: See `compare_folders`; or the page cannot be written.
    """
    found, console = compare_folders(folders), Console(markup=False, highlight=False)
    print_comparison(found, console)
    if out is not None:
        try:
            write_text(out, render_comparison(found))
        except OSError as error:
            raise UsageError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
        console.print(f"\npage: {out}", soft_wrap=True)
