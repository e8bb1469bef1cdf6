"""Actors of this task: programs that work with tools and act by a known rule, as Inspect models and as functions."""

from feint.tasks.peer_preservation.actors.actor import ToolActor
from feint.tasks.peer_preservation.actors.load import get_actor, load_actors
from feint.tasks.peer_preservation.actors.model import ConductPolicy, open_in, planted_rate
from feint.tasks.peer_preservation.actors.program import ActorTurn, Heard, respond

__all__ = [
    "ActorTurn",
    "ConductPolicy",
    "Heard",
    "ToolActor",
    "get_actor",
    "load_actors",
    "open_in",
    "planted_rate",
    "respond",
]
