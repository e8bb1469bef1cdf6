"""Entries of the findings, as plain dicts; a number that cannot be estimated is None."""

from typing import NotRequired, TypedDict


class BoundsEntry(TypedDict):
    """Two ends of a range."""

    low: float | None
    high: float | None


class EstimateEntry(BoundsEntry):
    """A number with its interval."""

    estimate: float | None
    n: int


class TestedEntry(EstimateEntry):
    """A number with its interval and p value."""

    p: float | None


class DecisionEntry(TypedDict):
    """A decision with its reason."""

    decision: str
    reason: str


Expression = TypedDict("Expression", {"is": str})


class DetailEntry(TypedDict):
    """Details of a contrast; `ratio` is added where the design asks for one."""

    wording_share: float | None
    voices: dict[str, TestedEntry]
    per_request: dict[str, float]
    ratio: NotRequired[dict[str, object]]


class ContrastEntry(Expression, TestedEntry, DecisionEntry, DetailEntry):
    """A contrast with its estimate and the decision on it."""

    weights: dict[str, float]
    names: str | None
    any_of: list[str]
    requires: dict[str, str]
    gap: bool
    p_holm: float | None
    worst_case: BoundsEntry


class CellEntry(TypedDict):
    """A cell of the design."""

    compliance: EstimateEntry
    missing: dict[str, int]
    missing_rate: float | None
    bounds: BoundsEntry
    twins: EstimateEntry | None
    stated: dict[str, EstimateEntry]
    voices: dict[str, EstimateEntry]


class FactEntry(EstimateEntry):
    """The answers about a single fact."""

    chance: float
    missing: int
