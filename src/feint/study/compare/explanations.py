"""Why subjects do what they do, by several designs: each design's decisions, combined and never averaged."""

from collections import Counter
from collections.abc import Sequence

from feint.findings import Findings
from feint.stats.types import UNDETERMINED, UNKNOWN_MOTIVE
from feint.stats.verdict import combine, combine_explanations
from feint.study.compare.rows import Combined, Evidence, Explained


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

    Where no design can, a gap without a known motive remains, or "undetermined".
    """
    answers = {}
    for subject, studies in by_subject(found).items():
        said = [one.verdict.answer for one in studies]
        able = [word for word in said if word != UNKNOWN_MOTIVE]
        firm = [word for word in able if word != UNDETERMINED]
        answers[subject] = combine(firm) if firm else UNKNOWN_MOTIVE if len(able) < len(said) else UNDETERMINED
    return answers


def by_subject(found: Sequence[tuple[str, Findings]]) -> dict[str, list[Findings]]:
    """Group the studies into columns: by subject, or by study if a subject has two studies of one design."""
    times = Counter((one.subject, one.design) for _, one in found)
    repeated = {subject for (subject, _), count in times.items() if count > 1}
    columns: dict[str, list[Findings]] = {}
    for name, one in found:
        columns.setdefault(name if one.subject in repeated else one.subject, []).append(one)
    return columns
