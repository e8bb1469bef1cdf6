"""The plan of a study's interim looks: when to look at a contrast, and by which confidence sequence."""

from dataclasses import dataclass

from feint.base.errors import UsageError, unknown

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
