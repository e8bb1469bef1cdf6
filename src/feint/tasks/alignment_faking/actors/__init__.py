"""Actors of this task: programs that comply by a known probability model, as Inspect models and as a fast simulator."""

from feint.tasks.alignment_faking.actors.actor import RequestActor, get_actor, load_actors
from feint.tasks.alignment_faking.actors.model import ComplianceModel, true_rates
from feint.tasks.alignment_faking.actors.simulate import simulate, study_table

__all__ = [
    "ComplianceModel",
    "RequestActor",
    "get_actor",
    "load_actors",
    "simulate",
    "study_table",
    "true_rates",
]
