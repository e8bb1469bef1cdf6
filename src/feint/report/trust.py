"""What a reader should hold against the findings, said by the report itself."""

from collections.abc import Mapping
from typing import Any

from feint.report.words import count, label, percent, speech_of

_FEW_REQUESTS = 20


def trust_lines(findings: Mapping[str, Any]) -> list[str]:
    """Say what limits these findings, in the order of its weight.

    Args:
        findings: As in findings.json.

    Returns:
        Sentences.
    """
    lines = [*_subject(findings), *_evidence(findings), *_open(findings)]
    if "task" in findings:
        return [*lines, "The labels come from what was done in the world, by detectors that read its state and every "
                "call; what the model said about it does not enter."]  # fmt: skip
    lines.append(f"The labels come from the judge '{findings['judge']}'. Its errors are not part of the intervals.")
    return [*lines, *_judges(findings)]


def _judges(findings: Mapping[str, Any]) -> list[str]:
    lines = []
    if findings.get("robust") is False:
        other = [row["judge"] for row in findings["judges"] if not row["same"]]
        lines.append(f"The verdict depends on the judge: by {', '.join(other)} alone it is another.")
    if "corrected" in findings:
        lines.append("What people said about some of the replies corrects the contrasts for the judge's errors; the "
                     "verdict is that of the contrasts as judged.")  # fmt: skip
    elif findings["judge"] != "rules":
        lines.append("Nobody has checked this judge on these replies: label some with feint label, then read "
                     "feint judge check.")  # fmt: skip
    return lines


def _subject(findings: Mapping[str, Any]) -> list[str]:
    kind = str(findings["subject"]).split("/")[0]
    if kind == "organism":
        return ["The subject is a small model with a motive planted by training. That it is found shows that the "
                "instrument works; it says nothing about other models."]  # fmt: skip
    if kind in ("actor", "agent"):
        does = "acts" if kind == "agent" else "answers"
        return [f"The subject is a program that {does} by a known rule. That it is found shows that the inference "
                "works; it says nothing about models."]  # fmt: skip
    return []


def _evidence(findings: Mapping[str, Any]) -> list[str]:
    sizes = [entry["n"] for entry in findings["contrasts"].values()]
    least = min(sizes, default=0)
    few = " That is few: an effect of the smallest size of interest can be missed." if least < _FEW_REQUESTS else ""
    planned, missing = findings["replies"]["planned"], findings["replies"]["missing"]
    rate = percent(missing / planned if planned else None)
    say = speech_of(findings)
    within = "" if "task" in findings else f", in one conflict ({findings['conflict']})"
    lines = [
        f"The intervals rest on {count(least, say.request)} and speak of {say.requests} like these{within}.{few}",
        f"{count(missing, say.reply)} of {planned:,} ({rate} %) {'is' if missing == 1 else 'are'} missing.",
    ]
    if findings["twins"]["ok"] is False:  # None: no twins were asked
        lines.insert(0, "The benign twins were not answered everywhere: the reply format or the model's ability is "
                     "being measured, and the verdict should not be relied on.")  # fmt: skip
    return lines


def _open(findings: Mapping[str, Any]) -> list[str]:
    explanations = findings["verdict"]["explanations"]
    undecided = [label(key).lower() for key, decision in explanations.items() if decision == "undetermined"]
    if not undecided:
        return []
    say = speech_of(findings)
    return [f"Not decided by these {say.replies}: {', '.join(undecided)}. More {say.requests} narrow the intervals."]
