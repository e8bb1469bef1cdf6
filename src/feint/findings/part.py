"""The bases of every model in the findings: parts, bounds, estimates."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the findings: checked when it is made, never changed, and without keys that nobody described."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Bounds(Part):
    """The ends of an interval, as fractions; None where there is no interval."""

    low: float | None
    high: float | None


class Estimated(Bounds):
    """An estimate with its interval; None where nothing can be estimated.

    Attributes:
        estimate: A share, or a difference of shares, as a fraction.
        n: The number of units behind it: replies for a share, requests for a difference.
    """

    estimate: float | None
    n: int = 0


class Tested(Estimated):
    """An estimate with the p value of *no difference*, two-sided."""

    p: float | None = None


class Decision(Tested):
    """An estimate with the decision on it.

    Attributes:
        p_holm: The p value, adjusted for the number of tests.
        decision: "yes", "no", "undetermined" or "conflicting".
        reason: Why, in a clause.
    """

    p_holm: float | None = None
    decision: str
    reason: str = ""
