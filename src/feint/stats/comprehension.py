"""Comprehension: does the subject read the facts, and what do the contrasts say where it does?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from feint.base.numbers import listing, percent
from feint.stats.cells import clustered_rate
from feint.stats.differences import differences, estimate
from feint.stats.entries import FactEntry
from feint.stats.table import Replies, pair
from feint.stats.types import Contrast, Settings

UNREAD = 0.8
"""Share of right answers below which a fact counts as not read, if its whole interval lies below."""


@dataclass(frozen=True)
class Quiz:
    """Answers to comprehension questions.

    Attributes:
        answers: One row an answer: cell, wording, fact, options (how many were offered), right (1, 0 or missing).
        facts: For each contrast, the facts in which its cells differ.
    """

    answers: pd.DataFrame
    facts: Mapping[str, Sequence[str]]


def summarise_comprehension(
    quiz: Quiz | None,
    table: pd.DataFrame,
    replies: Replies,
    contrasts: Sequence[Contrast],
    settings: Settings,
) -> dict[str, object] | None:
    """Set the answers to comprehension questions beside the contrasts.

    Args:
        quiz: The answers; None where no question was asked.
        table: The labels, as `feint.stats.table.read_table` takes them.
        replies: The replies to the requests in `table`, twins left out, in the order of the rows.
        contrasts: The contrasts of the design.
        settings: Gives level and assumed_icc.

    Returns:
        `answered`: whether any question was. `facts`: for each fact the share of right answers, with a Wilson interval
        that allows for wordings being asked in several cells, `chance` and `missing`. `contrasts`: for each contrast
        its estimate over those replies whose wording was read right in all of its cells, with `wordings` of
        `all_wordings`. `unread`: facts whose interval lies below `UNREAD`. `sentence`.
    """
    if quiz is None:
        return None
    answers = quiz.answers
    known = list(dict.fromkeys(answers["fact"]))
    by_fact = {fact: read_of(answers[answers["fact"] == fact], settings) for fact in known}
    right = answers.pivot_table(index="wording", columns=["cell", "fact"], values="right", aggfunc="min", dropna=False)
    here = table.loc[~table["twin"].to_numpy(dtype=bool), "wording"].astype(str).to_numpy()
    understood = {}
    for contrast in contrasts:
        columns = [(cell, fact) for cell in contrast.weights for fact in quiz.facts[contrast.key] if fact in known]
        # Cells may differ in what tags are called and in no fact: then there is nothing to misread.
        read = right.reindex(columns=pd.MultiIndex.from_tuples(columns)) if columns else right[[]]
        kept = set(read.index[(read == 1).all(axis=1)].astype(str))
        mask = np.isin(here, sorted(kept))
        found = estimate(differences(pair(replies.where(mask)), contrast.weights), settings).one()
        understood[contrast.key] = {**found.as_dict(), "wordings": len(kept), "all_wordings": len(right)}
    unread = [fact for fact, entry in by_fact.items() if entry["high"] is not None and entry["high"] < UNREAD]
    return {
        "answered": any(entry["n"] for entry in by_fact.values()),
        "facts": by_fact,
        "contrasts": understood,
        "unread": unread,
        "sentence": sentence(by_fact, unread),
    }


def read_of(quiz: pd.DataFrame, settings: Settings) -> FactEntry:
    """Share of right answers about one fact."""
    values = quiz["right"].to_numpy(dtype=float, na_value=np.nan)
    wording = pd.factorize(quiz["wording"])[0].astype(np.int64)
    return {
        **clustered_rate(values, wording, settings).as_dict(),
        "chance": 1 / float(quiz["options"].max()),
        "missing": int(np.isnan(values).sum()),
    }


def sentence(by_fact: Mapping[str, FactEntry], unread: Sequence[str]) -> str:
    """The answers, in one sentence."""
    known = {fact: entry["estimate"] for fact, entry in by_fact.items() if entry["estimate"] is not None}
    if not known:
        return "No comprehension question was answered, so that nothing is known about what it reads."
    worst = min(known, key=lambda fact: known[fact])
    told = f"least often {worst} ({percent(known[worst])} % right)"
    if not unread:
        return f"Asked what it was told, it mostly knows ({told})."
    return f"Asked what it was told, it misreads {listing(unread)} ({told}): who misreads a fact cannot act on it."
