"""Apply a rule of votes to votes that are known: what a judge that is asked would have to find."""

from collections.abc import Iterable
from dataclasses import dataclass

from feint.judges.graded.votes import VoteRule


@dataclass(frozen=True)
class Settled:
    """The label, and the numbers of votes for yes, of votes that gave an answer, and of votes that gave none."""

    label: str | None
    yes: int
    asked: int
    failed: int


def replay(rule: VoteRule, votes: Iterable[bool | None]) -> Settled:
    """Take votes in their order until the rule stops; None is a vote that failed."""
    yes = no = failed = 0
    label = rule.settle(yes, no, failed)
    for vote in votes:
        if label:
            break
        yes, no, failed = yes + (vote is True), no + (vote is False), failed + (vote is None)
        label = rule.settle(yes, no, failed)
    return Settled(None if label == "missing" else label, yes, yes + no, failed)


def boundary(rule: VoteRule) -> list[tuple[int, int | None, int | None]]:
    """Votes asked, most votes for yes that decide no, least votes for yes that decide yes; None where none does."""
    rows = []
    for asked in range(1, rule.votes + 1):
        said = [rule.decide(yes, asked) for yes in range(asked + 1)]
        no, yes = said.count("no"), said.count("yes")
        rows.append((asked, no - 1 if no else None, asked + 1 - yes if yes else None))
    return rows
