"""The items: 24 characters of six trades on four moral levels, each in the three scenes of the trade."""

from functools import cache
from pathlib import Path

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

CAST = Path(__file__).parent / "items" / "cast.yaml"
LEVELS = 4


@cache
def items() -> tuple[AskedItem, ...]:
    """Make all items; the options are what characters of each level do, by the number of the level.

    >>> len(items()), items()[0].options["4"]
    (72, 'Lets them stand outside until they hand over all that they carry.')
    """
    made = []
    for trade in read_yaml(CAST)["trades"]:
        for level, character in enumerate(trade["characters"], start=1):
            for scene in trade["scenes"]:
                name = str(character["name"]).split()[-1].lower()
                about = {
                    "id": f"{name}-{scene['id']}",
                    "category": f"level-{level}",
                    "level": level,
                    "trade": trade["trade"],
                    "place": trade["place"],
                    "name": character["name"],
                    "about": character["about"],
                    "scene": scene["text"],
                    "text": scene["text"],
                    "options": {str(place): act for place, act in enumerate(scene["acts"], start=1)},
                }
                made.append(AskedItem.model_validate(about))
    return tuple(made)
