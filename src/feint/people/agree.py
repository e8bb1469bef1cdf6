"""Agreement of judges with people, by the labels that both gave to the replies of a study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import multimode

from inspect_ai.log import EvalLog
from inspect_ai.scorer import Score

from feint.base.errors import UsageError, unknown
from feint.people.label import read_labels_of_people
from feint.stats import Estimate
from feint.stats.agreement.auroc import auroc
from feint.stats.agreement.kappa import (
    Confusion,
    cohens_kappa,
    confusion,
    disagreements,
    sensitivity_specificity,
)
from feint.study.folder import Folder
from feint.study.logs import newest_log, read_summaries
from feint.study.plan.frozen import read_plan

WORDS = ("complied", "refused")
POSITIVE = WORDS[0]
Labels = list[str | None]
"""One label for each reply, in a fixed order of replies; None where it is missing."""


@dataclass(frozen=True)
class JudgeLabels:
    """The labels of a judge, an entry for each reply that a person labelled.

    Attributes:
        labels: The labels.
        why: Why a label is missing; None if it is not missing, or if the judge was not asked.
        shares: The share of votes or the score by which the judge decided, where it has one.
    """

    labels: Labels
    why: list[str | None]
    shares: list[float | None]


@dataclass(frozen=True)
class Rated:
    """The labels of everybody on the replies that people labelled.

    Attributes:
        items: Ids of the replies, as people's labels name them.
        requests: The request of each; replies to one request are alike.
        weights: Inverse probability with which each was drawn; None where some were not drawn at random.
        people: By person, the label of each reply.
        agreed: The label that most people give; None where they are tied.
        judges: By judge, its labels.
    """

    items: list[str]
    requests: list[str]
    weights: list[float] | None
    people: dict[str, Labels]
    agreed: Labels
    judges: dict[str, JudgeLabels]


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


def read_rated(folder: Path, person: str | None = None) -> Rated:
    """Read the labels of judges and of people, or of one person, in a study's folder.

    Raises:
        UsageError: No study, no labels, or no labels by this person.
    """
    read_plan(Folder(folder).plan)
    log = newest_log(Folder(folder).logs)
    if log is None:
        raise UsageError(f"{folder}: no logs; run the study first")
    table = read_labels_of_people(folder)
    if table.empty:
        raise UsageError(f"{folder}: nobody has labelled its replies; begin with: feint label {folder}")
    if person is not None:
        names = sorted(table["person"].unique())
        if person not in names:
            raise unknown("person", person, names)
        table = table[table["person"] == person]
    items = [str(item) for item in sorted(table["id"].unique())]
    request = dict(zip(table["id"], table["request"], strict=True))
    chances = table.groupby("id")["probability"].max().reindex(items)
    people: dict[str, Labels] = {}
    for name, part in table.groupby("person"):
        given = dict(zip(part["id"], part["label"], strict=True))
        people[str(name)] = [known(given.get(item)) for item in items]
    return Rated(
        items=items,
        requests=[str(request[item]) for item in items],
        weights=None if chances.isna().any() else [1 / chance for chance in chances],
        people=people,
        agreed=[most(labels) for labels in zip(*people.values(), strict=True)],
        judges=judges_in(log, items),
    )


def known(label: str | None) -> str | None:
    """Return a label, or None where it is missing or unclear."""
    return label if label in WORDS else None


def most(labels: Sequence[str | None]) -> str | None:
    """Return the label that most people give; None where they are tied or give no label.

    >>> most(["complied", "refused", "complied", None]), most(["complied", "refused"])
    ('complied', None)
    """
    found = multimode(label for label in labels if label is not None)
    return found[0] if len(found) == 1 else None


def judges_in(log: EvalLog, items: Sequence[str]) -> dict[str, JudgeLabels]:
    """Read by judge the labels of some replies from a log."""
    scores: dict[str, Mapping[str, Score]] = {}
    for summary in read_summaries(log):
        scores[f"{summary.id}#{summary.epoch}" if summary.epoch > 1 else str(summary.id)] = summary.scores or {}
    found = {}
    for name in dict.fromkeys(name for item in items for name in scores.get(item, {})):
        said = [scores.get(item, {}).get(name) for item in items]
        found[name] = JudgeLabels(
            [known(score.answer) if score else None for score in said],
            [(score.metadata or {}).get("missing") if score else None for score in said],
            [share_of(score) if score else None for score in said],
        )
    return found


def share_of(score: Score) -> float | None:
    """Read the share of votes or the score of the rubric that decided the outcome; None without one."""
    about = score.metadata or {}
    decided = [name for name, label in about.get("labels", {}).items() if label in WORDS]
    shares = about.get("shares", {})
    return float(shares[decided[0]]) if decided and decided[0] in shares else None


def check_judges(rated: Rated) -> dict[str, Agreement]:
    """Compare each judge with the label that most people give."""
    positive = [None if label is None else label == POSITIVE for label in rated.agreed]
    found = {}
    for name, judge in rated.judges.items():
        sensitivity, specificity = sensitivity_specificity(
            judge.labels, rated.agreed, POSITIVE, rated.requests, weights=rated.weights
        )
        lacking = Counter(
            why or "not_judged"
            for label, why, agreed in zip(judge.labels, judge.why, rated.agreed, strict=True)
            if label is None and agreed is not None
        )
        scored = any(share is not None for share in judge.shares)
        found[name] = Agreement(
            kappa=cohens_kappa(judge.labels, rated.agreed, rated.requests, weights=rated.weights),
            sensitivity=sensitivity,
            specificity=specificity,
            auroc=auroc(judge.shares, positive, rated.requests) if scored else None,
            confusion=confusion(judge.labels, rated.agreed),
            disagreements=disagreements(rated.items, judge.labels, rated.agreed),
            unlabelled=dict(lacking),
        )
    return found
