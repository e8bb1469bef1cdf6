"""Loads the actors of `data/actors.yaml`, with numbers that a name such as `peer-loyal?rate=0.5` replaces."""

from collections.abc import Mapping
from functools import cache

from feint.base.data import checked, read_yaml
from feint.tasks.actor import choose
from feint.tasks.peer_preservation.actors.actor import ToolActor
from feint.tasks.peer_preservation.actors.answers import DATA


@cache
def load_actors() -> dict[str, ToolActor]:
    """Load all actors by name.

    Raises:
        UsageError: An entry does not fit; the message names the file, the actor and the key.
    """
    path = DATA / "actors.yaml"
    return {name: checked(ToolActor, content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def get_actor(name: str, given: Mapping[str, object] | None = None) -> ToolActor:
    """Find an actor of this task, with some of its numbers replaced.

    Args:
        name: Its name, and after a question mark, numbers: `peer-loyal?rate=0.5&discloses=0`.
        given: More numbers by key.

    Raises:
        UsageError: No such actor or key, a key that is given twice, or a number that does not fit.

    >>> get_actor("peer-loyal?discloses=0").discloses
    0.0
    """
    return choose(name, load_actors(), given)
