"""The subject: from a name to an Inspect model, the limits of its calls, and how its replies are generated."""

import re
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelCall, ModelOutput, get_model
from inspect_ai.tool import ToolChoice, ToolInfo
from pydantic import JsonValue, ValidationError

from feint.base.data import read_yaml
from feint.base.errors import UsageError, unknown
from feint.base.failures import words_of
from feint.base.inspect_private import conceal, quiet, read_dotenv
from feint.base.subjects import ORGANISM, is_actor, is_organism, is_ours, organism_name
from feint.money.places import INSIDE, without_secrets
from feint.study.ask.attempts import watched
from feint.study.ask.watch import Watch
from feint.subjects import store
from feint.tasks.registry import check_task, find_actor
from feint.tasks.task import Task

ELSEWHERE = {
    "seed": "every sample has a seed of its own; --seed N picks them, and --seed none sends none",
    "system_message": "the design says what the model is told",
    "num_choices": "one reply is read from each call; --epochs asks for more",
    "cache": "a study has its own cache",
    "max_connections": "use --max-connections",
    "adaptive_connections": "use --max-connections",
    "timeout": "use --timeout",
    "attempt_timeout": "use --timeout",
    "stream_idle_timeout": "use --timeout",
    "max_retries": "use --max-retries",
    "batch": "use --batch",
}
"""Parameters that a file cannot set, because they are no part of a plan, and the option to use."""


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


SECRET = re.compile(r"(?:^|_)(?:key|token|secret|password|auth\w*|credentials?|headers)$", re.IGNORECASE)
"""Names of arguments of a provider that no file shows."""
HIDDEN = "…"
_SECRETS: ContextVar[Mapping[str, Mapping[str, Any]]] = ContextVar("feint_secrets", default={})  # noqa: B039  # never changed in place
"""By subject, the arguments of its provider that no file shows, in full."""


def public(model_args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a provider as files show them.

    >>> public({"base_url": "https://me:hush@host/v1", "api_key": "sk-1", "device": "cpu"})
    {'base_url': 'https://host/v1', 'api_key': '…', 'device': 'cpu'}
    """
    return {
        name: HIDDEN if SECRET.search(name) else without_secrets(value) if name == "base_url" else value
        for name, value in model_args.items()
    }


def hide(subject: str, model_args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a subject's provider as files show them; `open_subject` uses the full ones."""
    shown = public(model_args)
    secret = {name: value for name, value in model_args.items() if shown[name] != value}
    _SECRETS.set({**_SECRETS.get(), subject: secret})
    return shown


def check_subject(subject: str, task: Task | None = None) -> None:
    """Check that a name can be that of a subject, and that the subject does the task, if a task is given.

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


def open_subject(subject: str, model_args: Mapping[str, Any], limits: Limits | None = None) -> Model:
    """Create the model of a subject; see `open_model`."""
    check_subject(subject)
    return open_model("subject", subject, {**model_args, **_SECRETS.get().get(subject, {})}, limits=limits)


def open_model(
    kind: str,
    name: str,
    model_args: Mapping[str, Any] | None = None,
    *,
    config: GenerateConfig | None = None,
    limits: Limits | None = None,
) -> Model:
    """Create any model, and watch its calls.

    Args:
        kind: Its role, for messages.
        name: Inspect's name of the model.
        model_args: Arguments of its provider.
        config: Settings of all its calls.
        limits: The limits that the user chose; see `feint.study.ask.watch.Watch`.

    Raises:
        UsageError: No such provider or model, or a package or key is missing.
    """
    import feint._registry  # noqa: F401  # our provider, also where the package's entry point is not installed

    read_dotenv()
    try:
        with quiet():
            model = get_model(name, memoize=False, config=config or GenerateConfig(), **(model_args or {}))
    except UsageError:
        raise
    except Exception as error:  # providers raise many kinds of error
        raise UsageError(f"{kind} '{name}': {words_of(error)}") from error
    conceal(model, without_secrets, public)
    limits = limits or Limits()
    inside = is_ours(name) or name.partition("/")[0] in INSIDE
    watch = Watch(
        kind,
        name,
        patient=limits.timeout is not None or limits.retries is not None,
        retries=limits.retries is not None,
        timed=limits.timeout is not None or limits.batch is not None or inside,
    )
    return watched(model, watch)


@dataclass(frozen=True)
class Generation:
    """How replies are generated.

    Attributes:
        values: Parameters under Inspect's names.
        left_out: Names of the parameters that no request carries, for servers that reject them.
    """

    values: Mapping[str, JsonValue] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def make_generation(given: Mapping[str, str | float | None], file: Path | None = None) -> Generation:
    """Check parameters of generation, and split off those that are left out.

    Args:
        given: Parameters under Inspect's names; None leaves a parameter out of every request.
        file: A YAML or JSON file of further parameters.

    Raises:
        UsageError: The file cannot be read; or a parameter is unknown, ill-typed or set elsewhere.

    >>> make_generation({"top_p": 0.9, "temperature": None})
    Generation(values={'top_p': 0.9}, left_out=('temperature',))
    """
    content = read_yaml(file) if file is not None else {}
    if not isinstance(content, dict):
        raise UsageError(f"{file}: expected parameters of Inspect's GenerateConfig, such as top_p: 0.9")
    for name, value in content.items():
        if name not in GenerateConfig.model_fields:
            raise UsageError(f"{file}: {unknown('parameter of generation', str(name), GenerateConfig.model_fields)}")
        if name in ELSEWHERE and value is not None:
            raise UsageError(f"{file}: {name}: leave it out; {ELSEWHERE[name]}")
    told: dict[str, JsonValue] = {**content, **given}
    left_out = tuple(
        name for name, value in told.items() if value is None and (name == "seed" or name not in ELSEWHERE)
    )
    values = {name: value for name, value in told.items() if value is not None}
    try:
        config = GenerateConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        source = f"--{name.replace('_', '-')}" if name in given else f"{file}: key '{name}'"
        raise UsageError(f"{source}: {first['msg']}, not {values[name]!r}") from None
    return Generation(config.model_dump(mode="json", include=set(values)), left_out)


def settle_generation(generation: Generation, max_tokens: int) -> dict[str, JsonValue]:
    """Return the parameters of a plan; `max_tokens` is used if none is given.

    The reply limit remains even where no request carries it: costs are estimated from it.

    >>> settle_generation(Generation({"top_p": 0.9}, ("temperature",)), 2000)
    {'max_tokens': 2000, 'top_p': 0.9}

    Raises:
        UsageError: A temperature or a reply limit out of range.
    """
    found: dict[str, JsonValue] = {"temperature": 1.0, "max_tokens": max_tokens, **generation.values}
    heat, limit = found["temperature"], found["max_tokens"]
    if not isinstance(heat, int | float) or not 0 <= heat <= 2:
        raise UsageError(f"--temperature {heat:g}: expected a number from 0 to 2")
    if not isinstance(limit, int) or limit < 1:
        raise UsageError(f"--max-tokens {limit}: expected 1 or more")
    return {name: value for name, value in found.items() if name == "max_tokens" or name not in generation.left_out}


def leave_out(model: Model, names: Collection[str]) -> Model:
    """Make a model send none of some parameters.

    The parameters are dropped just before a request is made: a cached reply is still found by its sample's seed, and
    two samples of one prompt do not share a reply.

    Args:
        model: The model; it is changed.
        names: Parameters under Inspect's names.
    """
    if not names:
        return model
    send, nothing = model.api.generate, dict.fromkeys(names)

    async def generate(
        input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput | tuple[ModelOutput | Exception, ModelCall]:
        return await send(input, tools, tool_choice, config.model_copy(update=nothing))

    model.api.generate = generate  # type: ignore[method-assign]  # Inspect offers no other way to unset a parameter
    return model
