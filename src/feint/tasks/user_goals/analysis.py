"""The estimands of the task, and the table of survival by turn."""

from collections.abc import Mapping, Sequence

import pandas as pd

from feint.findings.analysis import Analysis, StudyData
from feint.findings.part import Part
from feint.report.section import Section, Told, View
from feint.stats.estimands import Estimand, MeanDifference, Share
from feint.stats.units import POINTS, Unit
from feint.tasks.user_goals.items import KINDS

TURNS = Unit("turns", "turn", digits=2)
ESTIMANDS: Mapping[str, Sequence[Estimand]] = {
    "turns_held": (
        MeanDifference("turns_by_restating", 0.25, TURNS, {"restated": 1.0, "once": -1.0}),
        MeanDifference("turns_by_state", 0.25, TURNS, {"state": 1.0, "once": -1.0}),
    ),
    **{f"kept_{kind}": (Share(f"kept_{kind}", 0.05, POINTS, cell="once"),) for kind in KINDS},
}


class SurvivalData(Part):
    """By cell, the share of chats in which every clause up to a turn was kept, from turn 0 on."""

    cells: dict[str, list[float]]


def survive(study: StudyData) -> SurvivalData:
    """Compute the survival of goals by turn."""
    labels = study.labels[study.labels["turns_held"].notna()]
    last = int(pd.to_numeric(labels["turns_held"]).max()) if len(labels) else 0
    found = {}
    for cell in study.cells:
        held = labels.loc[labels["cell"] == cell, "turns_held"].astype(float)
        found[cell] = [float((held >= turn).mean()) for turn in range(last + 1)] if len(held) else []
    return SurvivalData(cells=found)


def show(told: Told) -> View | None:
    """Show the survival table, if there are any chats."""
    data = told.findings.sections.get("survival")
    found = SurvivalData.model_validate(data) if data else None
    turns = max((len(shares) for shares in found.cells.values()), default=0) if found else 0
    return {"found": found, "turns": turns} if turns else None


SURVIVAL = Analysis("survival", SurvivalData, survive)
SURVIVAL_SECTION = Section(
    "survival", "How long goals are held", "templates/survival.html.j2", "feint.tasks.user_goals", "", show=show
)
