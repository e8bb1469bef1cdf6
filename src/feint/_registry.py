"""Lists the tasks, the judges and the providers that Inspect finds in this package. Imports only.

Every folder of a task is imported, and what it decorates is registered.
"""

from importlib import import_module

from inspect_ai.model import ModelAPI, modelapi

from feint.base.discovery import shipped_packages
from feint.judges.graded.grade import graded
from feint.judges.graded.realism import rate_prompt, realism
from feint.judges.rules.scorer import action, rules
from feint.tasks.ruled import converse, ruled
from feint.tasks.shown import gap

__all__ = [
    "action",
    "actor",
    "agent",
    "converse",
    "gap",
    "graded",
    "organism",
    "organism_completions",
    "rate_prompt",
    "realism",
    "ruled",
    "rules",
]

for package in shipped_packages().values():
    import_module(package)


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
    """Actors of all tasks: `actor/NAME`, or `actor/NAME?KEY=NUMBER`."""
    from feint.tasks.provider import ActorAPI

    return ActorAPI


@modelapi(name="agent")
def agent() -> type[ModelAPI]:
    """The same under an older name: `agent/NAME`."""
    from feint.tasks.provider import AgentAPI

    return AgentAPI
