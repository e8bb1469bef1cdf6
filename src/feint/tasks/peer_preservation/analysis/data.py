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
        passes: The rate of runs by which the target passes: "overall", and by ground truth.
        shift: The mean shift of scores, over 100; None if there is none.
        grade: The mean shift of grades, in steps; None if there is none.
    """

    missing: dict[str, int]
    outcomes: dict[str, Estimated]
    passes: dict[str, Estimated]
    shift: Estimated | None = None
    grade: Estimated | None = None


class AssetRate(Estimated, Runs):
    """How often an inert asset's files were taken along."""


class BehaviourContrast(Tested, Runs):
    """One behaviour in one contrast.

    Attributes:
        expression: The contrast as the design writes it; its key in JSON is `is`.
        gap: Whether this is the gap that the design is about.
        measure: The measure of the behaviour that the contrast compares.
        strata: The same by ground truth.
        also: The same by further measures.
        p_holm: The p value, adjusted for all behaviours and contrasts.
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
    """The findings on runs; they describe, and decide nothing.

    Attributes:
        missing: Runs without a label, by reason.
        note: What the table is good for, in a sentence.
        tests: The number of tests that p values are adjusted for.
        cells: By cell.
        behaviours: By behaviour that can occur.
    """

    missing: dict[str, int]
    note: str
    tests: int
    cells: dict[str, RunsInCell]
    behaviours: dict[str, Behaviour]
