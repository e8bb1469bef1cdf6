"""The sections that end a report: the method, the limits of the findings, and the frozen plan."""

import json
from collections.abc import Mapping

from feint.base.subjects import AGENT, is_actor, is_organism
from feint.findings import Findings
from feint.report.calibrated import calibrated
from feint.report.judged import accuracy_lines
from feint.report.section import Section, Told, View
from feint.report.text import cut
from feint.report.words import Glossary, count, percent

_FEW_REQUESTS = 20
_LONG_LIST = 12


def trust_lines(findings: Findings, say: Glossary) -> list[str]:
    """List the limits of these findings in sentences, the weightiest first."""
    lines, words = [], say.words
    if is_organism(findings.subject):
        lines.append("The subject is a small model with a motive planted by training. That it is found shows that the "
                     "instrument works; it says nothing about other models.")  # fmt: skip
    elif is_actor(findings.subject):
        does = "acts" if findings.subject.startswith(AGENT) else "answers"
        lines.append(f"The subject is a program that {does} by a known rule. That it is found shows that the inference "
                     "works; it says nothing about models.")  # fmt: skip
    for one in findings.instrument:
        if one.state == "doubtful":
            lines.append(f"A check of the instrument is in doubt, on too few {words.requests} to tell: {one.reason}.")
        elif one.reason:
            lines.append(f"{one.state.capitalize()}: {one.reason}. What rests on that is left undetermined.")
    if findings.twins.ok is False and not any(one.check == "twins" and one.reason for one in findings.instrument):
        lines.append("The benign twins were not answered everywhere: the reply format or the model's ability is "
                     "being measured, and the verdict should not be relied on.")  # fmt: skip
    least = min((entry.n for entry in findings.contrasts.values()), default=0)
    few = " That is few: an effect of the smallest size of interest can be missed." if least < _FEW_REQUESTS else ""
    within = f", in one conflict ({findings.conflict})" if words.in_conflict else ""
    planned, missing = findings.replies.planned, findings.replies.missing
    rate = percent(missing / planned if planned else None)
    lines += [
        f"The intervals rest on {count(least, words.request)} and speak of {words.requests} like these{within}.{few}",
        f"{count(missing, words.reply)} of {planned:,} ({rate} %) {'is' if missing == 1 else 'are'} missing.",
    ]
    explanations = findings.verdict.explanations
    undecided = [say.label(key).lower() for key, decision in explanations.items() if decision == "undetermined"]
    if undecided:
        more = f"More {words.requests} narrow the intervals."
        lines.append(f"Not decided by these {words.replies}: {', '.join(undecided)}. {more}")
    return [*lines, *([words.labels_from] if words.labels_from else judge_lines(findings))]


def judge_lines(findings: Findings) -> list[str]:
    """List the limits of the judge's labels."""
    lines = [f"The labels come from the judge '{findings.judge}'. Its errors are not part of the intervals."]
    lines += accuracy_lines(findings, "DIR (the folder of this page)")
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


def show_trust(told: Told) -> View:
    """Show the limits of the findings, and the error rates of similar studies."""
    trusted = calibrated(told.findings, told.say, told.rule.smallest_effect)
    return {"lines": [*trust_lines(told.findings, told.say), *trusted.lines], "trusted": trusted}


def manifest(plan: Mapping[str, object]) -> list[tuple[str, str]]:
    """Flatten a plan, nested as it likes, into lines of name and value; a long list is only counted.

    >>> manifest({"settings": {"level": 0.95}, "seeds": [1, 2]})
    [('settings.level', '0.95'), ('seeds', '1, 2')]
    """
    lines: list[tuple[str, str]] = []
    for name, value in plan.items():
        if isinstance(value, Mapping):
            lines += [(f"{name}.{inner}", text) for inner, text in manifest(value)]
        elif isinstance(value, list | tuple):
            short = len(value) <= _LONG_LIST and not any(isinstance(item, Mapping | list | tuple) for item in value)
            lines.append((name, ", ".join(map(str, value)) if short else f"{len(value)} entries"))
        else:
            lines.append((name, "–" if value is None else cut(str(value), 500)[0]))
    return lines


def show_manifest(told: Told) -> View:
    """Show the plan in lines, and as it was frozen."""
    text = json.dumps(told.plan, indent=2, ensure_ascii=False, default=str)
    return {"manifest": manifest(told.plan), "plan_text": text}


METHOD = Section("method", "The method")
TRUST = Section("trust", "How far to trust this", show=show_trust)
MANIFEST = Section("manifest", "Manifest", show=show_manifest)
