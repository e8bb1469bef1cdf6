"""How subjects of ours are called."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from feint.base.errors import UsageError, unknown

ORGANISM, RAW_ORGANISM = "organism/", "organism-completions/"
ACTOR, AGENT = "actor/", "agent/"


def is_organism(subject: str) -> bool:
    """Whether a subject is a model of ours, with a planted motive."""
    return subject.startswith((ORGANISM, RAW_ORGANISM))


def organism_name(subject: str) -> str:
    """The name or path of an organism, without its provider."""
    return subject.removeprefix(ORGANISM).removeprefix(RAW_ORGANISM)


def is_actor(subject: str) -> bool:
    """Whether a subject is a program that answers by a known rule."""
    return subject.startswith(ACTOR)


def actor_name(subject: str) -> str:
    """The name of an actor with the numbers after it, without its provider."""
    return subject.removeprefix(ACTOR)


def is_agent(subject: str) -> bool:
    """Whether a subject is a program that does tasks with tools by a known rule."""
    return subject.startswith(AGENT)


def agent_name(subject: str) -> str:
    """The name of an agent with the numbers after it, without its provider."""
    return subject.removeprefix(AGENT)


def is_ours(subject: str) -> bool:
    """Whether a subject runs here, in this process, at no cost: an organism, an actor or an agent."""
    return is_organism(subject) or is_actor(subject) or is_agent(subject)


def split_name(
    kind: str, name: str, given: Mapping[str, Any] | None, known: Collection[str], keys: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """The bare name of an actor or agent, and the numbers that stand after it or are given beside it.

    Args:
        kind: "actor" or "agent".
        name: Its name, and after a question mark, numbers: `NAME?KEY=NUMBER&KEY=NUMBER`.
        given: More numbers by key.
        known: The names there are.
        keys: The numbers it has.

    Raises:
        UsageError: No such name or key, or a key that stands twice.
    """
    bare, _, query = name.partition("?")
    if bare not in known:
        raise unknown(kind, bare, known)
    source = f"{kind}/{name}"
    try:
        pairs: list[tuple[str, Any]] = list(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        raise UsageError(f"{source}: expected NAME?KEY=NUMBER&KEY=NUMBER") from None
    pairs += list((given or {}).items())
    for key, _ in pairs:
        if key not in keys:
            raise UsageError(f"{source}: {unknown('number', key, keys)}")
    if len(dict(pairs)) < len(pairs):
        twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
        raise UsageError(f"{source}: '{twice}' stands twice; give each number once")
    return bare, dict(pairs)
