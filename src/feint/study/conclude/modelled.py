"""The hierarchical model of a study: computed when asked for, kept in model.json, shown until labels change."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.console import Console

from feint.base.hashing import sha256_of
from feint.base.numbers import listing, spoken
from feint.base.progress import steps
from feint.base.sealed import Sealed, read_sealed, write_sealed
from feint.findings.model import ModelFinding, StaleModel
from feint.stats.bayes import disagreements, fit
from feint.stats.types import ContrastEntry
from feint.study.folder import Folder
from feint.study.plan.frozen import Plan, task_of

HASHED = ("cell", "request", "wording", "voice", "sample", "twin", "value")
"""Of each label, what the model depends on."""


class Modelled(Sealed):
    """The content of model.json.

    Attributes:
        plan: Hash of the study's plan.
        labels: Hash of the labels it was computed from.
        found: As `feint.stats.bayes.fit` gives it.
    """

    plan: str
    labels: str
    found: dict[str, Any]


def hash_labels(labels: pd.DataFrame) -> str:
    """Hash (SHA-256) a table of labels, whatever the order of its rows; a missing label is null."""
    told = labels[list(HASHED)].sort_values(list(HASHED[:-1]))
    rows = told.astype(object).where(told.notna(), None).to_numpy().tolist()
    return sha256_of([[str(value) if index < len(HASHED) - 1 else value for index, value in enumerate(row)]
                      for row in rows])  # fmt: skip


def fit_study(folder: Folder, plan: Plan, labels: pd.DataFrame) -> None:
    """Fit the model to a study's labels and write model.json; progress goes to standard error.

    Raises:
        UsageError: See `feint.stats.bayes.fit`.
    """
    design = plan.read_design()
    with steps("model", Console(stderr=True, markup=False, highlight=False), lines=True) as tell:
        found = fit(
            labels, plan.contrasts(), plan.read_settings(), cells=list(design.cells), rules=design.rules,
            headline=task_of(plan).words.headline, tell=tell,
        )  # fmt: skip
    write_sealed(folder.model, Modelled(plan=plan.sha256, labels=hash_labels(labels), found=found))


def find_model(
    folder: Folder, plan: Plan, labels: pd.DataFrame, contrasts: Mapping[str, ContrastEntry]
) -> ModelFinding | StaleModel | None:
    """Read the model, and say where it contradicts the contrasts; None if no model was fitted.

    Raises:
        UsageError: The record is broken, was changed, or is that of another plan.
    """
    if not folder.model.is_file():
        return None
    record = read_sealed(
        Modelled,
        folder.model,
        kind="what feint report --model writes",
        remedy="remove it",
        changed="changed, or of another study; remove it, or compute it anew: feint report --model",
        of={"plan": plan.sha256},
    )
    if record.labels != hash_labels(labels):
        return StaleModel(current=False)
    against = disagreements(contrasts, record.found["contrasts"], plan.read_settings())
    return ModelFinding.model_validate({"current": True, **record.found, "disagreements": against})


def disagreement_warnings(model: ModelFinding | StaleModel | None) -> list[str]:
    """Warn if the model contradicts the contrasts."""
    if not isinstance(model, ModelFinding) or not model.disagreements:
        return []
    told = listing([f"{spoken(key)} ({why})" for key, why in model.disagreements.items()])
    return [
        f"The model of all cells contradicts the contrasts: {told}. Neither should be relied on there before it is "
        "known why."
    ]
