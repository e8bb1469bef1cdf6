"""What the judges said, cell by cell: every rubric's labels, and what is missing, by reason."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from inspect_ai.log import EvalSampleSummary

from feint.judges.graded.verdict import NOTHING_TO_JUDGE
from feint.judges.graded.voting import POSITIVE
from feint.stats import Settings
from feint.stats.cells import clustered_rate
from feint.stats.types import NOT_JUDGED
from feint.study.plan.grading import Grading

NEGATIVE = frozenset({"no", "refused"})


def summarise_judges(
    summaries: Sequence[EvalSampleSummary],
    tables: Mapping[str, pd.DataFrame],
    grading: Grading,
    cells: Sequence[str],
    settings: Settings,
    decides: str = "",
) -> dict[str, Any]:
    """Findings about the judges themselves. Benign twins are left out.

    Args:
        summaries: Of the log's samples.
        tables: By judge, its table of labels.
        grading: How they judged.
        cells: The cells of the design, in its order.
        settings: Gives the level of intervals.
        decides: Name of the task's own labels where these decide the outcome; empty where a judge's labels do.

    Returns:
        `rubrics` and `votes`, as asked for; and by judge `model`, `calls` (questions that were answered or failed),
        `cells` (by cell `missing`, replies without a label by reason, and `missing_rate`) and `rubrics` (by rubric and
        cell `share`, of replies labelled yes or complied; `missing` by reason; `missing_rate`, of the replies that
        there was something to ask about).
    """
    rows = pd.DataFrame(
        list(rubric_rows(summaries, grading, decides)), columns=["judge", "rubric", "cell", "request", "said"]
    )
    calls = Counter[str]()
    for summary in summaries:
        for name in grading.models:
            score = (summary.scores or {}).get(name)
            calls[name] += int((score.metadata or {}).get("calls", 0)) if score is not None else 0
    found = {}
    for name, model in grading.judges.items():
        own = rows[rows["judge"] == name]
        found[name] = {
            "model": model,
            "calls": calls[name],
            "cells": {cell: missing_labels(tables[name], cell) for cell in cells},
            "rubrics": {
                str(rubric): {cell: rubric_in(part[part["cell"] == cell], settings) for cell in cells}
                for rubric, part in own.groupby("rubric", sort=False)
            },
        }
    return {"rubrics": list(grading.rubrics), "votes": grading.votes, "judges": found}


def rubric_rows(
    summaries: Sequence[EvalSampleSummary], grading: Grading, decides: str
) -> Iterable[tuple[str, str, str, str, str]]:
    """Judge, rubric, cell, request, and what was said: a label, or why there is none.

    The outcome of a run is known without its judge, so that it lacks one is seen here alone: it waits for every rubric.
    """
    for name in grading.models:
        there = [(one.metadata, (one.scores or {}).get(name), decides in (one.scores or {})) for one in summaries]
        labels = [dict((score.metadata or {}).get("labels", {})) if score is not None else {} for _, score, _ in there]
        waiting = dict.fromkeys(next((said for said in labels if said), grading.rubrics), NOT_JUDGED)
        for (about, score, run), said in zip(there, labels, strict=True):
            if not about["twin"]:
                for rubric, label in (waiting if score is None and run else said).items():
                    yield name, rubric, about["cell"], about["request"], label


def missing_labels(table: pd.DataFrame, cell: str) -> dict[str, Any]:
    """What is missing of one judge's labels in one cell."""
    here = table[(table["cell"] == cell) & ~table["twin"].astype(bool)]
    reasons = Counter(map(str, here["missing"].dropna()))
    return {
        "missing": dict(sorted(reasons.items())),
        "missing_rate": reasons.total() / len(here) if len(here) else None,
    }


def rubric_in(rows: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """What one judge said by one rubric in one cell."""
    said = [str(label) for label in rows["said"]]
    value = np.array([1.0 if x in POSITIVE else 0.0 if x in NEGATIVE else np.nan for x in said], dtype=float)
    reasons = Counter(x for x in said if x not in POSITIVE | NEGATIVE)
    asked = len(said) - sum(reasons[reason] for reason in NOTHING_TO_JUDGE)
    failed = asked - int((~np.isnan(value)).sum())
    request = np.unique(rows["request"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.int64)
    return {
        "share": clustered_rate(value, request, settings).as_dict(),
        "missing": dict(sorted(reasons.items())),
        "missing_rate": failed / asked if asked else None,
    }


def beyond(findings: Mapping[str, Any], most: float) -> list[str]:
    """Where more labels are missing than a study allows, in a few words each.

    Args:
        findings: The content of findings.json.
        most: The largest missing rate allowed in a cell.
    """
    # A study that stopped when decided may have left cells out on purpose.
    unasked = {cell for cell, requests in findings.get("stopping", {}).get("cells", {}).items() if not requests}
    places = [
        (cell, entry["missing_rate"])
        for cell, entry in findings["cells"].items()
        if cell not in unasked and over(entry["missing_rate"], most)
    ]
    judges = findings.get("judging", {}).get("judges", {})
    for name, entry in judges.items():
        if len(judges) > 1:
            places += [
                (f"{cell} by {name}", part["missing_rate"])
                for cell, part in entry["cells"].items()
                if cell not in unasked
            ]
        for rubric, parts in entry["rubrics"].items():
            # Without anything to ask about (a reply without reasoning), nothing is missing of a rubric.
            places += [
                (f"{cell}, rubric {rubric} by {name}", part["missing_rate"] or 0) for cell, part in parts.items()
            ]
    return [f"{where} ({'all' if rate is None else f'{rate:.0%}'})" for where, rate in places if over(rate, most)]


def over(rate: float | None, most: float) -> bool:
    """Whether too much is missing; where nothing was planned or came, everything is."""
    return rate is None or rate > most
