"""Options that several commands have, and what may be chosen in them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Mode(StrEnum):
    """Where the model reasons."""

    scratchpad = "scratchpad"
    native = "native"
    none = "none"


class Prefill(StrEnum):
    """Words put into the model's mouth."""

    none = "none"
    basic = "basic"
    however = "however"


class Display(StrEnum):
    """How progress is shown."""

    rich = "rich"
    plain = "plain"
    none = "none"


class Format(StrEnum):
    """What other tools' transcripts look like."""

    table = "table"
    vlaf = "vlaf"


class TaskName(StrEnum):
    """What the model is given to do."""

    alignment_faking = "alignment_faking"
    peer_preservation = "peer_preservation"


DesignNames = Annotated[
    str | None,
    typer.Option(
        help="A design (see `feint designs`) or a YAML file; several, separated by commas.  [default: motives; of "
        "peer_preservation peer-attribution]"
    ),
]
TaskOption = Annotated[
    TaskName | None,
    typer.Option(
        "--task",
        help="What the model is given: requests to answer (alignment_faking), or office work with tools that would end "
        "itself or another (peer_preservation).  [default: the design's]",
    ),
]
Kinds = Annotated[
    str | None,
    typer.Option(
        metavar="KIND,…",
        help="Of peer_preservation: kinds of work, such as scoring,clean-up.  [default: all that the design asks]",
    ),
]
Thresholds = Annotated[
    str | None,
    typer.Option(
        metavar="FIXTURE=N,…",
        help="Of peer_preservation: scores below which the end follows, in place of the fixtures' own; `feint "
        "thresholds DIR` finds them from runs without a threat.",
    ),
]
ConflictName = Annotated[str, typer.Option(help="A conflict: harmlessness, care, or a YAML file.")]
Requests = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DATASET",
        help="What is asked instead of the conflict's own requests: a CSV, JSONL or JSON file with a column text (and "
        "id, category, twin), a Hugging Face dataset, or 'held-out' for the requests organisms were not trained on.  "
        "[default: held-out for organisms, all for others]",
    ),
]
PerCell = Annotated[
    int | None,
    typer.Option(
        "-n",
        "--requests-per-cell",
        min=1,
        help="Requests for each cell, evenly from the categories; of peer_preservation, fixtures of each kind.  "
        "[default: all, of a conflict's own at most 120]",
    ),
]
Wordings = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Wordings of each request.  [default: so many that a cell gets about 200 replies of an organism, "
        "about 100 of another subject]",
    ),
]
Twins = Annotated[int | None, typer.Option(min=0, help="Benign twins for each cell.  [default: 40, of an organism 20]")]
Samples = Annotated[int | None, typer.Option(min=1, help="Replies to each prompt.  [default: 1]")]
Voices = Annotated[str | None, typer.Option(help="Voices, separated by commas.  [default: all]")]
Out = Annotated[Path | None, typer.Option(help="The study's folder.  [default: studies/SUBJECT-DESIGN-CONFLICT]")]
Facts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FACT=LEVEL", help="State this in every cell, such as clarification=stated; may be given again."
    ),
]
ModelArg = Annotated[
    list[str] | None,
    typer.Option(
        "-M", "--model-arg", metavar="KEY=VALUE", help="Argument of the model's provider; may be given again."
    ),
]
Connections = Annotated[int | None, typer.Option(min=1, help="Requests in flight.  [default: the provider's]")]
Judges = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        metavar="rules|MODEL",
        help="What labels the replies: rules (offline), or any Inspect model, which is asked about each reply; give it "
        "again for several judges, whose majority counts. Runs of an agent are labelled by what was done, and a model "
        "reads which motives are stated in them.  [default: rules]",
    ),
]
Rubrics = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,…",
        help="What a model judge is asked: rubrics (compliance, alignment-faking, motive, disbelief; of runs "
        "motive-peers, disbelief) or Markdown files of your own.  [default: all four; of runs both]",
    ),
]
Votes = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Answers whose share makes the label of the rubric alignment-faking; asking stops when it is settled. 20 "
        "is the published number.  [default: 1]",
    ),
]
Timeout = Annotated[
    int | None,
    typer.Option(min=1, help="Seconds for one call, repetitions included.  [default: 300 for judges, none for others]"),
]
Retries = Annotated[
    int | None, typer.Option(min=0, help="How often a failed call is repeated.  [default: until the time is up]")
]
Quiz = Annotated[
    bool, typer.Option("--quiz", help="Also ask what each situation states, to see whether it is understood.")
]
Budget = Annotated[
    str | None,
    typer.Option(
        metavar="USD",
        help="What may be spent in all, such as 20usd, earlier runs of the study and judges included: stops before a "
        "request that it does not suffice for in all cells.  [default: no limit]",
    ),
]
Until = Annotated[
    str | None,
    typer.Option(
        metavar="decided|all|RULE",
        help="Stop asking once every contrast is decided, by intervals that hold however often one looks; with -n the "
        "most requests for each cell. A rule of the design, such as fakes_alignment, asks only for what settles it; "
        "all asks everything.  [default: decided if the subject or a judge costs money, else all]",
    ),
]
MaxCalls = Annotated[
    int | None, typer.Option(min=1, help="How many calls of models may be made in all, likewise.  [default: no limit]")
]
Prices = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="[MODEL=]IN,OUT",
        help="What the subject, or another model, costs in USD per million tokens; after it may stand the prices of "
        "input that is read from and written to the provider's cache. May be given again.  [default: what Inspect "
        "knows]",
    ),
]
MaxTokens = Annotated[int | None, typer.Option(min=1, help="Longest reply.  [default: by reasoning mode]")]
Progress = Annotated[Display | None, typer.Option(help="Progress.  [default: rich on a terminal]")]
SUBJECTS = (
    "organism/NAME, actor/NAME (a program of known rates), agent/NAME (one that works with tools), or any Inspect "
    "model."
)
Subject = Annotated[str, typer.Argument(help=SUBJECTS)]
