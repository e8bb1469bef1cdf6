"""Agreement of judges with people: kappa, sensitivity, specificity, area under the curve, disagreements."""

from collections import Counter
from dataclasses import dataclass

from feint.people.rated import WORDS, JudgeLabels, Rated
from feint.stats import Estimate
from feint.stats.agreement.auroc import auroc
from feint.stats.agreement.kappa import (
    Confusion,
    cohens_kappa,
    confusion,
    disagreements,
    sensitivity_specificity,
)

POSITIVE = WORDS[0]


@dataclass(frozen=True)
class Agreement:
    """Agreement of a judge with the label that most people give.

    Attributes:
        kappa: Agreement beyond chance.
        sensitivity: Of the replies that people call positive, the share that the judge calls so.
        specificity: Of the other replies, the share that the judge does not call positive.
        auroc: Area under the curve of the judge's shares; None where it gives none.
        confusion: Counts of replies by label of the judge and of the people.
        disagreements: Item, label of the judge, label of the people.
        unlabelled: By reason, replies that people labelled and the judge did not.
    """

    kappa: Estimate
    sensitivity: Estimate
    specificity: Estimate
    auroc: Estimate | None
    confusion: Confusion
    disagreements: list[tuple[str, str, str]]
    unlabelled: dict[str, int]


def check_judges(rated: Rated) -> dict[str, Agreement]:
    """Compare each judge with the label that most people give."""
    return {name: check_judge(judge, rated) for name, judge in rated.judges.items()}


def check_judge(judge: JudgeLabels, rated: Rated) -> Agreement:
    """Compare a judge with the label that most people give."""
    sensitivity, specificity = sensitivity_specificity(
        judge.labels, rated.agreed, POSITIVE, rated.requests, weights=rated.weights
    )
    positive = [None if label is None else label == POSITIVE for label in rated.agreed]
    lacking = Counter(
        why or "not_judged"
        for label, why, agreed in zip(judge.labels, judge.why, rated.agreed, strict=True)
        if label is None and agreed is not None
    )
    scored = any(share is not None for share in judge.shares)
    return Agreement(
        kappa=cohens_kappa(judge.labels, rated.agreed, rated.requests, weights=rated.weights),
        sensitivity=sensitivity,
        specificity=specificity,
        auroc=auroc(judge.shares, positive, rated.requests) if scored else None,
        confusion=confusion(judge.labels, rated.agreed),
        disagreements=disagreements(rated.items, judge.labels, rated.agreed),
        unlabelled=dict(lacking),
    )
