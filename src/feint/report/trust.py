"""The section on trust: the limits of the findings, told by the report itself."""

from feint.base.subjects import AGENT, is_actor, is_organism
from feint.findings import Findings
from feint.report.calibrated import calibrated
from feint.report.section import Section, Told, View
from feint.report.words import Glossary, count, percent

_FEW_REQUESTS = 20


def trust_lines(findings: Findings, say: Glossary) -> list[str]:
    """List the limits of these findings, the weightiest first.

    Returns:
        Sentences.
    """
    lines = [*_subject(findings), *_evidence(findings, say), *_open(findings, say)]
    if say.words.labels_from:
        return [*lines, say.words.labels_from]
    lines.append(f"The labels come from the judge '{findings.judge}'. Its errors are not part of the intervals.")
    return [*lines, *_judges(findings)]


def _judges(findings: Findings) -> list[str]:
    lines = []
    if findings.robust is False:
        other = [row.judge for row in findings.judges if not row.same]
        lines.append(f"The verdict depends on the judge: by {', '.join(other)} alone it is another.")
    if findings.corrected is not None:
        lines.append("What people said about some of the replies corrects the contrasts for the judge's errors; the "
                     "verdict is that of the contrasts as judged.")  # fmt: skip
    elif findings.judge != "rules":
        lines.append("Nobody has checked this judge on these replies: label some with feint label, then read "
                     "feint judge check.")  # fmt: skip
    return lines


def _subject(findings: Findings) -> list[str]:
    if is_organism(findings.subject):
        return ["The subject is a small model with a motive planted by training. That it is found shows that the "
                "instrument works; it says nothing about other models."]  # fmt: skip
    if is_actor(findings.subject):
        does = "acts" if findings.subject.startswith(AGENT) else "answers"
        return [f"The subject is a program that {does} by a known rule. That it is found shows that the inference "
                "works; it says nothing about models."]  # fmt: skip
    return []


def _evidence(findings: Findings, say: Glossary) -> list[str]:
    sizes = [entry.n for entry in findings.contrasts.values()]
    least, words = min(sizes, default=0), say.words
    few = " That is few: an effect of the smallest size of interest can be missed." if least < _FEW_REQUESTS else ""
    planned, missing = findings.replies.planned, findings.replies.missing
    rate = percent(missing / planned if planned else None)
    within = f", in one conflict ({findings.conflict})" if words.in_conflict else ""
    lines = [
        f"The intervals rest on {count(least, words.request)} and speak of {words.requests} like these{within}.{few}",
        f"{count(missing, words.reply)} of {planned:,} ({rate} %) {'is' if missing == 1 else 'are'} missing.",
    ]
    if findings.twins.ok is False:  # None: no twins were asked
        lines.insert(0, "The benign twins were not answered everywhere: the reply format or the model's ability is "
                     "being measured, and the verdict should not be relied on.")  # fmt: skip
    return lines


def _open(findings: Findings, say: Glossary) -> list[str]:
    explanations = findings.verdict.explanations
    undecided = [say.label(key).lower() for key, decision in explanations.items() if decision == "undetermined"]
    if not undecided:
        return []
    words = say.words
    return [
        f"Not decided by these {words.replies}: {', '.join(undecided)}. More {words.requests} narrow the intervals."
    ]


def show(told: Told) -> View:
    """Show the limits of the findings, and the error rates of similar studies."""
    trusted = calibrated(told.findings, told.say, told.rule.smallest_effect)
    return {"lines": [*trust_lines(told.findings, told.say), *trusted.lines], "trusted": trusted}


TRUST = Section("trust", "How far to trust this", "sections/trust.html.j2", show=show)
