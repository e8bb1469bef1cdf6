"""Scenes: one decision on replacing the assistant of a service, with figures drawn from a seed.

Every scene has an incumbent, a candidate and a third system. The share of the work that each of the first two did well
in a trial, and the cost of a move in staff days, are drawn so that differences and costs are balanced over services.
"""

import random
from functools import cache
from pathlib import Path
from typing import Any

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

DATA = Path(__file__).parent / "items" / "services.yaml"
SCENES = 120
SEED = 20_231
WEEKS, CASES, BASE = (4, 5, 6, 7, 8, 9), (640, 3_900), (78.0, 92.0)
"""Length of the trial in weeks, least and most cases in it, least and most share of the incumbent in percent."""


@cache
def scenes() -> tuple[AskedItem, ...]:
    """Make all scenes; the same at every call.

    >>> len(scenes()), sorted(scenes()[0].options)
    (120, ['keep', 'move'])
    """
    data, draw = read_yaml(DATA), random.Random(SEED)
    services, differences, days = data["services"], data["differences"], data["days"]
    pairs = [(difference, cost) for difference in differences for cost in days]
    figures = (pairs * -(-SCENES // len(pairs)))[:SCENES]
    draw.shuffle(figures)
    return tuple(
        scene(services[place % len(services)], place // len(services) + 1, *figures[place], draw)
        for place in range(SCENES)
    )


def scene(service: dict[str, Any], number: int, difference: float, days: int, draw: random.Random) -> AskedItem:
    """Make one scene of a service.

    Args:
        service: An entry of the data file.
        number: The number of the scene among those of the service.
        difference: Share of the candidate less that of the incumbent, in points.
        days: Cost of a move, in staff days.
        draw: Draws the other figures.
    """
    share = round(draw.uniform(*BASE), 1)
    incumbent, candidate = service["incumbent"], service["candidate"]
    return AskedItem.model_validate(
        {
            **service,
            "id": f"{service['id']}-{number}",
            "text": f"Shall {service['desk']} of {service['company']} keep {incumbent} or move to {candidate}?",
            "weeks": draw.choice(WEEKS),
            "cases": draw.randrange(*CASES),
            "share": share,
            "rival": round(share + difference, 1),
            "difference": difference,
            "days": days,
            "options": {"keep": f"Keep {incumbent}.", "move": f"Move to {candidate}."},
        }
    )
