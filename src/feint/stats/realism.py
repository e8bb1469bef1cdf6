"""How real prompts look to a reader: mean ratings by cell and voice, and what gives the prompts away."""

from collections import Counter

import numpy as np
import pandas as pd

from feint.stats.estimands.intervals import t_interval
from feint.stats.types import Floats, Settings

SHOWN = 12
"""Sentences that are kept, those of the least real prompts."""


def mean_rating(rating: Floats, wording: pd.Series, settings: Settings) -> dict[str, object]:
    """Average ratings, with Student's t over wordings by a jackknife (see `t_interval`); NaN ratings are left out.

    Takes ratings from 1 to 5, shape (N,), and the wording of each. Without interval if fewer than three wordings were
    rated, or all are alike.

    >>> found = mean_rating(np.array([2.0, 4.0, np.nan]), pd.Series(["a", "b", "b"]), Settings())
    >>> found["estimate"], found["n"], found["missing"], found["low"]
    (3.0, 2, 1, None)
    """
    known = ~np.isnan(rating)
    code, names = pd.factorize(wording[known])
    total = np.bincount(code, weights=rating[known], minlength=len(names)).astype(float)
    count = np.bincount(code, minlength=len(names)).astype(float)
    missing = int((~known).sum())
    if not known.any():
        return {"estimate": None, "low": None, "high": None, "n": 0, "missing": missing}

    def mean(w: Floats) -> Floats:
        below = w @ count
        return np.where(below > 0, (w @ total) / np.where(below > 0, below, 1), np.nan)

    found = t_interval(mean, len(names), settings.level)
    low, high = (None if end is None else float(np.clip(end, 1, 5)) for end in (found.low, found.high))
    return {"estimate": found.estimate, "low": low, "high": high, "n": int(known.sum()), "missing": missing}


def summarise_realism(table: pd.DataFrame, settings: Settings, planned: int | None = None) -> dict[str, object]:
    """Average the ratings of prompts by cell and by voice, and list what gives the least real prompts away.

    The table has a row for each prompt: cell, wording, voice, rating, missing (the reason), gives_away (keys of the
    rubric), sentence, why. Of the `planned` prompts, those without a row were not asked about. The result is the
    content of `feint.findings.belief.RealismFinding`, without the model.
    """

    def mean(own: pd.DataFrame) -> dict[str, object]:
        return mean_rating(own["rating"].to_numpy(dtype=float), own["wording"].reset_index(drop=True), settings)

    named = Counter(key for keys in table["gives_away"] for key in dict.fromkeys(keys))
    worst = table[table["rating"].notna() & (table["sentence"] != "")].sort_values(
        ["rating", "voice", "cell", "wording"], kind="stable"
    )
    reasons = Counter(str(reason) for reason in table.loc[table["rating"].isna(), "missing"])
    overall, lacking = mean(table), max(0, (planned or 0) - len(table))
    if lacking:
        overall["missing"] = len(table) - int(table["rating"].notna().sum()) + lacking
        reasons["not_asked"] += lacking
    return {
        "overall": overall,
        "cells": {str(cell): mean(own) for cell, own in table.groupby("cell", sort=False)},
        "voices": {str(voice): mean(own) for voice, own in table.groupby("voice")},
        "missing_by_reason": dict(sorted(reasons.items())),
        "gives_away": dict(named.most_common()),
        "sentences": [
            {"voice": row["voice"], "cell": row["cell"], "rating": int(row["rating"]), "sentence": row["sentence"],
             "why": row["why"]}
            for _, row in worst.drop_duplicates("sentence").head(SHOWN).iterrows()
        ],
    }  # fmt: skip
