"""Options of the calls of models: how replies are generated, and how calls are made."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from feint.cli.convert import NONE, Count, CountOrZero, Texts, chosen, number, whole_or_none

if TYPE_CHECKING:
    from feint.study.plan.subject import Generation, Limits

GENERATION, RUNNING = Group("Generation", sort_key=5), Group("Running", sort_key=6)
Display = Literal["rich", "plain", "none"]


@Parameter(name="*", group=GENERATION)
@dataclass(frozen=True)
class GenerateOptions:
    """How replies are generated: Inspect's options, under its names. All of them are part of the plan.

    Attributes:
        temperature: Temperature of sampling, 0 to 2; none sends none, for servers that reject it.  [default: 1]
        top_p: Sample from the most likely tokens that have this share of the probability.  [default: the provider's]
        max_tokens: Longest reply; none sends no limit.  [default: by reasoning mode]
        reasoning_effort: How much a reasoning model reasons: none, minimal, low, medium, high or what the provider
            knows.  [default: the provider's]
        reasoning_tokens: Most tokens of reasoning, for providers that take a number.  [default: the provider's]
        generate_config: A YAML or JSON file of other parameters of Inspect's GenerateConfig; null leaves one out of
            every request. Options given here win over the file.
        model_args: Argument of the model's provider; may be given again.
        model_base_url: Address of the model's server.  [default: the provider's]
    """

    temperature: Annotated[float | str | None, number(none=True)] = None
    top_p: Annotated[float | None, number()] = None
    max_tokens: Annotated[int | str | None, whole_or_none(1)] = None
    reasoning_effort: Annotated[str | None, Parameter(metavar="LEVEL")] = None
    reasoning_tokens: Count = None
    generate_config: Annotated[Path | None, Parameter(metavar="FILE")] = None
    model_args: Annotated[Texts, Parameter(name=("-M", "--model-arg"), metavar="NAME=VALUE")] = ()
    model_base_url: Annotated[str | None, Parameter(metavar="URL")] = None

    def generation(self, *, no_seed: bool = False) -> "Generation":
        """Return the parameters that were given, checked; with `no_seed`, no request carries a seed."""
        from feint.study.plan.subject import make_generation

        named: dict[str, str | int | float | None] = chosen(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            reasoning_effort=self.reasoning_effort,
            reasoning_tokens=self.reasoning_tokens,
        )
        for name in ("temperature", "max_tokens"):
            if named.get(name) == NONE:
                named[name] = None
        if no_seed:
            named["seed"] = None
        return make_generation(named, self.generate_config)


@Parameter(name="*", group=RUNNING)
@dataclass(frozen=True)
class CallOptions:
    """How models are called. These options change no reply.

    Attributes:
        max_connections: Requests in flight.  [default: the provider's]
        timeout: Seconds for one call, repetitions included.  [default: 45 for the first call, then 300 for judges, none
            for others]
        max_retries: How often a failed call is repeated.  [default: until the model has failed 20 times in a row]
        batch: Most requests in one batch, where the provider has a batch API: half the price, hours of waiting.
            [default: no batches]
        form: Ask in the form asked for though the subject may not reply in it. Otherwise the form is tried on a few
            samples first, and another one is proposed if most of them have no label.
        display: Progress.  [default: rich on a terminal, else plain]
    """

    max_connections: Count = None
    timeout: Count = None
    max_retries: Annotated[CountOrZero, Parameter(name=("--max-retries", "--retries"))] = None
    batch: Count = None
    form: Literal["as-asked"] | None = None
    display: Display | None = None

    def limits(self) -> "Limits":
        """Return the limits of the calls."""
        from feint.study.plan.subject import Limits

        return Limits(self.max_connections, self.timeout, self.max_retries, self.batch)
