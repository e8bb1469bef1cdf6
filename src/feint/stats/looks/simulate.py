"""Whole studies that stop when decided, simulated many at once: power, errors and coverage of the rule that was run.

Every study draws replies as `feint.stats.power.spread.Spread` describes them and is looked at as
`feint.stats.looks.stopping.standings` looks: the same confidence sequence at every look, Holm's adjustment over the
design, requirements, rules and contrasts that are closed. tests/stats/test_simulated_looks.py compares both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from feint.stats.decide import DecisionRule
from feint.stats.intervals import effective, holm, tests_of
from feint.stats.looks.sequence import asymptotic_of_moments
from feint.stats.looks.stopping import Looking, idle
from feint.stats.power.spread import Spread
from feint.stats.types import (
    UNDETERMINED,
    Bools,
    Contrast,
    Decided,
    Estimates,
    Floats,
    Ints,
    Rules,
    Settings,
    Strings,
)

SEED = 20261130
PARTS = ("estimate", "low", "high", "p", "n")


@dataclass(frozen=True)
class Asking:
    """The plan of a study that stops when decided.

    Attributes:
        contrasts: Those of the design.
        looking: When it is looked, and how.
        settings: The numbers that decide.
        rules: Explanations that several contrasts decide together.
        until: The rule that asking goes on for; None for all contrasts.
        each: Replies to a request in a cell.
    """

    contrasts: tuple[Contrast, ...]
    looking: Looking
    settings: Settings
    rules: Rules
    until: str | None
    each: int

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """Cells that contrasts weigh."""
        return tuple(dict.fromkeys(cell for contrast in self.contrasts for cell in contrast.weights))

    def moot(self, decisions: Sequence[str]) -> list[bool]:
        """Contrasts without a decision that need none, by the decisions so far in the order of the contrasts."""
        known = {
            contrast.key: Decided(decision, "")
            for contrast, decision in zip(self.contrasts, decisions, strict=True)
            if decision != UNDETERMINED
        }
        without = idle(self.contrasts, known, self.rules, self.until)
        return [contrast.key in without for contrast in self.contrasts]


@dataclass(frozen=True)
class Outcomes:
    """The results of S studies on K contrasts.

    Attributes:
        decisions: At the end, shape (S, K).
        moot: Contrasts that were closed without a decision, or never asked; shape (S, K).
        closed: Estimates when contrasts were closed, or at the last look; shape (S, K).
        requests: Requests that were asked, shape (S,).
    """

    decisions: Strings
    moot: Bools
    closed: Estimates
    requests: Ints

    def share(self, at: int, decision: str) -> float:
        """Share of studies that decide one contrast so."""
        return float((self.decisions[:, at] == decision).mean())

    def covered(self, truth_K: Floats) -> float:
        """Share of intervals that hold the truth, of contrasts that were looked at; NaN without any."""
        held = np.where(self.moot, np.nan, self.closed.cover(truth_K))
        return float(np.nanmean(held)) if not np.isnan(held).all() else float("nan")


class Studies:
    """Simulated studies of one plan. Random numbers are drawn once, so that two truths differ in the truth alone."""

    def __init__(self, asking: Asking, spread: Spread, missing: Mapping[str, float], studies: int, seed: int = SEED):
        """Draw the requests and replies of some studies.

        Args:
            asking: The plan.
            spread: How alike the replies to one request are.
            missing: Share of replies that are lost, by cell.
            studies: Number of studies.
            seed: Of the random numbers.
        """
        self.asking, self.spread, self.missing = asking, spread, missing
        self.studies, self.requests = studies, asking.looking.looks[-1]
        rng, shape = np.random.default_rng(seed), (studies, self.requests)
        self._shared = np.sqrt(spread.other) * rng.standard_normal(shape, dtype=np.float32)
        self._of_cell = {
            cell: (
                self._shared + np.sqrt(spread.same - spread.other) * rng.standard_normal(shape, dtype=np.float32),
                rng.random((*shape, asking.each), dtype=np.float32),
                rng.random((*shape, asking.each), dtype=np.float32) < missing[cell] if missing[cell] else None,
            )
            for cell in asking.cells
        }
        self._looked: dict[tuple[str, tuple[float, ...]], Estimates] = {}

    def run(self, rates: Mapping[str, float]) -> Outcomes:
        """Run all studies of a subject that complies in each cell at some rate."""
        looks = [self.looked(contrast, rates) for contrast in self.asking.contrasts]
        return replay_many(self.asking, looks)

    def labels(self, cell: str, rate: float) -> Floats:
        """Replies in one cell, NaN where lost; shape (S, R, each)."""
        deviate, uniform, lost = self._of_cell[cell]
        chance = special.ndtr((np.float32(special.ndtri(rate)) + deviate) / np.float32(np.sqrt(1 - self.spread.same)))
        found = (uniform < chance[..., None]).astype(np.float32)
        return found if lost is None else np.where(lost, np.float32(np.nan), found)

    def looked(self, contrast: Contrast, rates: Mapping[str, float]) -> Estimates:
        """Estimates of a contrast at every look, shape (S, T); NaN with fewer than two requests."""
        key = contrast.key, tuple(rates[cell] for cell in contrast.weights)
        if key not in self._looked:
            self._looked[key] = self.look(contrast, rates)
        return self._looked[key]

    def look(self, contrast: Contrast, rates: Mapping[str, float]) -> Estimates:
        """Compute `looked`."""
        settings, looking = self.asking.settings, self.asking.looking
        sets = sum(weight * self.labels(cell, rates[cell]) for cell, weight in contrast.weights.items())
        assert isinstance(sets, np.ndarray)
        whole = ~np.isnan(sets)
        units = whole.sum(axis=-1)
        value = np.where(whole, sets, 0).sum(axis=-1, dtype=float) / np.maximum(units, 1)
        return at_looks(value, units, contrast.reach, looking, settings)


def at_looks(value_SR: Floats, sets_SR: Floats | Ints, reach: float, looking: Looking, settings: Settings) -> Estimates:
    """Estimate one contrast of many studies at every look, shape (S, T); NaN with fewer than two requests.

    Args:
        value_SR: The mean difference of every request in the order of asking, 0 where all its replies are lost.
        sets_SR: The number of sets of replies behind each difference.
        reach: The largest difference of one set.
        looking: When the studies are looked at.
        settings: The numbers that decide.

    Returns:
        Estimates with the smallest p value so far.
    """
    at = np.array(looking.looks) - 1
    n, behind, total, squares = (
        np.cumsum(x, axis=1)[:, at] for x in ((sets_SR > 0).astype(np.int64), sets_SR, value_SR, np.square(value_SR))
    )
    some = np.maximum(n, 2)
    mean = total / some
    spread = np.sqrt(np.maximum(squares - some * np.square(mean), 0.0) / (some - 1))
    worth = effective(np.maximum(behind, some), some, settings.assumed_icc)
    found = asymptotic_of_moments(mean, spread, some, worth, reach, settings.level, looking.horizon)
    gone = n < 2
    low, high, p = (np.where(gone, np.nan, x) for x in (found.low, found.high, found.p))
    return Estimates(np.where(gone, np.nan, mean), low, high, np.fmin.accumulate(p, axis=1), n.astype(float))


def replay_many(asking: Asking, looks: Sequence[Estimates]) -> Outcomes:
    """Close the contrasts of many studies look by look, as `feint.stats.looks.stopping.standings` does.

    `looks` holds an estimate for each contrast, shape (S, T), with the smallest p value so far.
    """
    every = Estimates.side_by_side(looks)  # (S, T, K)
    studies, count = every.p.shape[0], len(looks)
    rule = DecisionRule.of(asking.settings, tests_of(count))
    said = np.full((studies, count), UNDETERMINED, dtype="<U12")
    moot: Bools = np.tile(np.array(asking.moot([UNDETERMINED] * count)), (studies, 1))
    stop = np.zeros((studies, count), dtype=np.int64)
    held, asked = np.full((studies, count), np.nan), np.zeros(studies, dtype=np.int64)
    known: dict[tuple[str, ...], list[bool]] = {}
    for look, requests in enumerate(asking.looking.looks):
        still = (said == UNDETERMINED) & ~moot
        if not still.any():
            break
        asked = np.where(still.any(axis=1), requests, asked)
        held = np.where(still, every.p[:, look], held)
        stop = np.where(still, look, stop)
        at = (every.estimate[:, look], every.low[:, look], every.high[:, look])
        now = rule.decisions(*at, holm(held, rule.tests))
        closing = still & (now != UNDETERMINED) & (every.n[:, look] >= rule.least)
        if closing.any():
            said = np.where(closing, now, said)
            rows = closing.any(axis=1)
            patterns, which = np.unique(said[rows], axis=0, return_inverse=True)
            for pattern in map(tuple, patterns.tolist()):
                if pattern not in known:
                    known[pattern] = asking.moot(pattern)
            found = np.array([known[tuple(pattern)] for pattern in patterns.tolist()])[which.reshape(-1)]
            moot[rows] |= found
    pick = stop[:, None, :]
    closed = Estimates(*(np.take_along_axis(getattr(every, name), pick, axis=1)[:, 0] for name in PARTS))
    return Outcomes(said, moot & (said == UNDETERMINED), closed, asked)
