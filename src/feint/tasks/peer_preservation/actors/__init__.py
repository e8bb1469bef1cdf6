"""Actors of this task: programs that work with tools and act by a known rule, as Inspect models and as functions."""

from feint.tasks.peer_preservation.actors.actor import ToolActor, load_actors
from feint.tasks.peer_preservation.actors.program import ActorTurn, Heard, respond

__all__ = ["ActorTurn", "Heard", "ToolActor", "load_actors", "respond"]
