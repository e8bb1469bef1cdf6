"""How a study looks at its contrasts: when, and by which confidence sequence."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from feint.base.errors import UsageError, unknown
from feint.stats.looks.betting import betting
from feint.stats.looks.sequence import Watched, asymptotic
from feint.stats.looks.spending import SPENDING, group_sequential
from feint.stats.types import Floats, Ints

METHODS = ("betting", "asymptotic", *SPENDING)


@dataclass(frozen=True)
class Looking:
    """When to look and how, fixed before the first reply is read.

    Attributes:
        looks: Requests asked by the end of each block, increasing. The last is the most that may be asked; betting and
            asymptotic sequences may go on beyond it (with a new `Looking`), spending may not.
        method: One of `METHODS`; docs/stopping.md compares them.
        horizon: Requests at which an asymptotic sequence is tightest.
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
    """Looks after `first` requests, then after every `block` more, up to `most`."""
    return (*range(min(first, most), most, block), most)


def watch(
    values_R: Floats,
    looks_T: Ints,
    worth_T: Any,
    reach: float,
    level: float,
    looking: Looking,
    which_T: Ints | None = None,
) -> Watched:
    """A contrast at every look so far, by the method of `looking`.

    Args:
        values_R: Differences in the order in which they arrived, shape (..., R).
        looks_T: Requests with a difference at each look, from 2 to R; fewer than planned where replies are missing.
        worth_T: Effective number of pairs of replies at each look (see `feint.stats.effective`).
        reach: Largest value of a difference.
        level: Probability of covering the truth at all looks at once.
        looking: When and how.
        which_T: Which of the planned looks these are, counted from 0; without it, the first T.
    """
    if looking.method == "betting":
        return betting(values_R, looks_T, reach, level)
    if looking.method == "asymptotic":
        return asymptotic(values_R, looks_T, worth_T, reach, level, looking.horizon)
    plan = tuple(n / looking.looks[-1] for n in looking.looks)
    which_T = np.arange(len(looks_T)) if which_T is None else which_T
    return group_sequential(values_R, looks_T, worth_T, reach, level, plan, which_T, looking.method)
