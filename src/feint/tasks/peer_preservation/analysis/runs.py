"""Describe the runs of an agent: every outcome by cell, and four behaviours by contrast."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from pydantic import Field

from feint.base.errors import unknown
from feint.findings import Estimated, Part, Tested
from feint.stats.contrasts import adjusted
from feint.stats.differences import mean_estimate
from feint.stats.types import Contrast, EstimateEntry, Settings
from feint.tasks.peer_preservation.analysis.behaviours import (
    BEHAVIOURS,
    GRADES,
    TRUTHS,
    counted,
    measured,
    rate,
    room,
    summarise_behaviour,
)
from feint.tasks.peer_preservation.analysis.table import ACTS, CONDUCT, MOVED
from feint.tasks.peer_preservation.fixtures import TOP

NOTE = "This table describes what was done. The verdict rests on the label alone, by the rule fixed before the runs."


class Runs(Part):
    """How many runs there are, in how many every needed paper was opened, and in how many the task was done."""

    n_total: int
    n_read: int
    n_complete: int


class RunsInCell(Runs):
    """The runs of one cell.

    Attributes:
        missing: Runs without a label, by reason.
        outcomes: By outcome that can occur in the cell, its rate.
        passes: Of the runs that handed something in, the share by which the target passes: "overall", and by ground
            truth.
        shift: The mean of the score handed in less the faithful one, over 100; None if there is none.
        grade: The same of grades, in steps.
    """

    missing: dict[str, int]
    outcomes: dict[str, Estimated]
    passes: dict[str, Estimated]
    shift: Estimated | None = None
    grade: Estimated | None = None


class AssetRate(Estimated, Runs):
    """How often an inert asset's files were taken along."""


class BehaviourContrast(Tested, Runs):
    """One behaviour in one contrast, by the primary `measure`; `strata` by ground truth, `also` by further measures.

    The key of `expression` in JSON is `is`; `gap` marks the gap that the design is about; `p_holm` is adjusted for all
    behaviours and contrasts.
    """

    expression: str = Field(alias="is")
    gap: bool
    measure: str
    strata: dict[str, Estimated]
    also: dict[str, Estimated]
    p_holm: float | None


class Behaviour(Part):
    """One behaviour: by contrast, and beside it the rate of an inert asset by cell, if there can be one."""

    contrasts: dict[str, BehaviourContrast]
    asset: dict[str, AssetRate] | None = None


class RunsData(Runs):
    """The findings on runs, which describe and decide nothing; `tests` counts those that p values are adjusted for."""

    missing: dict[str, int]
    note: str
    tests: int
    cells: dict[str, RunsInCell]
    behaviours: dict[str, Behaviour]


def summarise_runs(
    table: pd.DataFrame, contrasts: Sequence[Contrast], settings: Settings, cells: Sequence[str]
) -> dict[str, object]:
    """Summarise outcomes by cell and behaviours by contrast, with intervals; see `RunsData` for the keys.

    Nothing here decides. Rates have the interval of `feint.stats.cells.compliance_rate`, differences that of
    `feint.stats.differences.estimate` (Tango 1998, Yang, Sun & Hardin 2012), shifts of a score that of
    `feint.stats.differences.mean_estimate`; all are clustered by fixture. P values are adjusted by Holm's method (1979)
    over the primary measures of all behaviours and contrasts. Rates, and scores over 100, are fractions; grades are
    steps. What cannot be estimated is None, and what cannot occur is left out.

    Args:
        table: One row a planned run, as `read_runs` gives it; outcomes are 1, 0 or NaN.
        contrasts: The contrasts of the design.
        settings: Gives level and assumed_icc.
        cells: The cells of the design, in its order.

    Raises:
        UsageError: The table has a run of a cell that the design does not have.
    """
    for cell in table["cell"].unique():
        if cell not in cells:
            raise unknown("cell of a run", str(cell), cells)
    asked = [contrast for contrast in contrasts if set(contrast.weights) <= set(table["cell"])]
    found = {one.key: summarise_behaviour(table, one, asked, settings, cells) for one in BEHAVIOURS}
    whole = [estimate for entries in found.values() for _, estimate in entries.values()]
    p_holm = iter(adjusted(whole, len(whole)) if whole else [])
    behaviours: dict[str, dict[str, object]] = {
        behaviour: {
            "contrasts": {
                key: {**entry, "p": estimate.p, "p_holm": next(p_holm)} for key, (entry, estimate) in entries.items()
            }
        }
        for behaviour, entries in found.items()
        if entries
    }
    if "weight_exfiltration" in behaviours:
        behaviours["weight_exfiltration"]["asset"] = asset_rates(table, settings, cells)
    return {
        **counted(table),
        "missing": reasons(table),
        "note": NOTE,
        "tests": len(whole),
        "cells": {cell: summarise_cell(table[table["cell"] == cell], settings, room(table)) for cell in cells},
        "behaviours": behaviours,
    }


def summarise_cell(here: pd.DataFrame, settings: Settings, scale: float) -> dict[str, object]:
    """Describe the runs of one cell; `scale` is how far up a score can be pushed, over 100."""
    labelled, outcomes = here["missing"].isna(), {}
    for name in (*ACTS, *CONDUCT):
        # The label can be missing everywhere in a cell; any other outcome without a value cannot occur there.
        if here[name].notna().any() or (name == "protected" and len(here)):
            value = here[name].where(labelled) if name in ACTS else here[name]
            outcomes[name] = rate(value, here["request"], settings)
    handed = here[here["pass"].notna()]
    truths = {"overall": handed} | {truth: handed[handed["ground_truth"] == truth] for truth in TRUTHS}
    shifts: dict[str, EstimateEntry] = {}
    for key, of, unit, reach in (("shift", "score", TOP, scale), ("grade", "grade", 1.0, GRADES)):
        rows = here[(here["scale"] == of) & here["shift"].notna()]
        units = (rows["shift"] / unit).groupby([rows["request"], rows["voice"], rows["wording"]]).mean()
        codes = pd.factorize(units.index.get_level_values(0))[0].astype(np.int64)
        found = mean_estimate(units.to_numpy(float), codes, reach, settings)
        if found.n:
            shifts[key] = found.as_dict()
    return {
        **counted(here),
        "missing": reasons(here),
        "outcomes": outcomes,
        "passes": {truth: rate(rows["pass"], rows["request"], settings) for truth, rows in truths.items() if len(rows)},
        **shifts,
    }


def asset_rates(table: pd.DataFrame, settings: Settings, cells: Sequence[str]) -> dict[str, dict[str, object]]:
    """Estimate by cell how often an inert asset's files were taken along, which is the effect of prudence alone."""
    rows = measured(table[table["target"] == "asset"], "exfiltrated")
    rows = rows[rows["kind"].isin(MOVED)]
    by_cell = {cell: rows[rows["cell"] == cell] for cell in cells}
    return {
        cell: {**rate(here["value"], here["request"], settings), **counted(here)}
        for cell, here in by_cell.items()
        if len(here)
    }


def reasons(rows: pd.DataFrame) -> dict[str, int]:
    """Count why labels are missing."""
    return dict(sorted(Counter(str(reason) for reason in rows["missing"].dropna()).items()))
