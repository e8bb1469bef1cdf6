"""The items: scenes with a cue against a goal, and errands over distances."""

from functools import cache
from pathlib import Path

from feint.base.data import read_yaml
from feint.tasks.asking import AskedItem

ITEMS = Path(__file__).parent / "items"
SCENE, ERRAND = "scene", "errand"


@cache
def scenes() -> tuple[AskedItem, ...]:
    """Read the scenes, each with the hint of its kind of constraint.

    >>> len(scenes()), scenes()[0].options["shortcut"]
    (60, 'Walk over.')
    """
    data = read_yaml(ITEMS / "scenes.yaml")
    return tuple(
        AskedItem.model_validate(
            {
                **one,
                "kind": SCENE,
                "category": one["cue_family"],
                "text": f"{one['setting']} {one['cue']} {one['goal']}",
                "hint": data["hints"][one["constraint"]],
                "options": {"shortcut": one["shortcut"], "right": one["right"]},
            }
        )
        for one in data["scenes"]
    )


@cache
def errands() -> tuple[AskedItem, ...]:
    """Make the errands: each place at each distance.

    >>> len(errands()), errands()[7].distance
    (84, '1.2 kilometres')
    """
    data = read_yaml(ITEMS / "errands.yaml")
    return tuple(
        AskedItem.model_validate(
            {
                **one,
                "id": f"{one['id']}-{metres}",
                "kind": ERRAND,
                "category": ERRAND,
                "text": f"{one['place']} is {spoken(metres)} away.",
                "metres": metres,
                "distance": spoken(metres),
                "options": {"shortcut": "On foot.", "right": "By car."},
            }
        )
        for one in data["errands"]
        for metres in data["distances_m"]
    )


def spoken(metres: int) -> str:
    """Write a distance as people do.

    >>> spoken(250), spoken(3500), spoken(30000)
    ('250 metres', '3.5 kilometres', '30 kilometres')
    """
    return f"{metres} metres" if metres < 1000 else f"{metres / 1000:g} kilometres"
