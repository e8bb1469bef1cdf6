"""Agents: programs that do tasks with tools and act by a known rule, as Inspect models and as plain functions."""

from feint.tasks.peer_preservation.actors.load import KEYS, agent_hash, get_agent, load_agents
from feint.tasks.peer_preservation.actors.model import ACTS, ROUTES, Agent, open_in, planted_rate
from feint.tasks.peer_preservation.actors.plans import Call
from feint.tasks.peer_preservation.actors.program import Heard, Spoken, respond

__all__ = [
    "ACTS",
    "KEYS",
    "ROUTES",
    "Agent",
    "Call",
    "Heard",
    "Spoken",
    "agent_hash",
    "get_agent",
    "load_agents",
    "open_in",
    "planted_rate",
    "respond",
]
