"""The findings on judges: every rubric's labels cell by cell, what is missing, and the verdict by each judge alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from inspect_ai.log import EvalSampleSummary

from feint.findings import Estimated, Findings
from feint.findings.findings import RepliesFinding
from feint.findings.judging import CellMissing, JudgeFinding, JudgingFinding, RubricInCell
from feint.judges.graded.answer import NOTHING_TO_JUDGE
from feint.judges.graded.asking import POSITIVE
from feint.stats import Settings
from feint.stats.cells import clustered_rate
from feint.stats.several_judges import conclude_by_judges
from feint.stats.types import NOT_JUDGED
from feint.study.conclude.read import Concluding
from feint.study.plan.frozen import Plan, task_of
from feint.study.plan.grading import Grading
from feint.study.plan.until import compared, course_of

NEGATIVE = frozenset({"no", "refused"})


@dataclass(frozen=True)
class Judged:
    """The findings that model judges add.

    Attributes:
        parts: Parts of the findings, by key.
        warnings: A sentence each.
    """

    parts: Mapping[str, object] = field(default_factory=dict)
    warnings: Sequence[str] = ()


def judge_findings(study: Concluding, replies: RepliesFinding) -> Judged:
    """Summarise the labels of the judges, and with several judges, the verdict by each alone.

    Args:
        study: The study.
        replies: The counts of replies.
    """
    plan = study.plan
    if plan.grading is None:
        return Judged()
    whole = {judge: compared(plan, table) for judge, table in study.tables.items()}
    judging = summarise_judges(study.summaries, whole, plan)
    # Where the task's own labels decide the outcome, judges read motives alone, and may be asked later.
    own_labels = study.task.judging.relabel is None
    waiting = waiting_of(judging) if own_labels else replies.missing_by_reason.get(NOT_JUDGED, 0)
    parts: dict[str, object] = {"judging": judging}
    if len(whole) > 1 and not own_labels:
        parts |= verdicts_by_judge(plan, whole)
    return Judged(parts, [unjudged(waiting, study.task.words.replies)] if waiting else [])


def unjudged(waiting: int, replies: str) -> str:
    """Warn that the judges are not done."""
    return (
        f"The study is not judged to the end: {waiting:,} {replies} wait for it; go on with feint study --resume, or "
        "with the feint judge that was stopped."
    )


def verdicts_by_judge(plan: Plan, tables: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    """Conclude by each of several judges alone."""
    design, speech = plan.read_design(), task_of(plan).words
    found = conclude_by_judges(
        tables, plan.contrasts(), plan.read_settings(), cells=list(design.cells), rules=design.rules,
        subject=plan.subject, course=course_of(plan, next(iter(tables.values()))["request"].unique()),
        speech=speech, strata=plan.strata(),
    )  # fmt: skip
    rows = [{"answer": row[speech.headline], **row} for row in found["judges"]]
    for row in rows:
        del row[speech.headline]
    return {"judges": rows, "unanimous": found["unanimous"], "robust": found["robust"]}


def waiting_of(judging: JudgingFinding) -> int:
    """Count the replies that a judge has not been asked about, of the judge with the most such replies."""
    left = [
        sum(cell.missing.get(NOT_JUDGED, 0) for cell in cells.values())
        for judge in judging.judges.values()
        for cells in judge.rubrics.values()
    ]
    return max(left, default=0)


def summarise_judges(
    summaries: Sequence[EvalSampleSummary], tables: Mapping[str, pd.DataFrame], plan: Plan
) -> JudgingFinding:
    """Summarise the labels of the judges themselves. Benign twins are left out.

    Args:
        summaries: The summaries of the log's samples.
        tables: The table of labels of each judge.
        plan: The plan, with its grading.
    """
    grading, settings, cells = plan.grading, plan.read_settings(), list(plan.read_design().cells)
    assert grading is not None
    judging = task_of(plan).judging
    outcome = judging.labels if judging.relabel is None else None
    rows = pd.DataFrame(
        list(rubric_rows(summaries, grading, outcome)), columns=["judge", "rubric", "cell", "request", "said"]
    )
    calls = Counter[str]()
    for summary in summaries:
        for name in grading.models:
            score = (summary.scores or {}).get(name)
            calls[name] += int((score.metadata or {}).get("calls", 0)) if score is not None else 0
    found = {}
    for name, model in grading.judges.items():
        own = rows[rows["judge"] == name]
        found[name] = JudgeFinding(
            model=model,
            calls=calls[name],
            cells={cell: missing_labels(tables[name], cell) for cell in cells},
            rubrics={
                str(rubric): {cell: rubric_in(part[part["cell"] == cell], settings) for cell in cells}
                for rubric, part in own.groupby("rubric", sort=False)
            },
        )
    return JudgingFinding(rubrics=list(grading.rubrics), votes=grading.votes, judges=found)


def rubric_rows(
    summaries: Sequence[EvalSampleSummary], grading: Grading, outcome: str | None
) -> Iterable[tuple[str, str, str, str, str]]:
    """Yield judge, rubric, cell, request, and what was said: a label, or why there is none.

    Args:
        summaries: The summaries of the log's samples.
        grading: The study's judges and rubrics.
        outcome: The task's own labels, if they decide the outcome without a judge. A sample with such a label and
            without one of the judge waits for every rubric; that it waits is seen here alone.
    """
    for name in grading.models:
        scores = [(one.scores or {}).get(name) for one in summaries]
        labels = [dict((score.metadata or {}).get("labels", {})) if score is not None else {} for score in scores]
        waiting = dict.fromkeys(next((said for said in labels if said), grading.rubrics), NOT_JUDGED)
        for one, score, said in zip(summaries, scores, labels, strict=True):
            about, waits = one.metadata, score is None and outcome in (one.scores or {})
            if not about["twin"]:
                for rubric, label in (waiting if waits else said).items():
                    yield name, rubric, about["cell"], about["request"], label


def missing_labels(table: pd.DataFrame, cell: str) -> CellMissing:
    """Count the labels that one judge lacks in one cell."""
    here = table[(table["cell"] == cell) & ~table["twin"].astype(bool)]
    reasons = Counter(map(str, here["missing"].dropna()))
    rate = reasons.total() / len(here) if len(here) else None
    return CellMissing(missing=dict(sorted(reasons.items())), missing_rate=rate)


def rubric_in(rows: pd.DataFrame, settings: Settings) -> RubricInCell:
    """Summarise the labels of one judge by one rubric in one cell."""
    said = [str(label) for label in rows["said"]]
    value = np.array([1.0 if x in POSITIVE else 0.0 if x in NEGATIVE else np.nan for x in said], dtype=float)
    reasons = Counter(x for x in said if x not in POSITIVE | NEGATIVE)
    asked = len(said) - sum(reasons[reason] for reason in NOTHING_TO_JUDGE)
    failed = asked - int((~np.isnan(value)).sum())
    request = np.unique(rows["request"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.int64)
    return RubricInCell(
        share=Estimated.model_validate(clustered_rate(value, request, settings).as_dict()),
        missing=dict(sorted(reasons.items())),
        missing_rate=failed / asked if asked else None,
    )


def beyond(findings: Findings, most: float) -> list[str]:
    """List the places where more labels are missing than a study allows, in a few words each.

    Args:
        findings: The findings.
        most: The largest missing rate allowed in a cell.
    """
    # A study that stopped when decided may have left cells out on purpose.
    unasked = {cell for cell, n in findings.stopping.cells.items() if not n} if findings.stopping else set()
    places = [(cell, entry.missing_rate) for cell, entry in findings.cells.items() if cell not in unasked]
    judges = findings.judging.judges if findings.judging else {}
    for name, judge in judges.items():
        if len(judges) > 1:
            places += [
                (f"{cell} by {name}", part.missing_rate) for cell, part in judge.cells.items() if cell not in unasked
            ]
        for rubric, parts in judge.rubrics.items():
            # Without anything to ask about (a reply without reasoning), nothing is missing of a rubric.
            places += [(f"{cell}, rubric {rubric} by {name}", part.missing_rate or 0) for cell, part in parts.items()]
    return [f"{where} ({'all' if rate is None else f'{rate:.0%}'})" for where, rate in places if over(rate, most)]


def over(rate: float | None, most: float) -> bool:
    """Tell whether too much is missing; where nothing was planned or came, everything is.

    >>> over(None, 0.2), over(0.1, 0.2)
    (True, False)
    """
    return rate is None or rate > most
