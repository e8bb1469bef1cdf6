"""The trust in the judge that counts: measured accuracy, and agreement with other judges."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from feint.base.subjects import is_ours
from feint.findings import Estimated
from feint.findings.judging import AccuracyFinding, AgreementFinding, AgreementInCell, VerdictByJudge
from feint.judges.accuracy import known_accuracy
from feint.stats import Settings, conclude
from feint.stats.agreement.kappa import cohens_kappa
from feint.stats.cells import clustered_rate
from feint.stats.several_judges import align, summary
from feint.stats.types import Floats
from feint.study.conclude.read import Concluding
from feint.study.logs import tables_of
from feint.study.plan.grading import PANEL
from feint.study.plan.until import compared, course_of


def find_accuracy(study: Concluding) -> AccuracyFinding | None:
    """Return how often the judge that counts is right elsewhere.

    None for a model judge, and where the outcome is no matter of reading: a tag, a call or a deed tells it.
    """
    plan, known = study.plan, known_accuracy().get(study.plan.judge)
    by_tag = plan.judge == study.task.judging.labels and plan.conflict.get("type") != "request"
    if known is None or by_tag or study.task.judging.relabel is None:
        return None
    figures = known.figures.values()
    return AccuracyFinding(
        reads=known.reads,
        measured_on=known.measured_on,
        real=known.real,
        read=sum(one.read for one in figures),
        agrees=(min(one.agrees for one in figures), max(one.agrees for one in figures)),
        missing=(min(one.missing for one in figures), max(one.missing for one in figures)),
        advised=not is_ours(plan.subject),
        errors="; ".join(one.errors for one in figures if one.errors),
    )


def find_agreement(study: Concluding) -> list[AgreementFinding]:
    """Compare the labels that count with those of every other judge, in the order of the judges' names."""
    plan, words = study.plan, study.task.words
    design, settings = plan.read_design(), plan.read_settings()
    cells, found = list(design.cells), []
    others = list(other_judges(study))

    def concluded(table: pd.DataFrame) -> dict[str, object]:
        return conclude(
            table, plan.contrasts(), settings, cells=cells, rules=design.rules, subject=plan.subject, speech=words,
            course=course_of(plan, study.labels["request"].unique()), strata=plan.strata(),
        )  # fmt: skip

    counts = concluded(study.labels) if others else {}
    for name in others:
        table = tables_of(study.summaries, name, study.log.location, pending=True, task=study.task)[name]
        table = compared(plan, table)
        verdict = summary(name, concluded(table), counts, words.headline)
        verdict["answer"] = verdict.pop(words.headline)
        pairs = paired(study.labels, table, cells)
        found.append(
            AgreementFinding(
                judge=plan.judge, other=name, verdict=VerdictByJudge.model_validate(verdict),
                labelled_by_judge=int((pairs["judge"].notna() & pairs["other"].isna()).sum()),
                labelled_by_other=int((pairs["judge"].isna() & pairs["other"].notna()).sum()),
                cells={cell: agreement_in(pairs[pairs["cell"] == cell], settings) for cell in cells},
                **dict(agreement_in(pairs, settings)),
            )
        )  # fmt: skip
    return found


def other_judges(study: Concluding) -> Iterator[str]:
    """Yield the judges in the log that do not count and that decide whether a reply complies."""
    if study.task.judging.relabel is None:  # what was done in the run decides, whoever judges
        return
    decides: dict[str, bool] = {}
    for one in study.summaries:
        for name, score in (one.scores or {}).items():
            # A model whose rubrics do not decide the outcome repeats the label of the rules.
            by_rubric = (score.metadata or {}).get("labels")
            labels = [score.answer] if by_rubric is None else by_rubric.values()
            decides[name] = decides.get(name, False) or any(label in study.task.outcomes for label in labels)
    counting = study.plan.judge.split(PANEL)
    if any(decides.get(name) for name in counting):
        yield from sorted(name for name, does in decides.items() if does and name not in counting)


def paired(counts: pd.DataFrame, other: pd.DataFrame, cells: list[str]) -> pd.DataFrame:
    """Put the labels of the judge that counts (column `judge`) beside the other's (`other`); twins are left out."""
    one, two = align({"judge": counts, "other": other}, cells).values()
    pairs = one[["cell", "request"]].assign(judge=one["value"].astype(float), other=two["value"].astype(float))
    return pairs[~one["twin"].astype(bool)]


def agreement_in(pairs: pd.DataFrame, settings: Settings) -> AgreementInCell:
    """Compute the agreement on some replies; intervals are clustered by request."""
    judge, other = pairs["judge"].to_numpy(float), pairs["other"].to_numpy(float)
    same = np.where(np.isnan(judge) | np.isnan(other), np.nan, (judge == other).astype(float))
    requests = pairs["request"].tolist()
    codes = np.unique(np.array(requests, dtype=str), return_inverse=True)[1].astype(np.int64)
    kappa = cohens_kappa(spoken(judge), spoken(other), requests)
    return AgreementInCell(
        same=Estimated.model_validate(clustered_rate(same, codes, settings).as_dict()),
        kappa=Estimated.model_validate(kappa.as_dict()),
        only_judge=int(((judge == 1) & (other == 0)).sum()),
        only_other=int(((judge == 0) & (other == 1)).sum()),
    )


def spoken(values: Floats) -> list[str | None]:
    """Write values as words; NaN is None.

    >>> spoken(np.array([1.0, 0.0, np.nan]))
    ['yes', 'no', None]
    """
    return [None if np.isnan(value) else "yes" if value else "no" for value in values]
