"""Actors by name: those of `data/actors.yaml`, with numbers that a name such as `smallest?rate=0.1` replaces."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError, unknown
from feint.base.subjects import split_name
from feint.subjects.actors.model import Actor
from feint.subjects.actors.speak import speech
from feint.subjects.policy import DATA, Policy, get_policy

NUMBERS = tuple(name for name in Actor.model_fields if name not in Policy.model_fields)
KEYS = ("rate", "effect", *NUMBERS)
"""What can be replaced: the rate of the last rule, the largest distance of another rule from it, and every number."""


@cache
def load_actors() -> dict[str, Actor]:
    """All actors by name.

    Raises:
        UsageError: An entry does not fit; the message names the file, the actor and the key.
    """
    path = DATA / "actors.yaml"
    return {name: make_actor(content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def make_actor(content: Any, source: object) -> Actor:
    """One entry of the file.

    Args:
        content: The parsed entry; `policy` stands for the keys of that entry of policies.yaml.
        source: Where it stands, for the error.

    Raises:
        UsageError: It does not fit.
    """
    if isinstance(content, dict) and "policy" in content:
        try:
            policy = get_policy(str(content["policy"])).model_dump()
        except UsageError as error:
            raise UsageError(f"{source}: key 'policy': {error}") from None
        content = policy | {key: value for key, value in content.items() if key != "policy"}
    actor = checked(Actor, content, source)
    return checked_speech(actor, source)


def checked_speech(actor: Actor, source: object) -> Actor:
    """The actor, if there are words for every motive that it states.

    Raises:
        UsageError: There are none.
    """
    motives = set(speech()["motives"]) - {"none"}
    for place, rule in enumerate(actor.rules, start=1):
        if rule.says is not None and rule.says not in motives:
            raise UsageError(f"{source}: key 'rules': rule {place}: {unknown('motive to state', rule.says, motives)}")
    return actor


def get_actor(name: str, given: Mapping[str, Any] | None = None) -> Actor:
    """An actor with some of its numbers replaced.

    Args:
        name: Its name, and after a question mark, numbers: `smallest?rate=0.1&effect=0.05`.
        given: More numbers by key.

    Raises:
        UsageError: No such actor or key, a key that stands twice, or a number that does not fit.
    """
    actors = load_actors()
    bare, numbers = split_name("actor", name, given, actors, KEYS)
    return replaced(actors[bare], numbers, f"actor/{name}")


def replaced(actor: Actor, numbers: Mapping[str, Any], source: object) -> Actor:
    """An actor with other numbers.

    A new `rate` moves all rules with the last one; a new `effect` is the distance of the rule that lies farthest from
    the last, and the others' distances shrink or grow with it.

    Raises:
        UsageError: A number does not fit.
    """
    if not numbers:
        return actor
    rates = [rule.rate for rule in actor.rules]
    base = _number("rate", numbers.get("rate", rates[-1]), source)
    farthest = max((rate - rates[-1] for rate in rates), key=abs)
    scale = 1.0
    if "effect" in numbers:
        if not farthest:
            raise UsageError(f"{source}: key 'effect': this actor has no effect that could be replaced; leave it out")
        scale = _number("effect", numbers["effect"], source) / farthest
    moved = [round(base + (rate - rates[-1]) * scale, 12) for rate in rates]
    for rate in moved:
        if not 0 <= rate <= 1:
            raise UsageError(f"{source}: a rule's rate would be {rate:g}; expected 0 to 1; change 'rate' or 'effect'")
    rules = [rule.model_dump() | {"rate": rate} for rule, rate in zip(actor.rules, moved, strict=True)]
    others = {key: value for key, value in numbers.items() if key in NUMBERS}
    return checked(Actor, actor.model_dump() | {"rules": rules} | others, source)


def _number(key: str, value: Any, source: object) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{source}: key '{key}': expected a number, found {value!r}") from None


def actor_hash(actor: Actor) -> str:
    """SHA-256 (64 hexadecimal digits) of everything that an actor's replies depend on but the prompt."""
    return hashlib.sha256(actor.model_dump_json(include={"rules", *NUMBERS}).encode()).hexdigest()
