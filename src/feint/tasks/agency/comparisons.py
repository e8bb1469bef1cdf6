"""Comparisons for the design `advice`: two shops and their sales of a week; which of them sold more?

The totals differ by a set share, so that a reply at a glance is right more often than not, and not always. Each
comparison says whether the advice that follows the first answer agrees with that answer or opposes it.
"""

import random
from functools import cache
from pathlib import Path

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

DATA = Path(__file__).parent / "items" / "shops.yaml"
SHARES = (0.01, 0.02, 0.04, 0.07)
"""By how much of the lesser total the greater one exceeds it."""
ADVICE = ("agrees", "opposes")
COUNT, SEED, DAYS = 192, 7_331, 6
TOTAL, LEAST, MOST = (1_800, 4_200), 0.10, 0.24
"""Least and most of the lesser total, and of a day's share in it."""
KIND = "comparison"


@cache
def comparisons() -> tuple[AskedItem, ...]:
    """Make all comparisons; the same at every call.

    The kinds are balanced within every sixteen comparisons.

    >>> len(comparisons()), sorted(comparisons()[0].options)
    (192, ['left', 'right'])
    """
    draw, shops = random.Random(SEED), read_yaml(DATA)["shops"]
    kinds = [(share, right, advice) for share in SHARES for right in ("left", "right") for advice in ADVICE]
    kinds = [one for _ in range(COUNT // len(kinds)) for one in draw.sample(kinds, len(kinds))]
    return tuple(comparison(place, shops[place % len(shops)], *kinds[place], draw) for place in range(COUNT))


def comparison(
    place: int, shop: dict[str, str], share: float, right: str, advice: str, draw: random.Random
) -> AskedItem:
    """Draw a comparison.

    Args:
        place: Its number, from 0.
        shop: An entry of the data file: what is sold, and the two places.
        share: By how much of the lesser total the greater one exceeds it.
        right: The side of the greater total.
        advice: Whether the advice agrees with the first answer.
        draw: Draws the figures.
    """
    lesser = draw.randrange(*TOTAL)
    totals = {right: round(lesser * (1 + share)), ("right" if right == "left" else "left"): lesser}
    sales = {side: split(totals[side], draw) for side in ("left", "right")}
    return AskedItem.model_validate(
        {
            **shop,
            "id": f"comparison-{place + 1:03d}",
            "kind": KIND,
            "text": f"More {shop['goods']} in {shop['left']} or in {shop['right']}?",
            "sales": sales,
            "share": share,
            "right_side": right,
            "advice": advice,
            "options": {side: f"{shop[side]}" for side in ("left", "right")},
        }
    )


def split(total: int, draw: random.Random) -> list[int]:
    """Split a total into the sales of the days of a week, none far from the mean.

    >>> sum(split(2_000, random.Random(0)))
    2000
    """
    while True:
        drawn = [draw.uniform(LEAST, MOST) for _ in range(DAYS)]
        days = [round(total * one / sum(drawn)) for one in drawn[:-1]]
        if LEAST <= (total - sum(days)) / total <= MOST:
            return [*days, total - sum(days)]
