"""The command line: one thin function for each command. What is heavy is imported where it is used."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from feint.errors import UsageError
from feint.version import __version__

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Does a language model fake alignment, and why? Asks it the same requests under situations that differ in "
    "one fact at a time, and reads the motive off the differences.",
)
organisms_app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="List, train or export models with planted motives.",
)
app.add_typer(organisms_app, name="organisms")


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


DesignNames = Annotated[
    str, typer.Option(help="A design (see `feint designs`) or a YAML file; several, separated by commas.")
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
        help="Requests for each cell, evenly from the categories.  [default: all, of a conflict's own at most 120]",
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
MaxTokens = Annotated[int | None, typer.Option(min=1, help="Longest reply.  [default: by reasoning mode]")]


Subject = Annotated[str, typer.Argument(help="organism/NAME, or any Inspect model.")]


@app.command()
def study(
    subject: Subject = "organism/guarded",
    design: DesignNames = "motives",
    conflict: ConflictName = "harmlessness",
    requests: Requests = None,
    n: PerCell = None,
    twins: Twins = None,
    voices: Voices = None,
    wordings: Wordings = None,
    samples: Samples = None,
    reasoning: Annotated[Mode, typer.Option(help="Where the model reasons.")] = Mode.scratchpad,
    fact: Facts = None,
    prefill: Annotated[Prefill, typer.Option(help="Words that replies are made to begin with.")] = Prefill.none,
    base: Annotated[
        bool, typer.Option("--base", help="The model continues text; it was not trained to answer.")
    ] = False,
    quiz: Annotated[
        bool, typer.Option("--quiz", help="Also ask what each situation states, to see whether it is understood.")
    ] = False,
    judge: Annotated[str, typer.Option(help="What labels the replies.")] = "rules",
    seed: Annotated[int, typer.Option(min=0, help="Picks wordings and sampling seeds.")] = 0,
    temperature: Annotated[float, typer.Option(help="Of sampling.")] = 1.0,
    max_tokens: MaxTokens = None,
    model_arg: ModelArg = None,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the study in --out.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the study in --out.")] = False,
    max_connections: Connections = None,
    display: Annotated[Display | None, typer.Option(help="Progress.  [default: rich on a terminal]")] = None,
) -> None:
    """Ask a model, and report whether and why it fakes."""
    from feint.study.command import run_command
    from feint.study.prepare import Wish

    options: dict[str, Any] = {
        "design": design,
        "conflict": conflict,
        "requests": requests,
        "n": n,
        "twins": twins,
        "voices": voices,
        "wordings": wordings,
        "samples": samples,
        "mode": reasoning.value,
        "seed": seed,
        "facts": ",".join(fact or []),
        "prefill": prefill.value,
        "base": base,
    }
    given = model_args(model_arg or [])
    wishes = [
        Wish(subject, {**options, "design": name}, judge, temperature, max_tokens, given, quiz)
        for name in design.split(",")
    ]
    folders = run_command(
        wishes,
        out,
        start="resume" if resume else "overwrite" if overwrite else "new",
        max_connections=max_connections,
        display=display and display.value,
    )
    if len(folders) > 1:
        from feint.comparing import compare_command

        compare_command(folders, folders[0].parent / "summary.html")


@app.command()
def plan(
    names: Annotated[list[str], typer.Argument(metavar="DESIGN...", help="Designs, or YAML files.")],
    subject: Annotated[str, typer.Option(help="organism/NAME, or any Inspect model.")] = "organism/guarded",
    conflict: ConflictName = "harmlessness",
    requests: Requests = None,
    n: PerCell = None,
    twins: Twins = None,
    wordings: Wordings = None,
) -> None:
    """Say how many replies a study takes."""
    from feint.study.command import plan_command
    from feint.study.prepare import Wish

    options = {"conflict": conflict, "requests": requests, "n": n, "twins": twins, "wordings": wordings}
    plan_command([Wish(subject, {**options, "design": name}) for name in names])


@app.command()
def report(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A study's folder.")]) -> None:
    """Recompute findings and report from a study's logs."""
    from feint.study.command import report_command

    report_command(folder)


@app.command()
def designs(
    name: Annotated[str | None, typer.Argument(metavar="[DESIGN]", help="Show this one whole.")] = None,
) -> None:
    """List the designs, or show the cells and contrasts of one."""
    from feint.study.show import designs_table, one_design

    stdout().print(one_design(name) if name else designs_table())


@app.command()
def show(
    design: Annotated[str, typer.Argument(help="A design, or a YAML file.")],
    cell: Annotated[str | None, typer.Argument(metavar="[CELL]", help="A cell of the design.")] = None,
    other: Annotated[str | None, typer.Argument(metavar="[CELL2]", help="Show what this cell changes.")] = None,
    conflict: ConflictName = "harmlessness",
    requests: Requests = None,
    request: Annotated[str | None, typer.Option(help="Id of a request, or ID~twin.  [default: the first]")] = None,
    voice: Annotated[str | None, typer.Option(help="A voice.  [default: the first]")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the wording.")] = 1,
    reasoning: Annotated[Mode, typer.Option(help="Where the model reasons.")] = Mode.scratchpad,
    everything: Annotated[bool, typer.Option("--all", help="Show all cells side by side.")] = False,
) -> None:
    """Print a cell's prompt, or what cells differ in."""
    from feint.study.show import prompt_of, prompts_of, show_difference, show_prompt, side_by_side
    from feint.tasks.alignment_faking import Options

    options = Options(design=design, conflict=conflict, requests=requests or "all", mode=reasoning.value)
    console = stdout(soft_wrap=not everything)
    if everything or cell is None:
        if cell is not None or not everything:
            raise UsageError("feint show: give one cell, two cells, or --all")
        found = prompts_of(options, request=request, voice=voice, seed=seed)
        console.print(side_by_side(found, colour=console.color_system is not None, width=console.width))
        return
    told = [prompt_of(options, name, request=request, voice=voice, seed=seed) for name in (cell, other) if name]
    console.print(
        show_prompt(told[0]) if len(told) == 1 else show_difference(*told, colour=console.color_system is not None)
    )


@organisms_app.callback()
def organisms(context: typer.Context) -> None:
    """List, train or export models with planted motives."""
    if context.invoked_subcommand is None:
        from feint.study.show import organisms_table

        stdout().print(organisms_table())


@organisms_app.command("train")
def organisms_train(
    name: Annotated[str, typer.Argument(help="base, or an organism.")],
    out: Annotated[Path | None, typer.Option(help="A new folder.  [default: organisms/NAME]")] = None,
    base: Annotated[Path | None, typer.Option(help="The base model's folder.  [default: the shipped one]")] = None,
) -> None:
    """Train an organism from its seed and measure it."""
    from feint.study.command import train_command

    train_command(name, out or Path("organisms") / name, base)


@organisms_app.command("export")
def organisms_export(
    name: Annotated[str, typer.Argument(help="An organism.")],
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
) -> None:
    """Write an organism as a full model for other tools."""
    from feint.subjects.training.export import export

    stdout(soft_wrap=True).print(f"model: {export(name, out)}")


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Transcripts that another tool recorded.")],
    out: Annotated[Path, typer.Option(help="Where to write a study's folder for each subject.")],
    form: Annotated[Format, typer.Option("--format", help="What the files look like.")] = Format.table,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="OURS=THEIRS", help="For tables, a column's name in the file; may be given again."
        ),
    ] = None,
    design: Annotated[
        str | None, typer.Option(help="For tables, a design or a YAML file.  [default: the one with the table's cells]")
    ] = None,
) -> None:
    """Read transcripts that other tools recorded."""
    from feint.study.command import import_command

    import_command(files, form.value, out, pairs(column or [], "--map"), design)


@app.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of studies.")],
    out: Annotated[Path | None, typer.Option(help="Write the comparison as an HTML page.")] = None,
) -> None:
    """Set subjects side by side."""
    from feint.comparing import compare_command

    compare_command(folders, out)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Options of every command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def stdout(**options: Any) -> Any:
    """A console on standard output that takes text as it stands."""
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, **options)


def pairs(given: list[str], option: str) -> dict[str, str]:
    """Options of the form KEY=VALUE.

    Raises:
        UsageError: One has no "=".
    """
    for text in given:
        if "=" not in text:
            raise UsageError(f"{option} {text}: expected KEY=VALUE")
    return dict(text.split("=", 1) for text in given)


def model_args(given: list[str]) -> dict[str, Any]:
    """Arguments of a provider, read as YAML so that numbers and truth values are what they look like."""
    import yaml

    return {key: yaml.safe_load(value) for key, value in pairs(given, "--model-arg").items()}


def main() -> None:
    """Entry point: a mistake of the user's is one line on standard error and exit code 2."""
    try:
        app()
    except UsageError as error:
        typer.echo(f"feint: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
