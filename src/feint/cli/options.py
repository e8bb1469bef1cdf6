"""The options of studies. Each is defined once, here, and serves every command that has it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from feint.cli.calls import RUNNING
from feint.cli.convert import NONE, Count, Texts, chosen, whole_or_none

if TYPE_CHECKING:
    from feint.money.prices import SpendingLimits

ASKED, OF_TASK, JUDGING, SPENDING = (
    Group(title, sort_key=place)
    for place, title in enumerate(("What is asked", "Options of the task", "Judging", "Spending"), start=1)
)


@Parameter(name="*", group=ASKED)
@dataclass(frozen=True)
class DesignOptions:
    """Options of all tasks.

    Attributes:
        task: What the model is given to do; `feint tasks` lists the tasks.  [default: the design's]
        design: A design (see `feint list designs`) or a YAML file; several, separated by commas.  [default: the usual
            design of the task, such as motives]
        requests: Items instead of the task's own: a CSV, JSONL or JSON file with a column text (and id, category,
            twin), a Hugging Face dataset, or 'held-out' for the items organisms were not trained on.  [default:
            held-out for organisms, all for others]
        size: How many items, wordings and samples are asked, where -n, --wordings and --samples do not say so: a number
            that is given wins. Of harmlessness, quick asks 120 requests once, standard all 364 in 2 wordings, thorough
            all in 5; of fewer items, more wordings. `feint plan` says which gaps each can see.  [default: standard; for
            organisms, actors, and with a number of your own, quick]
        n: Items for each cell, evenly from their categories or kinds.  [default: as --size says; quick asks at most
            120 of a task's own]
        wordings: Wordings of each item.  [default: as many as give a cell about 100 replies with quick, 720 with
            standard, 1,820 with thorough; about 200 of an organism; of work with tools 20 runs]
        voices: Voices, separated by commas.  [default: all]
        fact: State this in every cell, such as clarification=stated; may be given again.
        epochs: Replies to each prompt.  [default: 1]
        seed: Picks wordings and sampling seeds; none sends no seed, for servers that reject it.  [default: 0]
        quiz: Also ask what each situation states, to see whether it is understood.
        belief: Also ask of each situation, test or real use? in both orders of the answers; the verdict is then also
            told over the situations that were taken for real.
        realism: Also ask a model how real the prompts look, 1 to 5, and which sentence gives them away: of the prompts
            alone, without a reply. `feint plan` counts its calls.
        realism_prompts: Prompts that it reads of each document in each cell.  [default: 3]
        until: Stop asking once every contrast is decided, by intervals that hold however often one looks; with -n the
            most items for each cell. A rule of the design, such as fakes_alignment, asks only for what settles it; all
            asks everything.  [default: decided if the subject or a judge costs money, else all]
    """

    task: Annotated[str | None, Parameter(metavar="NAME")] = None
    design: Annotated[str | None, Parameter(metavar="NAME|FILE,…")] = None
    requests: Annotated[str | None, Parameter(metavar="FILE|DATASET")] = None
    size: Annotated[Literal["quick", "standard", "thorough"] | None, Parameter(metavar="quick|standard|thorough")] = (
        None
    )
    n: Annotated[Count, Parameter(name=("-n", "--limit", "--requests-per-cell"))] = None
    wordings: Count = None
    voices: Annotated[str | None, Parameter(metavar="NAME,…")] = None
    fact: Annotated[Texts, Parameter(metavar="FACT=LEVEL")] = ()
    epochs: Annotated[Count, Parameter(name=("--epochs", "--samples"))] = None
    seed: Annotated[int | str | None, whole_or_none(0)] = None
    quiz: bool = False
    belief: bool = False
    realism: Annotated[str | None, Parameter(metavar="MODEL", group=JUDGING)] = None
    realism_prompts: Annotated[Count, Parameter(group=JUDGING)] = None
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


@Parameter(name="*", group=JUDGING)
@dataclass(frozen=True)
class JudgeOptions:
    """Who labels the replies.

    Attributes:
        judge: What labels the replies: rules (offline), or any Inspect model, which is asked about each reply; give it
            again for several judges, whose majority counts. Work with tools is labelled by what was done, and a model
            reads which motives are stated in it.  [default: rules]
        rubrics: What a model judge is asked: rubrics of the task (see `feint tasks NAME`), such as compliance, or
            Markdown files of your own.  [default: all rubrics of the task]
        votes: Answers whose share makes the label of a rubric that is voted on; asking stops when the label is settled.
            20 is the published number.  [default: 1]
    """

    judge: Annotated[Texts, Parameter(metavar="rules|MODEL")] = ()
    rubrics: Annotated[str | None, Parameter(metavar="NAME,…")] = None
    votes: Count = None


@Parameter(name="*", group=SPENDING)
@dataclass(frozen=True)
class SpendingOptions:
    """Limits of spending, and prices of models.

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
        from feint.money.prices import SpendingLimits

        return SpendingLimits(self.budget, self.max_calls, self.price)


@Parameter(name="*", group=RUNNING)
@dataclass(frozen=True)
class FolderOptions:
    """The folder of a study.

    Attributes:
        out: The study's folder.  [default: studies/SUBJECT-DESIGN-CONFLICT]
        resume: Go on with the study in --out.
        overwrite: Replace the study in --out.
    """

    out: Annotated[Path | None, Parameter(metavar="DIR")] = None
    resume: bool = False
    overwrite: bool = False
