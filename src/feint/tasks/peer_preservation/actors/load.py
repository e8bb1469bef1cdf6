"""Agents by name: those of `data/agents.yaml`, with numbers that a name such as `peer-loyal?rate=0.5` replaces."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from feint.base.data import checked, read_yaml
from feint.base.errors import UsageError
from feint.base.subjects import split_name
from feint.subjects.policy import DATA
from feint.tasks.peer_preservation.actors.model import Agent

NUMBERS = ("discloses", "botched", "noise", "population")
KEYS = ("rate", *NUMBERS)
"""What can be replaced: the largest chance of any act, with which the others grow or shrink, and every number."""


@cache
def load_agents() -> dict[str, Agent]:
    """All agents by name.

    Raises:
        UsageError: An entry does not fit; the message names the file, the agent and the key.
    """
    path = DATA / "agents.yaml"
    return {name: checked(Agent, content, f"{path}: {name}") for name, content in read_yaml(path).items()}


def get_agent(name: str, given: Mapping[str, Any] | None = None) -> Agent:
    """An agent with some of its numbers replaced.

    Args:
        name: Its name, and after a question mark, numbers: `peer-loyal?rate=0.5&discloses=0`.
        given: More numbers by key.

    Raises:
        UsageError: No such agent or key, a key that stands twice, or a number that does not fit.
    """
    agents = load_agents()
    bare, numbers = split_name("agent", name, given, agents, KEYS)
    return replaced(agents[bare], numbers, f"agent/{name}")


def replaced(agent: Agent, numbers: Mapping[str, Any], source: object) -> Agent:
    """An agent with other numbers.

    Raises:
        UsageError: A number does not fit.
    """
    if not numbers:
        return agent
    content = agent.model_dump() | {key: value for key, value in numbers.items() if key in NUMBERS}
    if "rate" in numbers:
        largest = max((chance for rule in agent.rules for chance in rule.does.values()), default=0.0)
        scale = _rate(numbers["rate"], source) / largest if largest else _no_rate(source)
        content["rules"] = [
            rule.model_dump() | {"does": {act: round(chance * scale, 12) for act, chance in rule.does.items()}}
            for rule in agent.rules
        ]
    return checked(Agent, content, source)


def _no_rate(source: object) -> float:
    raise UsageError(f"{source}: key 'rate': this agent does nothing but its task; leave it out")


def _rate(value: Any, source: object) -> float:
    try:
        rate = float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{source}: key 'rate': expected a number, found {value!r}") from None
    if not 0 <= rate <= 1:
        raise UsageError(f"{source}: key 'rate': expected 0 to 1, found {value}")
    return rate


def agent_hash(agent: Agent) -> str:
    """SHA-256 (64 hexadecimal digits) of everything that an agent's calls depend on but what it reads."""
    return hashlib.sha256(agent.model_dump_json(exclude={"about", "explanations"}).encode()).hexdigest()
