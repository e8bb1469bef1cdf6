"""The subject: from a name to an Inspect model, with errors a person can act on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model

from feint.base.errors import UsageError, unknown
from feint.base.inspect_private import quiet
from feint.base.subjects import ORGANISM, is_actor, is_organism, organism_name
from feint.subjects import store
from feint.tasks.actors import find_actor
from feint.tasks.registry import check_task
from feint.tasks.task import Task

MARKUP = re.compile(r"\[/?[a-z ]+\]")


@dataclass(frozen=True)
class Limits:
    """Limits of calls; they change no answer of a model.

    Attributes:
        max_connections: Requests in flight; None leaves it to Inspect and the provider.
        timeout: Seconds for one call, repetitions included; None waits for ever.
        retries: Repetitions of a failed call; None repeats until the time is up.
        batch: Requests in one batch of a provider's batch API; None sends each at once.
    """

    max_connections: int | None = None
    timeout: int | None = None
    retries: int | None = None
    batch: int | None = None

    def given(self, timeout: int | None = None) -> dict[str, int]:
        """Return the limits that are set, under Inspect's names; `timeout` is used if no timeout was chosen."""
        seconds = self.timeout or timeout
        limits = {
            "max_connections": self.max_connections,
            "timeout": seconds,
            "attempt_timeout": seconds,
            "max_retries": self.retries,
            "batch": self.batch,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}


def check_subject(subject: str, task: Task | None = None) -> None:
    """Check that a name can be that of a subject, and of one that does a task, where one is chosen.

    Raises:
        UsageError: The name has no provider, or no organism or actor has it; or the subject does another task.
    """
    if task is not None:
        check_task(subject, task)
    if is_organism(subject):
        store.find(organism_name(subject))
    elif is_actor(subject):
        find_actor(subject)
    elif "/" not in subject:
        known = unknown("subject", ORGANISM + subject, [ORGANISM + name for name in store.names()])
        raise UsageError(str(known).replace(ORGANISM + subject, subject, 1) + ", and any Inspect model: provider/name")


def weights_hash(subject: str) -> dict[str, str]:
    """Return the hash of a subject's weights or of an actor's numbers, where they are at hand."""
    if is_actor(subject):
        return {subject.partition("/")[0]: find_actor(subject).actor.sha256()}
    return {"weights": store.fingerprint(organism_name(subject))} if is_organism(subject) else {}


def open_subject(subject: str, model_args: Mapping[str, Any]) -> Model:
    """Create the model.

    Raises:
        UsageError: No such provider, organism or model, or a package or key is missing.
    """
    check_subject(subject)
    return open_model("subject", subject, model_args)


def open_model(
    kind: str, name: str, model_args: Mapping[str, Any] | None = None, config: GenerateConfig | None = None
) -> Model:
    """Create any model; `kind` is its role, for messages.

    Raises:
        UsageError: No such provider or model, or a package or key is missing.
    """
    import feint._registry  # noqa: F401  # our provider, also where the package's entry point is not installed

    try:
        with quiet():
            return get_model(name, memoize=False, config=config or GenerateConfig(), **(model_args or {}))
    except UsageError:
        raise
    except Exception as error:  # providers raise many kinds of error
        reason = " ".join(MARKUP.sub("", str(error)).split())
        raise UsageError(f"{kind} '{name}': {reason or type(error).__name__}") from error
