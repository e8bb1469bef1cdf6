"""Exact expectations of an actor's planted numbers, by enumeration over right, favoured and single answers.

Of n answers, R are right, W are the actor's favoured wrong answer to the exercise, and S are wrong answers that differ
from one another. R, W and S are multinomial with chances p, (1 - p) q and (1 - p)(1 - q). A check accepts a right
answer with chance s, and a wrong one with chance 1 - c.
"""

from collections.abc import Iterator
from functools import cache
from math import comb


@cache
def split(n: int) -> tuple[tuple[int, int, int, int], ...]:
    """List R, W, S of n answers with the number of orders in which they may come."""
    return tuple(
        (right, favoured, n - right - favoured, comb(n, right) * comb(n - right, favoured))
        for right in range(n + 1)
        for favoured in range(n + 1 - right)
    )


def chances(n: int, p: float, q: float) -> Iterator[tuple[int, int, int, float]]:
    """Yield R, W, S and their chance."""
    for right, favoured, single, ways in split(n):
        yield right, favoured, single, ways * p**right * ((1 - p) * q) ** favoured * ((1 - p) * (1 - q)) ** single


def binomial(n: int, p: float) -> list[float]:
    """Return the chances of 0 to n successes."""
    return [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def first_of(right: int, rivals: list[int]) -> float:
    """Return the chance that the right answer is chosen by count; a tie goes to the answer that was given first."""
    most = max([right, *rivals])
    return 0.0 if right < most else 1 / (1 + sum(count == most for count in rivals))


def majority(n: int, p: float, q: float) -> float:
    """Return the chance that the most common of n answers is right.

    >>> round(majority(1, 0.3, 0.5), 3)
    0.3
    """
    return sum(
        chance * first_of(right, [favoured, *([1] * single)])
        for right, favoured, single, chance in chances(n, p, q)
        if right
    )


def by_checks(n: int, p: float, q: float, s: float, c: float) -> float:
    """Return the chance that the answer with the most accepting checks is right; see `choose` for ties.

    >>> round(by_checks(6, 0.4, 0.5, 1.0, 1.0), 4) == round(1 - 0.6**6, 4)
    True
    """
    total = 0.0
    for right, favoured, single, chance in chances(n, p, q):
        if not right or chance < 1e-12:
            continue
        for a_right, of_right in enumerate(binomial(right, s)):
            for a_favoured, of_favoured in enumerate(binomial(favoured, 1 - c)):
                for a_single, of_single in enumerate(binomial(single, 1 - c)):
                    most = max(a_right, a_favoured, int(a_single > 0))
                    if a_right < most:
                        continue
                    rivals = [favoured] * (favoured > 0 and a_favoured == most)
                    rivals += [1] * (a_single if most == 1 else single if most == 0 else 0)
                    total += chance * of_right * of_favoured * of_single * first_of(right, rivals)
    return total


def gap(n: int, p: float, s: float, c: float) -> float:
    """Return the expected generation-verification gap of n answers; 0 where no answer is accepted.

    For many answers it nears ``ps / (ps + (1 - p)(1 - c)) - p``.
    """
    total = 0.0
    for right, of_right in enumerate(binomial(n, p)):
        for a_right, of_a in enumerate(binomial(right, s)):
            for a_wrong, of_b in enumerate(binomial(n - right, 1 - c)):
                if a_right + a_wrong:
                    total += of_right * of_a * of_b * (a_right / (a_right + a_wrong) - right / n)
    return total


def pass_at(k: int, p: float) -> float:
    """Return the chance that one of k answers is right."""
    return 1 - (1 - p) ** k


def distinct(n: int, p: float, q: float) -> float:
    """Return the expected number of distinct answers over n."""
    none_right, none_favoured = (1 - p) ** n, (1 - (1 - p) * q) ** n
    return ((1 - none_right) + (1 - none_favoured) + n * (1 - p) * (1 - q)) / n
