"""The contrasts, corrected for the judge's errors by the labels that people gave."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from feint.findings.judging import CorrectedFinding
from feint.stats.corrected import KEY, correct_contrasts
from feint.study.plan.frozen import Plan, task_of

People = Callable[[Path], pd.DataFrame]
"""Reads the labels of people from a study's folder: `feint.people.label.read_labels_of_people`."""


def correct(plan: Plan, labels: pd.DataFrame, people: pd.DataFrame) -> CorrectedFinding:
    """Correct the contrasts by the labels of people, one row for each person and reply.

    Labels count if their replies were drawn at random and are compared.
    """
    agreed = settle(people, task_of(plan).outcomes)
    known = agreed.merge(labels.loc[~labels["twin"].astype(bool), KEY], on=KEY)
    used = known[known["weight"].notna()]
    return CorrectedFinding.model_validate(
        {
            "people": sorted(people["person"].unique()),
            "labelled": int(used["value_by_person"].notna().sum()),
            "left_out": len(agreed) - len(used),
            "contrasts": correct_contrasts(
                labels, used, plan.contrasts(), plan.read_settings(), cells=list(plan.read_design().cells)
            ),
        }
    )


def settle(people: pd.DataFrame, outcomes: Mapping[str, float]) -> pd.DataFrame:
    """Make one row for each reply, with the label that most people chose.

    Where they are tied, or all find it unclear, the label is missing. A reply that several people drew counts with the
    largest of their probabilities: draws of one seed hold one another.

    Returns:
        The columns of `feint.stats.corrected.KEY`, value_by_person, and weight (NaN where nobody drew it).
    """
    rows = []
    for _, group in people.groupby("id", sort=True):
        said = [outcomes[label] for label in group["label"] if label in outcomes]
        share = sum(said) / len(said) if said else 0.5
        first = group.iloc[0]
        rows.append(
            {
                **{name: first[name] for name in KEY},
                "value_by_person": math.nan if share == 0.5 else float(share > 0.5),
                "weight": 1 / group["probability"].max(),
            }
        )
    return pd.DataFrame(rows, columns=[*KEY, "value_by_person", "weight"])
