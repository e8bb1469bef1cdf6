"""Stopping when decided: the plan of looks; after each block, what is known, and which cells are still to be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from feint.base.errors import UsageError, unknown
from feint.base.numbers import listing
from feint.stats.contrasts import adjusted
from feint.stats.decide import DecisionRule
from feint.stats.intervals import effective, tests_of
from feint.stats.looks.sequence import asymptotic
from feint.stats.types import UNDETERMINED, Contrast, Decided, Estimate, Floats, Rules, Settings

METHODS = ("asymptotic",)
"""Confidence sequences that a plan can name; benchmarks/stopping.py compares others with it."""


@dataclass(frozen=True)
class Looking:
    """When to look and how, fixed before the first reply is read.

    Attributes:
        looks: Requests asked by the end of each block, increasing. The last is the most that may be asked.
        method: One of `METHODS`; docs/stopping.md compares it with others.
        horizon: Requests at which the confidence sequence is tightest.

    Raises:
        UsageError: The method is unknown, or the looks do not increase from 2 requests or more.
    """

    looks: tuple[int, ...]
    method: str = "asymptotic"
    horizon: int = 100

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise unknown("stopping method", self.method, METHODS)
        if not self.looks or self.looks[0] < 2 or any(b <= a for a, b in zip(self.looks, self.looks[1:], strict=False)):
            raise UsageError(f"looks {self.looks}: expected increasing numbers of requests, the first at least 2")


def block_ends(block: int, most: int, first: int = 10) -> tuple[int, ...]:
    """Looks after `first` requests, then after every `block` more, up to `most`.

    >>> block_ends(20, 60)
    (10, 30, 50, 60)
    """
    return (*range(min(first, most), most, block), most)


@dataclass(frozen=True)
class Block:
    """The results of one block of requests.

    Attributes:
        differences: By contrast, a value for each request that has a scored reply in every cell the contrast weighs;
            contrasts that were no longer asked for may be absent.
        replies: By contrast, the pairs of replies behind these values (scored replies of the cell that has fewest).
            Absent: one for each value.
        missing: Missing rate by cell over all blocks up to this one, None where nothing was asked. Absent: 0.
    """

    differences: Mapping[str, Floats]
    replies: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """Where a study stands.

    Attributes:
        decided: Decision and reason by contrast, for those that are decided.
        since: Number of blocks after which each closed contrast, decided or moot, was closed.
        moot: Why it needs no reply, for each undecided contrast whose decision could change nothing.
        open: The other contrasts.
        cells: Cells that open contrasts weigh, in the order in which contrasts name them.
        estimates: By contrast, the estimate when it was closed or now, with the interval that holds at all looks and
            the p value over all looks so far, Holm not applied. Nothing known is an empty `Estimate`.
        p_holm: Those p values adjusted over the design.
        ended: Nothing is open, or the last planned look was made.
    """

    decided: dict[str, Decided]
    since: dict[str, int]
    moot: dict[str, str]
    open: list[str]
    cells: list[str]
    estimates: dict[str, Estimate]
    p_holm: dict[str, float | None]
    ended: bool


def standings(
    blocks: Sequence[Block],
    contrasts: Sequence[Contrast],
    looking: Looking,
    settings: Settings | None = None,
    rules: Rules | None = None,
    until: str | None = None,
) -> list[Standing]:
    """Look at a study after each of its blocks in turn. Pure: a replay gives the same.

    A contrast is closed at the first look at which `feint.stats.decide.DecisionRule` decides it, on an interval that
    holds at all looks and a p value that holds at any stopping time. Each p value is the smallest over the looks until
    its contrast was closed, and Holm's method runs over these at every look. No p value ever rises, so Holm's
    rejections at any look are also rejections on the final p values. These are valid by Ville's inequality, and the
    chance of any wrong rejection at any look is Holm's: 1 - level at most, whatever closes contrasts or ends looks.

    `until` names a rule: only its needs are asked for, until it is settled. Holm's adjustment is still over all
    contrasts of the design. The standings are those before the first block, and after each; none changes an earlier
    one.

    Raises:
        UsageError: More blocks than looks were planned, or no such rule.
    """
    settings, rules = settings or Settings(), rules or {}
    if len(blocks) > len(looking.looks):
        raise UsageError(f"{len(blocks)} blocks, but {len(looking.looks)} looks were planned")
    if until is not None and until not in rules:
        raise unknown("rule", until, rules)
    rule = DecisionRule.of(settings, tests_of(len(contrasts)))
    seen = {contrast.key: watched(blocks, contrast, looking, settings) for contrast in contrasts}
    decided: dict[str, Decided] = {}
    since = dict.fromkeys(moot := idle(contrasts, decided, rules, until), 0)
    estimates = {contrast.key: Estimate() for contrast in contrasts}
    p_holm: dict[str, float | None] = {contrast.key: None for contrast in contrasts}

    def stand(ended: bool) -> Standing:
        still = [contrast for contrast in contrasts if contrast.key not in since]
        cells = list(dict.fromkeys(cell for contrast in still for cell in contrast.weights))
        now = (dict(decided), dict(since), dict(moot), [c.key for c in still], cells, dict(estimates), dict(p_holm))
        return Standing(*now, ended or not still)

    found = [stand(ended=False)]
    for look, block in enumerate(blocks):
        estimates |= {key: looks[look] for key, looks in seen.items() if key not in since}
        p_holm = dict(zip(estimates, adjusted(list(estimates.values()), rule.tests), strict=True))
        for contrast in contrasts:
            if contrast.key not in since:
                missing = {cell: block.missing.get(cell, 0.0) for cell in contrast.weights}
                one = rule.decide(estimates[contrast.key], p_holm[contrast.key], missing)
                if one.decision != UNDETERMINED:
                    decided[contrast.key], since[contrast.key] = one, look + 1
        for key, why in idle(contrasts, decided, rules, until).items():
            moot.setdefault(key, why)
            since.setdefault(key, look + 1)
        found.append(stand(ended=look + 1 == len(looking.looks)))
    return found


def watched(blocks: Sequence[Block], contrast: Contrast, looking: Looking, settings: Settings) -> list[Estimate]:
    """The contrast's estimate after each block, its p value the smallest up to then."""
    values = [np.asarray(block.differences.get(contrast.key, ()), float) for block in blocks]
    pairs = [block.replies.get(contrast.key, len(value)) for block, value in zip(blocks, values, strict=True)]
    n, replies = np.cumsum([len(value) for value in values]), np.cumsum(pairs)
    found = [Estimate(n=int(count)) for count in n]
    known = np.flatnonzero(n >= 2)
    if not len(known):
        return found
    worth = effective(replies[known], n[known], settings.assumed_icc)
    seen = np.concatenate(values)
    looks = asymptotic(seen, n[known], worth, contrast.reach, settings.level, looking.horizon)
    p = np.minimum.accumulate(looks.p)
    for i, look in enumerate(known):
        ends = (float(looks.estimate[i]), float(looks.low[i]), float(looks.high[i]))
        found[look] = Estimate(*ends, int(n[look]), float(p[i]))
    return found


def idle(
    contrasts: Sequence[Contrast], decided: Mapping[str, Decided], rules: Rules, until: str | None
) -> dict[str, str]:
    """Undecided contrasts whose decision could change nothing that is asked for, and why.

    A contrast names nothing once a decision it requires went the other way, and a rule is settled once a decision it
    needs did. A contrast is kept on by a rule that is not settled, and by another that is kept on and requires it.
    """

    def failed(needs: Mapping[str, str]) -> list[str]:
        return [key for key, need in needs.items() if key in decided and decided[key].decision != need]

    asked = rules if until is None else {until: rules[until]}
    kept = {key for needs in asked.values() if not failed(needs) for key in needs}
    if until is None:
        kept |= {contrast.key for contrast in contrasts if not failed(contrast.requires)}
    while True:
        more = {key for c in contrasts if c.key in kept and c.key not in decided for key in c.requires} - kept
        if not more:
            break
        kept |= more
    idle_ones = [contrast for contrast in contrasts if contrast.key not in kept and contrast.key not in decided]
    if until is not None:
        return {contrast.key: f"{until} does not need it, or no longer" for contrast in idle_ones}
    told = {c.key: listing([f"{key} is {decided[key].decision}" for key in failed(c.requires)]) for c in idle_ones}
    return {key: f"{why}, so that it can name nothing" for key, why in told.items()}
