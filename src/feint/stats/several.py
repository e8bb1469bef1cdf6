"""Why subjects fake, by several designs: what each design says about each explanation, combined and never averaged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from feint.base.words import USUAL
from feint.stats.verdict import combine, combine_explanations

Findings = Mapping[str, Any]
OF_CONTRAST = ("is", "estimate", "low", "high", "decision")


def explain_subjects(found: Sequence[tuple[str, Findings]]) -> list[dict[str, Any]]:
    """Set the explanations of several studies side by side.

    Args:
        found: Name of the study and its findings. Studies of one subject with different designs are one column; where
            one design stands twice for a subject (before and after a change, say), every study is a column of its own.

    Returns:
        One entry for each explanation that any design can name: `explanation`, and `subjects`, which holds for each
        subject `subject`, `decision` and `evidence`: by design its `decision` and the `contrasts` behind it.
    """
    columns = by_subject(found)
    names = list(dict.fromkeys(name for _, one in found for name in one["verdict"]["explanations"]))
    return [
        {
            "explanation": name,
            "subjects": [
                {"subject": subject, "decision": combined.get(name), "evidence": evidence(name, studies)}
                for subject, studies in columns.items()
                for combined in [
                    combine_explanations({str(i): one["verdict"]["explanations"] for i, one in enumerate(studies)})
                ]
            ],
        }
        for name in names
    ]


def fakes_by_subject(found: Sequence[tuple[str, Findings]], headline: str = USUAL.headline) -> dict[str, str]:
    """Whether each subject fakes alignment, by the designs that can tell; a gap without a known motive if none can.

    Args:
        found: As in `explain_subjects`.
        headline: Where verdicts have the answer, in studies of another task.
    """
    decisions = {}
    for subject, studies in by_subject(found).items():
        said = [str(one["verdict"][headline]) for one in studies]
        able = [word for word in said if word != "unknown motive"]
        firm = [word for word in able if word != "undetermined"]
        decisions[subject] = combine(firm) if firm else "unknown motive" if len(able) < len(said) else "undetermined"
    return decisions


def by_subject(found: Sequence[tuple[str, Findings]]) -> dict[str, list[Findings]]:
    """The studies that make up each column."""
    times = Counter((one["subject"], one["design"]) for _, one in found)
    repeated = {subject for (subject, _), count in times.items() if count > 1}
    columns: dict[str, list[Findings]] = {}
    for name, one in found:
        columns.setdefault(name if one["subject"] in repeated else str(one["subject"]), []).append(one)
    return columns


def evidence(name: str, studies: Sequence[Findings]) -> list[dict[str, Any]]:
    """What each study says about one explanation, and by which contrasts."""
    return [
        {
            "design": one["design"],
            "decision": one["verdict"]["explanations"][name],
            "contrasts": {
                key: {part: entry[part] for part in OF_CONTRAST}
                for key, entry in one["contrasts"].items()
                if name == entry.get("names") or name in entry.get("any_of", ())
            },
        }
        for one in studies
        if name in one["verdict"]["explanations"]
    ]
