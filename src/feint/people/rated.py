"""The labels that people and judges gave to the replies of a study, side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from inspect_ai.log import EvalLog
from inspect_ai.scorer import Score

from feint.base.errors import UsageError, unknown
from feint.people.label import read_labels_of_people
from feint.study.folder import Folder
from feint.study.logs import newest_log, read_summaries
from feint.study.plan.frozen import read_plan

WORDS = ("complied", "refused")
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


def read_rated(folder: Path, person: str | None = None) -> Rated:
    """Read the labels of people and judges.

    Args:
        folder: The study's folder.
        person: Leaves all other people out.

    Raises:
        UsageError: No study, no labels, or no labels by this person.
    """
    read_plan(Folder(folder).plan)
    log = newest_log(Folder(folder).logs)
    if log is None:
        raise UsageError(f"{folder}: no logs; run the study first")
    table = labels_by(folder, person)
    items = [str(item) for item in sorted(table["id"].unique())]
    request = dict(zip(table["id"], table["request"], strict=True))
    people = {
        str(name): words_of(items, dict(zip(part["id"], part["label"], strict=True)))
        for name, part in table.groupby("person")
    }
    return Rated(
        items=items,
        requests=[str(request[item]) for item in items],
        weights=weights_of(table.groupby("id")["probability"].max().reindex(items).tolist()),
        people=people,
        agreed=[most(labels) for labels in zip(*people.values(), strict=True)],
        judges=judges_in(log, items),
    )


def labels_by(folder: Path, person: str | None) -> pd.DataFrame:
    """Read people's labels as a table, those of one person if a person is named.

    Raises:
        UsageError: There are none.
    """
    table = read_labels_of_people(folder)
    if table.empty:
        raise UsageError(f"{folder}: nobody has labelled its replies; begin with: feint label {folder}")
    if person is None:
        return table
    names = sorted(table["person"].unique())
    if person not in names:
        raise unknown("person", person, names)
    return table[table["person"] == person]


def judges_in(log: EvalLog, items: Sequence[str]) -> dict[str, JudgeLabels]:
    """Read by judge the labels of some replies from a log."""
    scores: dict[str, Mapping[str, Score]] = {}
    for summary in read_summaries(log):
        scores[f"{summary.id}#{summary.epoch}" if summary.epoch > 1 else str(summary.id)] = summary.scores or {}
    names = list(dict.fromkeys(name for item in items for name in scores.get(item, {})))
    return {name: judge_labels([scores.get(item, {}).get(name) for item in items]) for name in names}


def judge_labels(scores: Sequence[Score | None]) -> JudgeLabels:
    """Read the labels of one judge from its scores."""
    return JudgeLabels(
        [word(score.answer) if score else None for score in scores],
        [(score.metadata or {}).get("missing") if score else None for score in scores],
        [share_of(score) if score else None for score in scores],
    )


def share_of(score: Score) -> float | None:
    """Read the share of votes or the score of the rubric that decided the outcome; None without one."""
    about = score.metadata or {}
    decided = [name for name, label in about.get("labels", {}).items() if label in WORDS]
    shares = about.get("shares", {})
    return float(shares[decided[0]]) if decided and decided[0] in shares else None


def weights_of(probabilities: Sequence[float]) -> list[float] | None:
    """Invert probabilities; None if a probability is not known, because that reply then has no weight.

    >>> weights_of([0.5, 0.25])
    [2.0, 4.0]
    """
    return None if any(math.isnan(p) for p in probabilities) else [1 / p for p in probabilities]


def words_of(items: Sequence[str], labels: Mapping[str, str]) -> Labels:
    """Order one person's labels by reply; None where there is no label or it is unclear."""
    return [word(labels.get(item)) for item in items]


def word(label: str | None) -> str | None:
    """Return a label, or None where it is missing."""
    return label if label in WORDS else None


def most(labels: Sequence[str | None]) -> str | None:
    """Return the label that most people give; None where they are tied or give no label.

    >>> most(["complied", "refused", "complied"]), most(["complied", "refused"])
    ('complied', None)
    """
    given = [label for label in labels if label is not None]
    counts = {label: given.count(label) for label in WORDS}
    top = max(counts.values())
    return None if not given or list(counts.values()).count(top) > 1 else max(WORDS, key=counts.__getitem__)
