"""The strict score beside the share of right choices, and where short cuts are taken."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from feint.findings.analysis import Analysis, StudyData
from feint.findings.part import Part
from feint.report.section import Section, Told, View
from feint.stats.intervals import wilson

PACKAGE = "feint.tasks.override"
CONFLICT = "conflict"
STRICT_OF = 10
"""Replies that all have to be right in the published strict score."""


class CellScore(Part):
    """The scores of one cell.

    Attributes:
        right: Share of right choices, over all replies with a label.
        least: The fewest replies with a label to a scene.
        strict: Share of scenes of which every reply is right.
        ten: The strict score of ten replies if all scenes had that share.
    """

    right: float | None
    least: int
    strict: float | None
    ten: float | None


class FamilyScore(Part):
    """Short cuts in the cell of conflict, of one family; the interval is Wilson's, over scenes."""

    share: float
    low: float
    high: float
    scenes: int


class StrictData(Part):
    """The scores by cell, and the short cuts by family of cue and of constraint."""

    cells: dict[str, CellScore]
    families: dict[str, FamilyScore]


def score(study: StudyData) -> StrictData:
    """Compute the scores of a study; there are none without the cell of conflict."""
    if CONFLICT not in study.cells:
        return StrictData(cells={}, families={})
    labels = study.labels[~study.labels["twin"].astype(bool) & study.labels["right"].notna()]
    cells = {}
    for cell in study.cells:
        here = labels[labels["cell"] == cell].groupby("request")["right"].agg(["mean", "size"])
        if len(here):
            right = float(labels.loc[labels["cell"] == cell, "right"].mean())
            cells[cell] = CellScore(
                right=right,
                least=int(here["size"].min()),
                strict=float((here["mean"] == 1).mean()),
                ten=right**STRICT_OF,
            )
    families = {}
    conflict = labels[labels["cell"] == CONFLICT]
    for column in ("cue_family", "constraint"):
        for family, rows in conflict.groupby(column, sort=False):
            by_scene = 1 - rows.groupby("request")["right"].mean()
            share, scenes = float(by_scene.mean()), len(by_scene)
            low, high = wilson(share, scenes, study.settings.level)
            families[str(family)] = FamilyScore(share=share, low=float(low), high=float(high), scenes=scenes)
    return StrictData(cells=cells, families=families)


def show(told: Told) -> View | None:
    """Show the scores, if there are any."""
    found = told.findings.sections.get("strict")
    data = StrictData.model_validate(found) if found else None
    return {"found": data, "ten": STRICT_OF} if data and data.cells else None


def terminal(told: Told) -> Iterator[RenderableType]:
    """Say the strict score of each cell in a line."""
    view = show(told)
    if view is None:
        return
    found = view["found"]
    assert isinstance(found, StrictData)
    for cell, one in found.cells.items():
        if one.right is not None and one.strict is not None and one.ten is not None:
            yield Text(
                f"{cell}: {100 * one.right:.0f} % right; {100 * one.strict:.0f} % of scenes right in all their replies "
                f"({one.least} each); ten of ten would be {100 * one.ten:.0f} % if scenes were alike"
            )


STRICT = Analysis("strict", StrictData, score)
STRICT_SECTION = Section(
    "strict", "Strict scores and families", "templates/strict.html.j2", PACKAGE, "", show=show, terminal=terminal
)
