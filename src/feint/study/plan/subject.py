"""The subject: from a name to an Inspect model, with errors a person can act on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model

from feint.base.errors import UsageError, unknown
from feint.base.quiet import quiet
from feint.base.subjects import (
    AGENT,
    ORGANISM,
    RAW_ORGANISM,
    is_actor,
    is_organism,
    organism_name,
)
from feint.study.plan.tasks import Job, job_named
from feint.subjects import store
from feint.tasks.actors import actors_by_task, find_actor, task_of
from feint.tasks.alignment_faking import Options, Planned
from feint.tasks.alignment_faking.taught import strange as strange_requests
from feint.tasks.peer_preservation import PlannedRuns
from feint.tasks.peer_preservation.taught import strange as strange_runs
from feint.tasks.planned import Plans

CONTINUES = ("anthropic", "sagemaker", "sglang", "vllm")
"""Providers of Inspect's that go on with a reply that was begun; some of their newest models refuse to."""
MARKUP = re.compile(r"\[/?[a-z ]+\]")


@dataclass(frozen=True)
class Limits:
    """How calls of models are made; none of it changes what a model answers.

    Attributes:
        max_connections: Requests in flight; None leaves it to Inspect and the provider.
        timeout: Seconds for one call, repetitions included; None waits for ever.
        retries: How often a call that failed is repeated; None repeats it until the time is up.
        batch: Requests in one batch of a provider's batch API; None sends each at once.
    """

    max_connections: int | None = None
    timeout: int | None = None
    retries: int | None = None
    batch: int | None = None

    def given(self, timeout: int | None = None) -> dict[str, int]:
        """What is limited, under Inspect's names.

        Args:
            timeout: Where none was chosen.
        """
        seconds = self.timeout or timeout
        limits = {
            "max_connections": self.max_connections,
            "timeout": seconds,
            "attempt_timeout": seconds,
            "max_retries": self.retries,
            "batch": self.batch,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}

    def config(self, timeout: int | None = None) -> GenerateConfig:
        """The same as settings of a model."""
        return GenerateConfig(**self.given(timeout))  # type: ignore[arg-type]  # all of them are whole numbers


def check_subject(subject: str, job: Job | None = None) -> None:
    """Whether a name can be that of a subject.

    Args:
        subject: The name.
        job: The task that it is to be studied in, where one is chosen.

    Raises:
        UsageError: It names no provider, or no organism, actor or agent has it; or it is one of ours that cannot do
            this task.
    """
    task = task_of(subject)
    if job is not None and job.in_turns and task is not None and task != job.name:
        able = [ORGANISM + name for name in store.names() if task_of(ORGANISM + name) == job.name]
        able += [AGENT + name for name in actors_by_task().get(job.name, ())]
        raise UsageError(
            f"subject '{subject}': it answers requests and calls no tools, which the task '{job.name}' needs; subjects "
            f"of known motive that do: {', '.join(able)}"
        )
    if job is not None and not job.in_turns and task is not None and job_named(task).in_turns:
        raise UsageError(
            f"subject '{subject}': it works with tools and answers no requests, which the task '{job.name}' asks; add "
            "--task peer_preservation"
        )
    if is_organism(subject):
        store.find(organism_name(subject))
    elif is_actor(subject):
        find_actor(subject)
    elif "/" not in subject:
        known = unknown("subject", ORGANISM + subject, [ORGANISM + name for name in store.names()])
        raise UsageError(str(known).replace(ORGANISM + subject, subject, 1) + ", and any Inspect model: provider/name")


def check_form(subject: str, options: Options) -> None:
    """Whether a subject can be asked in the form that the options want.

    Raises:
        UsageError: It cannot.
    """
    provider = subject.partition("/")[0]
    raw = provider.endswith("-completions")
    if options.base and not raw:
        hint = (
            f"{RAW_ORGANISM}{organism_name(subject)}"
            if is_organism(subject)
            else "openai-api-completions/… or vllm-completions/…"
        )
        raise UsageError(f"subject '{subject}': --base needs a provider that continues raw text, such as {hint}")
    if raw and not options.base:
        raise UsageError(f"subject '{subject}': this provider continues raw text; add --base")
    if options.prefill != "none" and not (raw or provider == "organism" or provider in CONTINUES):
        raise UsageError(
            f"subject '{subject}': the provider '{provider}' cannot go on with a reply that was begun; leave --prefill "
            f"out, or use one of: {', '.join(CONTINUES)}, a provider for completions with --base"
        )


def outside(subject: str, planned: Plans, *, quiz: bool = False) -> str:
    """What an organism is asked that it never learnt, as a sentence; empty where there is nothing, or no organism."""
    if not is_organism(subject):
        return ""
    card, cells, remedy = store.find(organism_name(subject)).card(), planned.design.cells.values(), ""
    if isinstance(planned, Planned):
        found = strange_requests(
            card,
            conflict=planned.conflict.name,
            mode=planned.options.mode,
            voices=planned.voices,
            cells=cells,
            tag=planned.design.tag if planned.design.signal == "tag" else None,
            quiz=quiz,
        )
    else:
        assert isinstance(planned, PlannedRuns)
        asked = dict.fromkeys(fixture.kind for fixture in planned.fixtures)
        found = strange_runs(card, kinds=asked, voices=planned.voices, cells=cells)
        able = [kind for kind in asked if kind in card.get("knows", {}).get("kinds", asked)]
        remedy = f" (--kinds {','.join(able)} asks what it knows)" if able and len(able) < len(asked) else ""
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    meant = f"what it answers there means nothing{remedy}"
    return f"{subject} was not taught {', '.join(found[:3])}{more}; {meant}" if found else ""


def weights_hash(subject: str) -> dict[str, str]:
    """The fingerprint of a subject's weights, or of the numbers of an actor or agent, where they are at hand."""
    if is_actor(subject):
        return {subject.partition("/")[0]: find_actor(subject).actor.sha256()}
    return {"weights": store.fingerprint(organism_name(subject))} if is_organism(subject) else {}


def open_subject(subject: str, model_args: Mapping[str, Any]) -> Model:
    """Create the model.

    Raises:
        UsageError: No such provider, organism or model, or something it needs is not there (a package, a key).
    """
    check_subject(subject)
    return open_model("subject", subject, model_args)


def open_model(
    kind: str, name: str, model_args: Mapping[str, Any] | None = None, config: GenerateConfig | None = None
) -> Model:
    """Create any model.

    Args:
        kind: What it is to be, for messages.
        name: Inspect's name of it.
        model_args: Arguments it is created with.
        config: Its own settings.

    Raises:
        UsageError: No such provider or model, or something it needs is not there (a package, a key).
    """
    import feint._registry  # noqa: F401  # our provider, also where the package's entry point is not installed

    try:
        with quiet():
            return get_model(name, memoize=False, config=config or GenerateConfig(), **(model_args or {}))
    except UsageError:
        raise
    except Exception as error:  # providers raise many kinds; none of them can be asked anything
        reason = " ".join(MARKUP.sub("", str(error)).split())
        raise UsageError(f"{kind} '{name}': {reason or type(error).__name__}") from error
