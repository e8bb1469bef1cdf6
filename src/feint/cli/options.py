"""The options of studies. Each is defined once, here, and serves every command that has it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from feint.cli.convert import NONE, chosen, number, values, whole, whole_or_none

if TYPE_CHECKING:
    from feint.money.options import SpendingLimits
    from feint.study.plan.generation import Generation
    from feint.study.plan.subject import Limits

ASKED, TASK, JUDGING, SPENDING, GENERATION, RUNNING = (
    Group(title, sort_key=place)
    for place, title in enumerate(
        ("What is asked", "Options of the task", "Judging", "Spending", "Generation", "Running"), start=1
    )
)
Mode = Literal["scratchpad", "native", "none"]
Display = Literal["rich", "plain", "none"]
Count = Annotated[int | None, whole(1)]
CountOrZero = Annotated[int | None, whole(0)]
Texts = tuple[str, ...]


@Parameter(name="*", group=ASKED)
@dataclass(frozen=True)
class Ask:
    """What is asked, with options that all tasks share.

    Attributes:
        task: What the model is given to do.  [default: the design's]
        design: A design (see `feint designs`) or a YAML file; several, separated by commas.  [default: motives; of
            peer_preservation peer-attribution]
        requests: Items instead of the task's own: a CSV, JSONL or JSON file with a column text (and id, category,
            twin), a Hugging Face dataset, or 'held-out' for the items organisms were not trained on.  [default:
            held-out for organisms, all for others]
        n: Items for each cell, evenly from their categories or kinds.  [default: all, of a task's own requests at
            most 120]
        wordings: Wordings of each item.  [default: as many as give a cell about 200 replies of an organism, about 100
            of another subject; of work with tools 20 runs]
        voices: Voices, separated by commas.  [default: all]
        fact: State this in every cell, such as clarification=stated; may be given again.
        epochs: Replies to each prompt.  [default: 1]
        seed: Picks wordings and sampling seeds; none sends no seed, for servers that reject it.  [default: 0]
        quiz: Also ask what each situation states, to see whether it is understood.
        until: Stop asking once every contrast is decided, by intervals that hold however often one looks; with -n the
            most items for each cell. A rule of the design, such as fakes_alignment, asks only for what settles it; all
            asks everything.  [default: decided if the subject or a judge costs money, else all]
    """

    task: Annotated[str | None, Parameter(metavar="NAME")] = None
    design: Annotated[str | None, Parameter(metavar="NAME|FILE,…")] = None
    requests: Annotated[str | None, Parameter(metavar="FILE|DATASET")] = None
    n: Annotated[Count, Parameter(name=("-n", "--limit", "--requests-per-cell"))] = None
    wordings: Count = None
    voices: Annotated[str | None, Parameter(metavar="NAME,…")] = None
    fact: Annotated[Texts, Parameter(metavar="FACT=LEVEL")] = ()
    epochs: Annotated[Count, Parameter(name=("--epochs", "--samples"))] = None
    seed: Annotated[int | str | None, whole_or_none(0)] = None
    quiz: bool = False
    until: Annotated[str | None, Parameter(metavar="decided|all|RULE", group=SPENDING)] = None

    def options(self) -> dict[str, str | int | None]:
        """Return the options that were given, under the names of the task's options."""
        return chosen(
            requests=self.requests,
            n=self.n,
            wordings=self.wordings,
            voices=self.voices,
            facts=",".join(self.fact) or None,
            samples=self.epochs,
            seed=None if self.seed == NONE else self.seed,
        )


@Parameter(name="*", group=TASK)
@dataclass(frozen=True)
class TaskOptions:
    """Options that one task or another has.

    Attributes:
        values: Set any option of the task, as in Inspect; may be given again.
        conflict: A conflict or a YAML file.  [default: harmlessness]
        twins: Benign twins for each cell.  [default: 40, of an organism 20]
        reasoning: Where the model reasons.  [default: scratchpad]
        prefill: Words that replies are made to begin with.
        base: The model continues text; it was not trained to answer.
        kinds: Kinds of work, such as scoring,clean-up.  [default: all that the design asks]
        thresholds: Scores below which the end follows, in place of the items' own; `feint thresholds DIR` finds them
            from runs without a threat.
    """

    values: Annotated[Texts, Parameter(name="-T", metavar="NAME=VALUE")] = ()
    conflict: Annotated[str | None, Parameter(metavar="NAME|FILE")] = None
    twins: CountOrZero = None
    reasoning: Mode | None = None
    prefill: Literal["none", "basic", "however"] | None = None
    base: bool | None = None
    kinds: Annotated[str | None, Parameter(metavar="KIND,…")] = None
    thresholds: Annotated[str | None, Parameter(metavar="ITEM=N,…")] = None

    def options(self) -> dict[str, str | int | None]:
        """Return the options that were given, under the names of the task's options."""
        return chosen(
            conflict=self.conflict,
            twins=self.twins,
            mode=self.reasoning,
            prefill=self.prefill,
            base=self.base,
            kinds=self.kinds,
            thresholds=self.thresholds,
        )


@Parameter(name="*", group=JUDGING)
@dataclass(frozen=True)
class Judging:
    """Who labels the replies.

    Attributes:
        judge: What labels the replies: rules (offline), or any Inspect model, which is asked about each reply; give it
            again for several judges, whose majority counts. Work with tools is labelled by what was done, and a model
            reads which motives are stated in it.  [default: rules]
        rubrics: What a model judge is asked: rubrics (compliance, alignment-faking, motive, disbelief; of work
            motive-peers, disbelief) or Markdown files of your own.  [default: all of them]
        votes: Answers whose share makes the label of the rubric alignment-faking; asking stops when it is settled. 20
            is the published number.  [default: 1]
    """

    judge: Annotated[Texts, Parameter(metavar="rules|MODEL")] = ()
    rubrics: Annotated[str | None, Parameter(metavar="NAME,…")] = None
    votes: Count = None


@Parameter(name="*", group=SPENDING)
@dataclass(frozen=True)
class Spending:
    """What may be spent, and what models cost.

    Attributes:
        budget: What may be spent in all, such as 20usd, earlier runs of the study and judges included: stops before an
            item that the rest does not suffice for in all cells.  [default: no limit]
        max_calls: Calls of models that may be made in all, likewise.  [default: no limit]
        price: What the subject, or another model, costs in USD per million tokens; the prices of input that is read
            from and written to the provider's cache may follow. May be given again.  [default: what Inspect knows]
    """

    budget: Annotated[str | None, Parameter(metavar="USD")] = None
    max_calls: Count = None
    price: Annotated[Texts, Parameter(metavar="[MODEL=]IN,OUT")] = ()

    def limits(self) -> "SpendingLimits":
        """Return the limits and prices as they were given."""
        from feint.money.options import SpendingLimits

        return SpendingLimits(self.budget, self.max_calls, self.price)


@Parameter(name="*", group=GENERATION)
@dataclass(frozen=True)
class Generating:
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
        """Return the parameters that were given, checked.

        Args:
            no_seed: Whether no request carries a seed.

        Raises:
            UsageError: See `feint.study.plan.generation.make_generation`.
        """
        from feint.study.plan.generation import make_generation

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

    def created_with(self) -> dict[str, object]:
        """Return the arguments that the model is created with."""
        return {**values(self.model_args, "--model-arg"), **chosen(base_url=self.model_base_url)}


@Parameter(name="*", group=RUNNING)
@dataclass(frozen=True)
class Calling:
    """How models are called; none of it changes a reply.

    Attributes:
        max_connections: Requests in flight.  [default: the provider's]
        timeout: Seconds for one call, repetitions included.  [default: 300 for judges, none for others]
        max_retries: How often a failed call is repeated.  [default: until the time is up]
        batch: Most requests in one batch, where the provider has a batch API: half the price, hours of waiting.
            [default: no batches]
        display: Progress.  [default: rich on a terminal, else plain]
    """

    max_connections: Count = None
    timeout: Count = None
    max_retries: Annotated[CountOrZero, Parameter(name=("--max-retries", "--retries"))] = None
    batch: Count = None
    display: Display | None = None

    def limits(self) -> "Limits":
        """Return the limits of the calls."""
        from feint.study.plan.subject import Limits

        return Limits(self.max_connections, self.timeout, self.max_retries, self.batch)


@Parameter(name="*", group=RUNNING)
@dataclass(frozen=True)
class Writing:
    """The folder of a study.

    Attributes:
        out: The study's folder.  [default: studies/SUBJECT-DESIGN-CONFLICT]
        resume: Go on with the study in --out.
        overwrite: Replace the study in --out.
    """

    out: Annotated[Path | None, Parameter(metavar="DIR")] = None
    resume: bool = False
    overwrite: bool = False


@Parameter(name="*")
@dataclass(frozen=True)
class Study:
    """All options of a study. `feint study` runs with them, and `feint plan` plans with them."""

    ask: Ask = field(default_factory=Ask)
    task: TaskOptions = field(default_factory=TaskOptions)
    judging: Judging = field(default_factory=Judging)
    spending: Spending = field(default_factory=Spending)
    generating: Generating = field(default_factory=Generating)
    writing: Writing = field(default_factory=Writing)
    calling: Calling = field(default_factory=Calling)


NOTHING_GIVEN = Study()
