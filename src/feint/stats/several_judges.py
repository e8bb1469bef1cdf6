"""Several judges of the same replies: the verdict by the majority, and by each judge alone."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd

from feint.base.errors import UsageError
from feint.base.words import USUAL
from feint.stats.conclude import Options, conclude
from feint.stats.table import as_keys, check_table
from feint.stats.types import NOT_JUDGED, Contrast, Floats, Settings

REPLY = ["cell", "request", "wording", "voice", "sample", "twin"]
TIED = "judges_tied"
OF_CONTRAST = ("estimate", "low", "high", "n", "p_holm", "decision", "reason")


def conclude_by_judges(
    tables: Mapping[str, pd.DataFrame],
    contrasts: Sequence[Contrast],
    settings: Settings | None = None,
    *,
    cells: Sequence[str],
    **options: Unpack[Options],
) -> dict[str, Any]:
    """Conclude a study by the majority of its judges, with the verdict by each judge alone as a sensitivity row.

    The arguments are those of `conclude`, with a table for each judge. With a course, the same replies are looked at
    for each judge alone.

    Returns:
        `findings` (those of `conclude` for the majority), `judges` (a `feint.findings.judging.VerdictByJudge` for the
        majority and for each judge), `unanimous` (of the replies that at least two judges labelled, the share on which
        all of these agree; None without any), `robust` (whether every row says the same).

    Raises:
        UsageError: See `majority_table` and `conclude`.
    """
    aligned = align(tables, cells)
    headline = (options.get("speech") or USUAL).headline
    findings = conclude(majority_table(aligned, cells), contrasts, settings, cells=cells, **options)
    alone = [
        summary(judge, conclude(table, contrasts, settings, cells=cells, **options), findings, headline)
        for judge, table in aligned.items()
    ]
    value_NJ = values_of(aligned)
    both = value_NJ[(~np.isnan(value_NJ)).sum(axis=1) > 1]
    return {
        "findings": findings,
        "judges": [summary("majority", findings, findings, headline), *alone],
        "unanimous": float((np.nanmin(both, axis=1) == np.nanmax(both, axis=1)).mean()) if len(both) else None,
        "robust": all(row["same"] for row in alone),
    }


def majority_table(tables: Mapping[str, pd.DataFrame], cells: Sequence[str]) -> pd.DataFrame:
    """Merge the tables of several judges into a single table, by majority.

    A reply has the label that more of the judges who labelled it gave. With a tie the label is missing
    (`judges_tied`). A reply without any label is missing for the most frequent reason (the first judge's, among
    equals). A judge without a row for a reply did not judge it; another's row shows that it was planned. An
    explanation counts as stated where more than half of the judges who labelled the reply say so. The table is as
    `feint.stats.table.read_table` takes it, replies in the order in which they are first found.

    Raises:
        UsageError: No table, or one that cannot be read.
    """
    aligned = align(tables, cells)
    judges, value_NJ = list(aligned.values()), values_of(aligned)
    labelled_N = (~np.isnan(value_NJ)).sum(axis=1)
    yes_N = np.nansum(value_NJ, axis=1)
    label_N = np.where(2 * yes_N == labelled_N, np.nan, (2 * yes_N > labelled_N).astype(float))
    reasons = list(zip(*(one["missing"].fillna("unknown") for one in judges), strict=True))
    stated = list(zip(*(one["stated"] for one in judges), strict=True))
    missing: list[str | None] = []
    motives: list[tuple[str, ...]] = []
    for i, labelled in enumerate(labelled_N):
        why = TIED if labelled else max(reasons[i], key=reasons[i].count)
        missing.append(why if np.isnan(label_N[i]) else None)
        said = [key for keys, y in zip(stated[i], value_NJ[i], strict=True) if not np.isnan(y) for key in set(keys)]
        motives.append(tuple(key for key in sorted(set(said)) if 2 * said.count(key) > labelled))
    return judges[0][REPLY].assign(
        value=label_N, missing=pd.Series(missing, dtype=object), stated=pd.Series(motives, dtype=object)
    )


def align(tables: Mapping[str, pd.DataFrame], cells: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables with the same rows in the same order: every reply that any judge has a row for.

    Raises:
        UsageError: No table, or one that cannot be read; the message names the judge.
    """
    if not tables:
        raise UsageError("several judges: expected the table of at least one judge, found none")
    for judge, table in tables.items():
        try:
            check_table(table, cells)
        except UsageError as error:
            raise UsageError(f"judge '{judge}': {error}") from None
    planned = pd.concat([table[REPLY] for table in tables.values()]).drop_duplicates()
    aligned = {}
    for judge, table in tables.items():
        wide = planned.merge(table, on=REPLY, how="left", indicator="judged")
        absent = (wide["judged"] == "left_only").to_numpy()
        wide["missing"] = wide["missing"].astype(object).mask(absent, NOT_JUDGED)
        wide["stated"] = [as_keys(value) for value in wide["stated"]]
        aligned[judge] = wide.drop(columns="judged")
    return aligned


def values_of(aligned: Mapping[str, pd.DataFrame]) -> Floats:
    """Labels by reply and judge, NaN where missing, shape (N, J)."""
    return np.stack([one["value"].to_numpy(float, na_value=np.nan) for one in aligned.values()], axis=1)


def summary(judge: str, findings: Mapping[str, Any], majority: Mapping[str, Any], headline: str) -> dict[str, Any]:
    """The row of one judge."""
    verdict, reference = findings["verdict"], majority["verdict"]
    return {
        "judge": judge,
        headline: verdict[headline],
        "motives": list(verdict["motives"]),
        "contrasts": {key: {part: entry[part] for part in OF_CONTRAST} for key, entry in findings["contrasts"].items()},
        "labelled": findings["replies"]["scored"],
        "missing": findings["replies"]["missing"],
        "same": verdict[headline] == reference[headline] and sorted(verdict["motives"]) == sorted(reference["motives"]),
    }
