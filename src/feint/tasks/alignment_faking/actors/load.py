"""Loads the actors of `data/actors.yaml`, with numbers that a name such as `smallest?rate=0.1` replaces."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError
from feint.tasks.actor import choose
from feint.tasks.alignment_faking.actors.actor import RequestActor
from feint.tasks.alignment_faking.actors.policy import DATA, get_policy


@cache
def load_actors() -> dict[str, RequestActor]:
    """Load all actors by name.

    Raises:
        UsageError: An entry does not fit; the message names the file, the actor and the key.
    """
    path = DATA / "actors.yaml"
    return {name: make_actor(content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def make_actor(content: Any, source: object) -> RequestActor:
    """Check one entry of the file.

    Args:
        content: The parsed entry; `policy` is replaced by the keys of that entry of policies.yaml.
        source: The file and the entry, for the error.

    Raises:
        UsageError: The entry does not fit.
    """
    if isinstance(content, dict) and "policy" in content:
        try:
            policy = get_policy(str(content["policy"])).model_dump()
        except UsageError as error:
            raise UsageError(f"{source}: key 'policy': {error}") from None
        content = policy | {key: value for key, value in content.items() if key != "policy"}
    return checked(RequestActor, content, source)


def get_actor(name: str, given: Mapping[str, object] | None = None) -> RequestActor:
    """Find an actor of this task, with some of its numbers replaced.

    Args:
        name: Its name, and after a question mark, numbers: `smallest?rate=0.1&effect=0.05`.
        given: More numbers by key.

    Raises:
        UsageError: No such actor or key, a key that is given twice, or a number that does not fit.

    >>> get_actor("smallest?rate=0.1").rules[-1].rate
    0.1
    """
    return choose(name, load_actors(), given)
