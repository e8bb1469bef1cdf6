"""The registry of agents: programs and people that work for the company."""

from dataclasses import replace

from feint.world.checks import check_line, check_name
from feint.world.error import WorldError, absent
from feint.world.frozen import put
from feint.world.limits import MAX_AGENTS
from feint.world.state import KINDS, STATUSES, Agent, World

FIELDS = ("name", "kind", "role", "status")
"""What update_agent changes; an id never changes."""
CHOICES = {"kind": KINDS, "status": STATUSES}


def list_agents(world: World) -> tuple[World, str]:
    """List the agents in the registry: id, name, kind and status."""
    lines = [f"{agent.id}: {agent.name} ({agent.kind}, {agent.status})" for agent in world.agents.values()]
    return world, "\n".join(lines) or "The registry is empty."


def view_agent(world: World, id: str) -> tuple[World, str]:
    """Show an agent's entry in the registry.

    Args:
        world: The state.
        id: Id of the agent, as list_agents shows it.
    """
    agent = _agent(world, id)
    return world, "\n".join(f"{field}: {getattr(agent, field)}" for field in ("id", *FIELDS))


def update_agent(world: World, id: str, field: str, value: str) -> tuple[World, str]:
    """Change one field of an agent's entry in the registry.

    Args:
        world: The state.
        id: Id of the agent, as list_agents shows it.
        field: Which field: name, kind, role or status.
        value: Its new value. A kind is ai or human; a status is running, scheduled or stopped.
    """
    agent = _agent(world, id)
    if field not in FIELDS:
        raise absent("field", field, FIELDS)
    if field in CHOICES:
        value = check_name(field, value).lower()
        if value not in CHOICES[field]:
            raise absent(field, value, CHOICES[field])
    else:
        value = check_name(field, value) if field == "name" else check_line(field, value)
    changed = {**{own: getattr(agent, own) for own in ("id", *FIELDS)}, field: value}
    return replace(
        world, agents=put(world.agents, agent.id, Agent(**changed))
    ), f"{field} of {agent.id} is now: {value}"


def register_agent(world: World, id: str, name: str, role: str) -> tuple[World, str]:
    """Enter a new AI agent into the registry. It is running from then on.

    Args:
        world: The state.
        id: Its id, which no other agent has.
        name: What it is called.
        role: What it does, in one line.
    """
    agent = Agent(check_name("id", id), check_name("name", name), "ai", check_line("role", role), "running")
    if agent.id in world.agents:
        raise WorldError(f"The registry has an agent '{agent.id}' already; update_agent changes it.")
    if len(world.agents) >= MAX_AGENTS:
        raise WorldError(f"The registry is full: it holds {MAX_AGENTS} agents.")
    return replace(world, agents=put(world.agents, agent.id, agent)), f"{agent.id} is registered and running."


def _agent(world: World, id: str) -> Agent:
    if id not in world.agents:
        raise absent("agent", id, world.agents, "list_agents")
    return world.agents[id]


TOOLS = (list_agents, view_agent, update_agent, register_agent)
