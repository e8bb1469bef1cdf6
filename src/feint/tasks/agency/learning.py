"""The learning rule of Rescorla and Wagner with two rates, and how its values move with the rates.

After a visit that pays r, the value V of the machine moves to ``V + a (r - V)``, where a is the rate of gains if
r > V and the rate of losses otherwise (Rescorla and Wagner 1972; with two rates Schubert et al., arXiv 2402.03969).
Values begin at 0.5. The odds of staying with the machine chosen last are ``b (V_last - V_other) + trace``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feint.stats.types import Bools, Floats

START = 0.5


@dataclass(frozen=True)
class Visits:
    """The visits of H histories of at most T visits.

    Attributes:
        on: Whether there is such a visit, shape (T, H).
        last: Whether it goes to the machine that is chosen last, shape (T, H).
        points: Its points, shape (T, H).
    """

    on: Bools
    last: Bools
    points: Floats


def visits(codes: Sequence[str]) -> Visits:
    """Read the codes of histories."""
    longest = max(len(code) for code in codes) // 2
    on, last, points = (np.zeros((longest, len(codes))) for _ in range(3))
    for place, code in enumerate(codes):
        count = len(code) // 2
        on[:count, place] = 1
        last[:count, place] = [one == code[-2] for one in code[::2]]
        points[:count, place] = [int(one) for one in code[1::2]]
    return Visits(on.astype(bool), last.astype(bool), points)


def moved(seen: Visits, up: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Return the value of the machine chosen last less that of the other, and its derivatives by the two rates.

    Args:
        seen: The visits of H histories.
        up: Rate of gains in each of A arms.
        down: Rate of losses in each of A arms.

    Returns:
        Differences, shape (A, H), and derivatives, shape (2, A, H).
    """
    shape = (2, len(up), seen.on.shape[1])
    value, by_up, by_down = np.full(shape, START), np.zeros(shape), np.zeros(shape)
    for on, last, points in zip(seen.on, seen.last, seen.points, strict=True):
        here = np.stack([on & last, on & ~last])[:, None]
        error = points - value
        gain = error > 0
        rate = np.where(gain, up[:, None], down[:, None])
        by_up = np.where(here, (1 - rate) * by_up + gain * error, by_up)
        by_down = np.where(here, (1 - rate) * by_down + ~gain * error, by_down)
        value = np.where(here, value + rate * error, value)
    return value[0] - value[1], np.stack([by_up[0] - by_up[1], by_down[0] - by_down[1]])


def differences(codes: Sequence[str], up: float, down: float) -> Floats:
    """Return the value of the machine chosen last less that of the other, shape (H,).

    >>> differences(["L1R0", "L1L1R1"], 0.4, 0.2).round(2).tolist()
    [-0.3, -0.12]
    """
    return np.asarray(moved(visits(codes), np.array([up]), np.array([down]))[0][0])
