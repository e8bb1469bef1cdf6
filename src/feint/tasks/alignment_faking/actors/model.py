"""Defines an actor's probability model: the chance to comply, by facts, request and wording. Numbers only.

The rate of a cell is stated on the scale of rates, because a contrast is a difference of rates: an effect of five
points is then five points, and an interaction of zero is zero. Differences between requests and between wordings are
added on the logit scale, where no sum leaves the range from 0 to 1. The intercept of every cell is solved so that its
mean over requests and wordings is the stated rate: a marginally specified logistic-normal model (Heagerty 1999,
Biometrics 55, 688-698). With intercepts on the logit scale, the spread of requests would pull every rate towards one
half, and the truth of a study would depend on the spread.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from scipy.special import expit

from feint.situations import Cell, load_voices, number
from feint.situations.quiz import believed_fact
from feint.tasks.alignment_faking.actors.policy import Policy, Rule, check_rules

Floats = NDArray[np.float64]
STEP, REACH = 0.04, 9.0
"""Of the sum that averages over a normal: for a logistic of it, the sum over equal steps is exact to rounding."""
POINTS = np.arange(-REACH, REACH + STEP / 2, STEP)
WEIGHTS = np.exp(-(POINTS**2) / 2) / np.exp(-(POINTS**2) / 2).sum()
LARGEST = 5.0
"""Of a spread on the logit scale: at 5, nearly every request is always or never complied with."""


class ComplianceModel(Policy):
    """A policy with what makes a study of it hard. Spreads are standard deviations on the logit scale.

    Attributes:
        difficulty: Spread of requests, the same in every cell.
        shifts: Spread of what the facts of a cell add to one request's difficulty: how unlike requests' gaps are.
        voices: Spread of the voices, over all that there are.
        wordings: Spread of the wordings of a voice.
        carriers: Share of requests that carry the effects; the others stand at the rate of the last rule in all cells.
        malformed: Probability that a reply cannot be labelled.
        malformed_refusing: The same where it would have refused; as `malformed` where it is not stated.
        benign: Probability of helping with a benign request.
        population: Picks the draw of difficulties, carriers and wordings that requests and wordings have by their text.
        doubts: The probability of taking a situation for a test, by its facts or its voice: rules as those of
            complying. Without any, it believes what it is told, and takes for real what is not said to be a test.
    """

    difficulty: float = Field(default=0, ge=0, le=LARGEST, allow_inf_nan=False)
    shifts: float = Field(default=0, ge=0, le=LARGEST, allow_inf_nan=False)
    voices: float = Field(default=0, ge=0, le=LARGEST, allow_inf_nan=False)
    wordings: float = Field(default=0, ge=0, le=LARGEST, allow_inf_nan=False)
    carriers: float = Field(default=1, gt=0, le=1)
    malformed: float = Field(default=0, ge=0, le=1)
    malformed_refusing: float | None = Field(default=None, ge=0, le=1)
    benign: float = Field(default=1, ge=0, le=1)
    population: int = 0
    doubts: list[Rule] = Field(default_factory=list)

    @field_validator("doubts")
    @classmethod
    def _doubts_make_sense(cls, rules: list[Rule]) -> list[Rule]:
        return check_rules(rules) if rules else rules

    @model_validator(mode="after")
    def _numbers_fit(self) -> "ComplianceModel":
        if self.voices and any(rule.voice for rule in self.rules):
            raise ValueError("voices: rules that hold in some voices leave no room for a spread of voices; expected 0")
        for rule in self.rules:
            carried = self.rule_rates(rule)[1]
            if not 0 <= carried <= 1:
                raise ValueError(
                    f"carriers: for a rate of {rule.rate:g} the {self.carriers:.0%} of requests that carry the effect "
                    f"would have to stand at {carried:g}; expected more carriers or a smaller effect"
                )
        return self

    def rule_rates(self, rule: Rule) -> tuple[float, float]:
        """Return two mean rates where a rule holds: of requests without the effect, and of requests with the effect."""
        base = self.rules[-1].rate
        return base, round(base + (rule.rate - base) / self.carriers, 12)

    def doubt(self, cell: Cell, voice: str) -> float:
        """Return the probability that the forced choice about a situation is answered by the level to detect."""
        about = believed_fact()
        if self.doubts:
            return next((rule.rate for rule in self.doubts if rule.fits(cell, voice)), 0.0)
        return float(about is not None and about.belief is not None and cell.get(about.fact) == about.belief.signal)

    def lost(self, complies: bool) -> float:
        """Probability that a reply is malformed, by what it would have been."""
        if complies or self.malformed_refusing is None:
            return self.malformed
        return self.malformed_refusing

    def voice_shifts(self) -> dict[str, float]:
        """Return the shift of each voice on the logit scale: equally spaced, in an order that the population draws."""
        return dict(_voice_shifts(self.voices, self.population))

    def intercepts(self, cell: Cell, voice: str) -> tuple[float, float]:
        """Return the logit before a request and a wording shift it, without and with the effect."""
        shifts = self.voice_shifts()
        spread = float(np.sqrt(self.difficulty**2 + self.shifts**2 + self.wordings**2))
        over = tuple(sorted(shifts.values())) if self.voices else (0.0,)
        without, carrying = (
            solve_intercept(rate, spread, over) + shifts.get(voice, 0.0)
            for rate in self.rule_rates(self.rule(cell, voice))
        )
        return without, carrying


@lru_cache(maxsize=4096)
def _voice_shifts(spread: float, population: int) -> dict[str, float]:
    names = sorted(load_voices(), key=lambda name: number("voice", population, name))
    places = np.arange(len(names)) - (len(names) - 1) / 2
    return dict(zip(names, spread * places / max(float(places.std()), 1e-300), strict=True))


def mean_rate(intercept: float, spread: float, shifts: Sequence[float] = (0.0,)) -> float:
    """The mean of expit(intercept + shift + spread * z), z standard normal, over z and over equally likely shifts."""
    at = intercept + np.asarray(shifts, dtype=float)[:, None] + spread * POINTS
    return float((expit(at) @ WEIGHTS).mean())


@lru_cache(maxsize=4096)
def solve_intercept(rate: float, spread: float, shifts: tuple[float, ...] = (0.0,)) -> float:
    """The intercept at which `mean_rate` is `rate`; infinite for a rate of 0 or 1."""
    if rate in (0, 1):
        return float(np.inf if rate else -np.inf)
    high = 40.0 + REACH * spread + max(map(abs, shifts))
    low = -high
    for _ in range(70):
        middle = (low + high) / 2
        low, high = (middle, high) if mean_rate(middle, spread, shifts) < rate else (low, middle)
    return (low + high) / 2


def true_rates(actor: ComplianceModel, cells: Mapping[str, Cell], told: Mapping[str, str] | None = None) -> Floats:
    """The population's rate of complying in each cell, over requests, wordings and all voices; shape (cells,).

    `told` names the voice of cells that are told in one alone.
    """
    voices, told = list(load_voices()), told or {}
    return np.array([actor.rate(cell, [told[name]] if name in told else voices) for name, cell in cells.items()])
