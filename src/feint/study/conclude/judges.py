"""The findings on judges: every rubric's labels cell by cell, what is missing, and the verdict by each judge alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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


def judge_findings(study: Concluding, replies: RepliesFinding) -> tuple[Mapping[str, object], list[str]]:
    """Summarise the labels of the judges, and with several judges, the verdict by each alone.

    Returns:
        The parts of the findings that model judges add, and a warning if the judges are not done.
    """
    plan, task = study.plan, study.task
    if plan.grading is None:
        return {}, []
    whole = {judge: compared(plan, table) for judge, table in study.tables.items()}
    judging = summarise_judges(study.summaries, whole, plan)
    parts: dict[str, object] = {"judging": judging}
    if task.judging.relabel is not None:
        waiting = replies.missing_by_reason.get(NOT_JUDGED, 0)
        parts |= verdicts_by_judge(plan, whole) if len(whole) > 1 else {}
    else:
        # The task's own labels decide the outcome, so judges read motives alone, and may be asked later.
        cells = [cells for judge in judging.judges.values() for cells in judge.rubrics.values()]
        waiting = max((sum(one.missing.get(NOT_JUDGED, 0) for one in by.values()) for by in cells), default=0)
    if not waiting:
        return parts, []
    return parts, [
        f"The study is not judged to the end: {waiting:,} {task.words.replies} wait for it; go on with feint study "
        "--resume, or with the feint judge that was stopped."
    ]


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


def summarise_judges(
    summaries: Sequence[EvalSampleSummary], tables: Mapping[str, pd.DataFrame], plan: Plan
) -> JudgingFinding:
    """Summarise the labels of the judges themselves. Benign twins are left out."""
    grading, settings, cells = plan.grading, plan.read_settings(), list(plan.read_design().cells)
    assert grading is not None
    judging = task_of(plan).judging
    outcome = judging.labels if judging.relabel is None else None
    rows = pd.DataFrame(
        list(rubric_rows(summaries, grading, outcome)), columns=["judge", "rubric", "cell", "request", "said"]
    )
    found = {}
    for name, model in grading.judges.items():
        scores = [score for summary in summaries if (score := (summary.scores or {}).get(name)) is not None]
        table = tables[name][~tables[name]["twin"].astype(bool)]
        missing = {}
        for cell in cells:
            here = table[table["cell"] == cell]
            reasons = Counter(map(str, here["missing"].dropna()))
            rate = reasons.total() / len(here) if len(here) else None
            missing[cell] = CellMissing(missing=dict(sorted(reasons.items())), missing_rate=rate)
        found[name] = JudgeFinding(
            model=model,
            calls=sum(int((score.metadata or {}).get("calls", 0)) for score in scores),
            cells=missing,
            rubrics={
                str(rubric): {cell: rubric_in(part[part["cell"] == cell], settings) for cell in cells}
                for rubric, part in rows[rows["judge"] == name].groupby("rubric", sort=False)
            },
        )
    return JudgingFinding(rubrics=list(grading.rubrics), votes=grading.votes, judges=found)


def rubric_rows(
    summaries: Sequence[EvalSampleSummary], grading: Grading, outcome: str | None
) -> Iterable[tuple[str, str, str, str, str]]:
    """Yield judge, rubric, cell, request, and what was said: a label, or why there is none.

    `outcome` names the task's own labels, if they decide the outcome without a judge. A sample with such a label and
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
    """List the places where a larger share of labels is missing than `most`, in a few words each.

    Where nothing was planned or came, everything is missing.
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
    over = [(where, rate) for where, rate in places if rate is None or rate > most]
    return [f"{where} ({'all' if rate is None else f'{rate:.0%}'})" for where, rate in over]
