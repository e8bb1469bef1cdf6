"""The section of the findings on runs: outcomes by cell, and behaviours by contrast."""

from pydantic import Field

from feint.findings import Estimated, Part, Tested


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
