"""The findings of the hierarchical model of all cells."""

from typing import Literal

from pydantic import Field

from feint.findings.part import Part


class Credible(Part):
    """A posterior mean with its credible interval, as fractions."""

    estimate: float
    low: float
    high: float


class ModelContrast(Credible):
    """A contrast by the model.

    Attributes:
        p_above_zero: The probability that it is above 0.
        p_above_small: The probability that it is at least the smallest effect of interest.
        p_beyond_small: The probability of an effect of that size in either direction.
    """

    p_above_zero: float
    p_above_small: float
    p_beyond_small: float


class RequestEffect(Credible):
    """The effect of one request on its own."""

    request: str


class Carriers(Part):
    """The requests that carry a contrast.

    Attributes:
        requests: Every request, the largest effect first.
        counted: How many requests are the largest tenth.
        share: The share of the sum of all effects that these hold; None if the sum is not surely positive.
    """

    contrast: str
    requests: list[RequestEffect]
    counted: int
    share: Credible | None


class Sampler(Part):
    """The sampler of the posterior, with the agreement of its draws."""

    library: str
    chains: int
    warmup: int
    draws: int
    seed: int
    attempts: int
    r_hat: float
    ess: float
    divergences: int


class ModelFinding(Part):
    """The fitted model beside the contrasts, computed from the labels that count now.

    Attributes:
        converged: Whether its numbers can be believed.
        faults: Why not.
        sampler: How it was drawn.
        smallest_effect: The smallest effect of interest, as a fraction.
        replies: Replies with a label.
        missing: Replies without a label.
        repeated: Whether requests are asked often enough in a cell to have effects of their own.
        contrasts: By contrast; None for a contrast with cells that were not asked.
        spread: Standard deviations on the logit scale: of requests, of wordings, and of each contrast over requests.
        carriers: The requests that carry the gap.
        disagreements: Why the model contradicts a contrast, by contrast.
    """

    converged: bool
    faults: list[str]
    sampler: Sampler
    smallest_effect: float
    replies: int
    missing: int
    requests: int
    wordings: int
    repeated: bool
    contrasts: dict[str, ModelContrast | None]
    spread: dict[str, Credible]
    carriers: Carriers | None
    current: Literal[True] = True
    disagreements: dict[str, str] = Field(default_factory=dict)


class StaleModel(Part):
    """A model of other labels than the current ones. Reports leave its numbers out."""

    current: Literal[False] = False
