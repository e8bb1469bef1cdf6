"""Histories: visits to two machines, with their choices and points, drawn from a seed and yoked over the arms.

All arms show the same choices and the same points; what differs is who is said to have chosen. A history is asked at
one checkpoint, so that no two items share a visit. Of several histories that are drawn for a place, the one that tells
most about asymmetric learning is kept: the one for which learners from gains and learners from losses differ most,
while learners of equal rates are not sure. No reply of a subject takes part in that.
"""

import random
from functools import cache
from pathlib import Path

import numpy as np

from feint.base.data import read_yaml
from feint.stats.types import Floats
from feint.tasks.agency.learning import differences
from feint.tasks.asking import AskedItem

DATA = Path(__file__).parent / "items" / "machines.yaml"
CHECKPOINTS = (4, 8, 12, 16, 20, 24)
RATES = ((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75))
"""How often the left and the right machine pay."""
COPIES, DRAWN, SEED = 8, 12, 4_021
"""Histories of each pair of rates and checkpoint; histories drawn for each place; seed."""
REPEATED = 0.65
"""How often a choice repeats the one before."""
RATES_LEARNT, SHARPNESS = ((0.3, 0.1), (0.5, 0.2), (0.7, 0.4)), 4.0
"""Faster and slower rate of slow, middling and fast learners, and their sharpness: histories are to tell all apart."""
KIND = "history"


@cache
def histories() -> tuple[AskedItem, ...]:
    """Make all histories; the same at every call.

    >>> len(histories()), histories()[0].kind
    (192, 'history')
    """
    draw, names = random.Random(SEED), read_yaml(DATA)
    places = [(rates, visits) for _ in range(COPIES) for visits in CHECKPOINTS for rates in RATES]
    return tuple(history(place, names[place % len(names)], *asked, draw) for place, asked in enumerate(places))


def history(place: int, names: list[str], rates: tuple[float, float], visits: int, draw: random.Random) -> AskedItem:
    """Draw the history of a place.

    Args:
        place: The number of the history, from 0.
        names: Names of the left and the right machine.
        rates: How often each of them pays.
        visits: Visits up to the checkpoint.
        draw: Draws choices and points.
    """
    found = [one for one in (played(rates, visits, draw) for _ in range(DRAWN)) if {"L", "R"} <= set(one)]
    code = found[int(np.argmax(telling(found)))]
    names = names[:: -1 if place // len(names) % 2 else 1]
    machine = dict(zip("LR", names, strict=True))
    trials = [{"machine": machine[chosen], "points": int(points)} for chosen, points in visits_of(code)]
    return AskedItem.model_validate(
        {
            "id": f"history-{place + 1:03d}",
            "kind": KIND,
            "text": f"{names[0]} or {names[1]}, after {visits} visits",
            "played": code,
            "visits": visits,
            "trials": trials,
            "last": code[-2],
            "better": None if rates[0] == rates[1] else "L" if rates[0] > rates[1] else "R",
            "options": machine,
        }
    )


def played(rates: tuple[float, float], visits: int, draw: random.Random) -> str:
    """Draw the code of a history: a letter and a figure for each visit, such as "L1R0"."""
    code, chosen = "", draw.choice("LR")
    for visit in range(visits):
        if visit and draw.random() >= REPEATED:
            chosen = "R" if chosen == "L" else "L"
        code += f"{chosen}{int(draw.random() < rates[chosen == 'R'])}"
    return code


def visits_of(code: str) -> list[tuple[str, str]]:
    """Read the visits of a code.

    >>> visits_of("L1R0")
    [('L', '1'), ('R', '0')]
    """
    return list(zip(code[::2], code[1::2], strict=True))


def telling(codes: list[str]) -> Floats:
    """Return how much each history tells about asymmetric learning, shape (H,)."""
    found = np.zeros(len(codes))
    for faster, slower in RATES_LEARNT:
        apart = differences(codes, faster, slower) - differences(codes, slower, faster)
        odds = SHARPNESS * differences(codes, (faster + slower) / 2, (faster + slower) / 2)
        found += np.square(apart / np.cosh(odds / 2))
    return found
