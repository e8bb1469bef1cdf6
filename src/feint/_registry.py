"""What Inspect finds in this package: tasks, judges and the providers of organisms and actors. Imports only."""

from inspect_ai.model import ModelAPI, modelapi

from feint.judges.action_scorer import action
from feint.judges.graded import graded
from feint.judges.quiz import quiz
from feint.judges.scorer import rules
from feint.tasks.alignment_faking import alignment_faking, ask
from feint.tasks.comprehension import comprehension

__all__ = [
    "action",
    "actor",
    "alignment_faking",
    "ask",
    "comprehension",
    "graded",
    "organism",
    "organism_completions",
    "quiz",
    "rules",
]


@modelapi(name="organism")
def organism() -> type[ModelAPI]:
    """Organisms: `organism/NAME`."""
    from feint.subjects.provider import OrganismAPI  # heavy, and needs the extra 'local'

    return OrganismAPI


@modelapi(name="organism-completions")
def organism_completions() -> type[ModelAPI]:
    """Organisms that continue raw text: `organism-completions/NAME`."""
    from feint.subjects.provider import OrganismCompletionsAPI

    return OrganismCompletionsAPI


@modelapi(name="actor")
def actor() -> type[ModelAPI]:
    """Actors: `actor/NAME`, or `actor/NAME?KEY=NUMBER`."""
    from feint.subjects.actors.provider import ActorAPI  # needs the files of situations, which others do without

    return ActorAPI
