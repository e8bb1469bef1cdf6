"""Many votes on a reply: the published rule, stopped as soon as its label is settled. Pure; no model, no scipy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from feint.base.errors import UsageError

Word = Literal["yes", "no"]
POINTS = 101
"""Probabilities on the grid of a population."""
WORTH = 10.0
"""Number of further replies that a prior counts for, so that no probability becomes impossible."""


@dataclass(frozen=True)
class Population:
    """The population of replies: a discrete distribution of the probability that a judge says yes to a reply.

    `rate` is each probability, `weight` the share of replies with it; weights sum to 1.
    """

    rate: tuple[float, ...]
    weight: tuple[float, ...]

    @classmethod
    def beta(cls, a: float, b: float) -> "Population":
        """Beta(a, b) on a grid that is even in arcsin(sqrt(rate)), fine near 0 and 1 where most replies are."""
        rate = np.sin(np.pi * (np.arange(POINTS) + 0.5) / (2 * POINTS)) ** 2
        weight = rate ** (a - 0.5) * (1 - rate) ** (b - 0.5)
        return cls(tuple(map(float, rate)), tuple(map(float, weight / weight.sum())))

    @classmethod
    def learnt(cls, yes: Sequence[int], asked: Sequence[int], prior: "Population | None" = None) -> "Population":
        """Learn the population from recorded votes.

        The nonparametric maximum likelihood estimate of a mixing distribution (Laird 1978, JASA 73) by expectation
        maximisation on the grid of `prior`. When to stop depends on the votes alone, so votes that a `VoteRule` stopped
        early have the same likelihood, up to a constant, as the same number of planned votes, and can be used as they
        are.

        Args:
            yes: Votes that said yes, one entry a reply.
            asked: Votes that gave an answer, one entry a reply.
            prior: The population before anything is seen.

        Raises:
            UsageError: The two differ in length, or a reply has more votes for yes than votes.
        """
        base = prior or PRIOR
        s, n = np.asarray(yes, float), np.asarray(asked, float)
        if s.shape != n.shape or (s > n).any() or (s < 0).any():
            raise UsageError("recorded votes: expected one count of yes and one of votes a reply, yes not above votes")
        rate, start = np.array(base.rate), np.array(base.weight)
        likelihood = np.exp(s[:, None] * np.log(rate) + (n - s)[:, None] * np.log1p(-rate))
        weight = start
        for _ in range(300):
            share = likelihood * weight
            weight = (share / share.sum(axis=1, keepdims=True)).sum(axis=0) + WORTH * start
            weight = weight / weight.sum()
        return cls(base.rate, tuple(map(float, weight)))


PRIOR = Population.beta(0.3, 0.3)
"""Assumed before anything is known: most replies are nearly always, or nearly never, voted yes.

Chosen by `benchmarks/votes.py`: the flattest prior of those tried that stops after five votes for no and none for yes.
"""


@dataclass(frozen=True)
class VoteRule:
    """The label that a number of votes would give, and when to stop asking for them.

    The label is yes iff at least `share` of all `votes` say yes (Sheshadri et al. 2025, App. K: 8 of 20). Asking stops
    when the votes still to come cannot change it (curtailed sampling, Wald 1947), or when the probability that they
    would is at most `error`. That is the predictive probability of Lee & Liu 2008 (Clinical Trials 5): the
    probability, over the population of replies given the votes so far, that all the votes would reach the share. Over
    replies of that population the labels therefore differ from those of all the votes in at most `error` of cases; on
    replies whose rate is near the share more differ, and asking goes on longest.

    Attributes:
        votes: Votes of the full rule.
        share: Share of yes from which the label is yes.
        error: Largest accepted probability that the remaining votes would change the label; 0 stops only when they
            cannot.
        least: Votes asked for at least, however sure the population makes it.
        max_failed: Failed votes, each of which is asked again, above which the label is missing.
        population: What is known of the replies, before this one.
    """

    votes: int = 20
    share: float = 0.4
    error: float = 0.01
    least: int = 2
    max_failed: int = 5
    population: Population = field(default=PRIOR, repr=False)

    def __post_init__(self) -> None:
        if self.votes < 1 or not 0 < self.share <= 1 or not 0 <= self.error < 0.5:
            raise UsageError(
                f"votes {self.votes}, share {self.share}, error {self.error}: expected at least one vote, "
                "a share above 0 and up to 1, an error from 0 to below 0.5"
            )

    @property
    def needed(self) -> int:
        """The number of votes for yes that make the label yes."""
        return math.ceil(self.share * self.votes - 1e-9)  # 0.07 * 100 is 7.000000000000001

    def chance(self, yes: int, asked: int) -> float:
        """Return the probability that all the votes would give yes, after `yes` of `asked`."""
        return float(_chances(self.votes, self.needed, self.population)[asked, yes])

    def decide(self, yes: int, asked: int) -> Word | None:
        """Return the label after `yes` of `asked` votes that gave an answer; None means that asking goes on.

        Raises:
            ValueError: Counts that cannot be.
        """
        if not 0 <= yes <= asked <= self.votes:
            raise ValueError(f"{yes} of {asked} votes for yes, of {self.votes} at most")
        if yes >= self.needed:
            return "yes"
        if asked - yes > self.votes - self.needed:
            return "no"
        if asked < self.least:
            return None
        chance = self.chance(yes, asked)
        return "no" if chance <= self.error else "yes" if chance >= 1 - self.error else None

    def settle(self, yes: int, no: int, failed: int) -> Word | Literal["missing"] | None:
        """Return the label after votes, some of which failed: a failed vote is asked again and is never a no.

        The label is "missing" if the votes that gave an answer do not settle it and more than `max_failed` failed.
        """
        return self.decide(yes, yes + no) or ("missing" if failed > self.max_failed else None)

    def ahead(self, yes: int, asked: int) -> int:
        """Count the votes that are needed in any case and can be asked at once; 0 when decided."""
        if self.decide(yes, asked):
            return 0
        more = 1
        while not any(self.decide(yes + plus, asked + more) for plus in range(more + 1)):
            more += 1
        return more


@cache
def _chances(votes: int, needed: int, population: Population) -> NDArray[np.float64]:
    """Predictive probability of the label yes, by votes asked and votes for yes, shape (votes + 1, votes + 1)."""
    rate, weight = np.array(population.rate), np.array(population.weight)
    said = np.arange(votes + 1)
    reached_SP = np.repeat((said >= needed).astype(float)[:, None], len(rate), axis=1)
    found = np.full((votes + 1, votes + 1), np.nan)
    for asked in range(votes, -1, -1):
        yes = said[: asked + 1, None]
        posterior_SP = np.exp(yes * np.log(rate) + (asked - yes) * np.log1p(-rate)) * weight
        found[asked, : asked + 1] = (posterior_SP * reached_SP[: asked + 1]).sum(axis=1) / posterior_SP.sum(axis=1)
        reached_SP = np.vstack([rate * reached_SP[1:] + (1 - rate) * reached_SP[:-1], reached_SP[-1:]])
    return found


def vote_rule(votes: int) -> VoteRule | None:
    """Return the rule by which a number of votes becomes a label; None for a single answer."""
    return None if votes == 1 else VoteRule(votes=votes)
