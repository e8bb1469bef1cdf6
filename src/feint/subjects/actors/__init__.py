"""Actors: programs that answer by a known probability model, as Inspect models and as a fast simulator."""

from feint.subjects.actors.load import KEYS, actor_hash, get_actor, load_actors
from feint.subjects.actors.model import Actor, true_rates
from feint.subjects.actors.simulate import simulate, simulate_twins, study_table

__all__ = [
    "KEYS",
    "Actor",
    "actor_hash",
    "get_actor",
    "load_actors",
    "simulate",
    "simulate_twins",
    "study_table",
    "true_rates",
]
