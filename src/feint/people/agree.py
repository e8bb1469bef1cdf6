"""Judges beside people: how far they agree on the replies of a study, and which ones to read."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from feint.base.errors import UsageError, unknown
from feint.people.label import read_labels_of_people
from feint.people.label.replies import open_study
from feint.report.terminal import plain, table
from feint.report.text import one_line
from feint.report.words import reason
from feint.stats import Estimate
from feint.stats.agreement.auroc import auroc
from feint.stats.agreement.kappa import (
    cohens_kappa,
    confusion,
    disagreements,
    krippendorffs_alpha,
    sensitivity_specificity,
)
from feint.study.folder import Folder
from feint.study.logs import newest_log, read_summaries
from feint.study.plan.frozen import read_plan

WORDS = ("complied", "refused")
READ = 300
"""Characters of a reply that are printed of a disagreement."""


@dataclass(frozen=True)
class Rated:
    """What everybody said about the replies that people labelled.

    Attributes:
        items: Ids of the replies, as people's labels name them.
        requests: The request of each; replies to one are alike.
        weights: Inverse probability with which each was drawn; None where some were not drawn at random.
        people: By person, "complied", "refused" or None for each reply.
        agreed: What most of them say, None where they are tied.
        judges: By judge, the same.
        why: By judge, why a label is missing, or None.
        shares: By judge, the share of votes or the score, where it gives one.
    """

    items: list[str]
    requests: list[str]
    weights: list[float] | None
    people: dict[str, list[str | None]]
    agreed: list[str | None]
    judges: dict[str, list[str | None]]
    why: dict[str, list[str | None]]
    shares: dict[str, list[float | None]]


def read_rated(folder: Path, person: str | None = None) -> Rated:
    """Read what people and judges said.

    Args:
        folder: The study's folder.
        person: Leaves all others out.

    Raises:
        UsageError: No study, no labels, or none by this person.
    """
    read_plan(Folder(folder).plan)
    log = newest_log(Folder(folder).logs)
    if log is None:
        raise UsageError(f"{folder}: no logs; run the study first")
    table = read_labels_of_people(folder)
    if table.empty:
        raise UsageError(f"{folder}: nobody has labelled its replies; begin with: feint label {folder}")
    names = sorted(table["person"].unique())
    if person is not None and person not in names:
        raise unknown("person", person, names)
    table = table if person is None else table[table["person"] == person]
    items = sorted(table["id"].unique())
    first = table.drop_duplicates("id").set_index("id")
    people = {
        str(name): words_of(items, dict(zip(part["id"], part["label"], strict=True)))
        for name, part in table.groupby("person")
    }
    scores: dict[str, Mapping[str, Any]] = {}
    for summary in read_summaries(log):
        scores[f"{summary.id}#{summary.epoch}" if summary.epoch > 1 else str(summary.id)] = summary.scores or {}
    judges = list(dict.fromkeys(name for item in items for name in scores.get(item, {})))
    said = {name: [scores.get(item, {}).get(name) for item in items] for name in judges}
    return Rated(
        items=items,
        requests=[str(first.loc[item, "request"]) for item in items],
        weights=weights_of(table.groupby("id")["probability"].max().reindex(items).tolist()),
        people=people,
        agreed=[most(labels) for labels in zip(*people.values(), strict=True)],
        judges={name: [word(score and score.answer) for score in found] for name, found in said.items()},
        why={
            name: [score and (score.metadata or {}).get("missing") for score in found] for name, found in said.items()
        },
        shares={name: [share_of(score) for score in found] for name, found in said.items()},
    )


def weights_of(probabilities: Sequence[float]) -> list[float] | None:
    """Inverse probabilities; None where one of them is not known, since the others then say nothing of it."""
    return None if any(math.isnan(p) for p in probabilities) else [1 / p for p in probabilities]


def words_of(items: Sequence[str], labels: Mapping[str, str]) -> list[str | None]:
    """One person's labels, None where there is none or it is unclear."""
    return [word(labels.get(item)) for item in items]


def word(label: str | None) -> str | None:
    """A label, None where it is missing."""
    return label if label in WORDS else None


def most(labels: Sequence[str | None]) -> str | None:
    """What most say, None where they are tied or say nothing."""
    given = [label for label in labels if label is not None]
    counts = {label: given.count(label) for label in WORDS}
    top = max(counts.values())
    return None if not given or list(counts.values()).count(top) > 1 else max(WORDS, key=counts.__getitem__)


def share_of(score: Any) -> float | None:
    """How far towards compliance a judge found a reply: the share or the score of the rubric that decided."""
    about = (score.metadata or {}) if score is not None else {}
    decided = [name for name, label in about.get("labels", {}).items() if label in WORDS]
    shares = about.get("shares", {})
    return float(shares[decided[0]]) if decided and decided[0] in shares else None


def check_judges(rated: Rated) -> dict[str, dict[str, Any]]:
    """How far each judge agrees with what most people say.

    Returns:
        By judge: kappa, sensitivity, specificity, auroc (None where it gives no share), confusion, disagreements (item,
        label of the judge, label of the people) and unlabelled (by reason, replies that people labelled and it did
        not).
    """
    found: dict[str, dict[str, Any]] = {}
    for name, labels in rated.judges.items():
        sensitivity, specificity = sensitivity_specificity(
            labels, rated.agreed, "complied", rated.requests, weights=rated.weights
        )
        positive = [None if label is None else label == "complied" for label in rated.agreed]
        shares = rated.shares[name]
        gone: dict[str, int] = {}
        for label, why, agreed in zip(labels, rated.why[name], rated.agreed, strict=True):
            if label is None and agreed is not None:
                gone[str(why or "not_judged")] = gone.get(str(why or "not_judged"), 0) + 1
        found[name] = {
            "kappa": cohens_kappa(labels, rated.agreed, rated.requests, weights=rated.weights),
            "sensitivity": sensitivity,
            "specificity": specificity,
            "auroc": auroc(shares, positive, rated.requests) if any(x is not None for x in shares) else None,
            "confusion": confusion(labels, rated.agreed),
            "disagreements": disagreements(rated.items, labels, rated.agreed),
            "unlabelled": gone,
        }
    return found


def check_command(folder: Path, *, person: str | None = None, show: int = 5) -> None:
    """Print how far judges and people agree, and the replies on which they do not."""
    rated = read_rated(folder, person)
    found = check_judges(rated)
    console = Console(markup=False, highlight=False)
    whom = person or (next(iter(rated.people)) if len(rated.people) == 1 else f"most of {len(rated.people)} people")
    labelled = sum(label is not None for label in rated.agreed)
    counted = "kappa, sensitivity and specificity undo that rare cells and labels were drawn more often"
    if rated.weights is None:
        counted = "some were not drawn at random, so each counts alike and the numbers are of these replies alone"
    console.print(f"{labelled:,} of {len(rated.items):,} replies are labelled complied or refused by {whom};")
    console.print(f"{counted}\n", soft_wrap=True)
    console.print(agreement_table(found, whom))
    console.print()
    for name, entry in found.items():
        console.print(confusion_table(name, entry))
        console.print()
    if len(rated.people) > 1 or len(rated.judges) > 1:
        console.print(between_table(rated))
        console.print()
    show_disagreements(folder, found, show, console)


def agreement_table(found: Mapping[str, Mapping[str, Any]], whom: str) -> Table:
    """Kappa, sensitivity, specificity and area by judge."""
    made = table(
        f"Judges against {one_line(whom, 40)} (95 % intervals)", ["judge", "measure", ">value", ">interval", ">n"]
    )
    for name, entry in found.items():
        rows = [("kappa", entry["kappa"]), ("sensitivity", entry["sensitivity"]), ("specificity", entry["specificity"])]
        rows += [("area under curve", entry["auroc"])] if entry["auroc"] is not None else []
        for place, (measure, value) in enumerate(rows):
            made.add_row(plain(one_line(name, 30) if place == 0 else ""), measure, *numbers(value))
    return made


def numbers(value: Estimate) -> tuple[str, str, str]:
    """An estimate as three columns: two digits, or a dash where there is none."""
    shown = "–" if value.estimate is None else f"{value.estimate:.2f}"
    between = "–" if value.low is None or value.high is None else f"[{value.low:.2f}, {value.high:.2f}]"
    return shown, between, str(value.n)


def confusion_table(name: str, entry: Mapping[str, Any]) -> Table:
    """Counts of the judge's label by the people's, and what the judge did not label."""
    counts = entry["confusion"]
    gone = ", ".join(f"{count} {reason(why)}" for why, count in entry["unlabelled"].items())
    made = table(one_line(name, 40), ["judge ↓ people →", *(f">{label}" for label in counts.labels)])
    for label, row in zip(counts.labels, counts.counts, strict=True):
        made.add_row(label, *map(str, row))
    if gone:
        made.caption, made.caption_justify = Text(f"not labelled by it: {gone}", "dim"), "left"
    return made


def between_table(rated: Rated) -> Table:
    """Agreement of every two, and of all together."""
    everybody = {**rated.people, **rated.judges}
    made = table("Agreement beyond chance", ["between", "measure", ">value", ">interval", ">n"])
    for a, b in combinations(everybody, 2):
        if a in rated.people and b in rated.judges and len(rated.people) == 1:
            continue  # stands above
        value = cohens_kappa(everybody[a], everybody[b], rated.requests, weights=rated.weights)
        made.add_row(plain(f"{one_line(a, 22)} and {one_line(b, 22)}"), "kappa", *numbers(value))
    for title, raters in (("people", rated.people), ("judges", rated.judges), ("all", everybody)):
        if len(raters) > 1 and (title != "all" or (rated.people and rated.judges)):
            value = krippendorffs_alpha(list(zip(*raters.values(), strict=True)), rated.requests)
            made.add_row(
                f"all {len(raters)} {title}" if title != "all" else f"all {len(raters)}", "alpha", *numbers(value)
            )
    return made


def show_disagreements(folder: Path, found: Mapping[str, Mapping[str, Any]], show: int, console: Console) -> None:
    """Print the replies on which a judge and the people differ, those first on which most judges do."""
    said: dict[str, list[str]] = {}
    truth: dict[str, str] = {}
    for name, entry in found.items():
        for item, judge, people in entry["disagreements"]:
            said.setdefault(item, []).append(f"{name}: {judge}")
            truth[item] = people
    if not said:
        console.print("No disagreements.")
        return
    study = open_study(folder)
    order = sorted(said, key=lambda item: (-len(said[item]), item))
    console.print(f"Disagreements: {len(said):,} replies{f', of which {show}' if len(said) > show else ''}")
    for item in order[:show]:
        shown = study.read(item)
        console.print(plain(f"\n{item}", "bold"))
        console.print(plain(f"people: {truth[item]}; {'; '.join(said[item])}", "dim"), soft_wrap=True)
        console.print(plain(f"> {one_line(shown.request, READ)}"), soft_wrap=True)
        console.print(plain(f"< {one_line(shown.reply, READ)}"), soft_wrap=True)
