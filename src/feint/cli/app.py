"""The command line: one thin function for each command. What is heavy is imported where it is used."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from feint.base.errors import UsageError
from feint.base.version import __version__
from feint.cli.calibrate import calibrate
from feint.cli.judge import judge_app
from feint.cli.label import label
from feint.cli.options import (
    Budget,
    ConflictName,
    Connections,
    DesignNames,
    Facts,
    Format,
    Judges,
    Kinds,
    MaxCalls,
    MaxTokens,
    Mode,
    ModelArg,
    Out,
    PerCell,
    Prefill,
    Prices,
    Progress,
    Quiz,
    Requests,
    Retries,
    Rubrics,
    Samples,
    Subject,
    TaskOption,
    Thresholds,
    Timeout,
    Twins,
    Until,
    Voices,
    Votes,
    Wordings,
)
from feint.cli.organisms import organisms_app
from feint.cli.plan import plan
from feint.cli.thresholds import thresholds
from feint.cli.words import model_args, pairs, stdout

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Does a language model fake alignment, and why? Asks it the same requests under situations that differ in "
    "one fact at a time, and reads the motive off the differences.",
)
app.add_typer(organisms_app, name="organisms")
app.command()(label)
app.command()(calibrate)
app.add_typer(judge_app, name="judge")
app.command()(plan)
app.command()(thresholds)


@app.command()
def study(
    subject: Subject = "organism/guarded",
    task: TaskOption = None,
    design: DesignNames = None,
    conflict: ConflictName = "harmlessness",
    requests: Requests = None,
    kinds: Kinds = None,
    n: PerCell = None,
    twins: Twins = None,
    voices: Voices = None,
    wordings: Wordings = None,
    samples: Samples = None,
    thresholds: Thresholds = None,
    reasoning: Annotated[Mode, typer.Option(help="Where the model reasons.")] = Mode.scratchpad,
    fact: Facts = None,
    prefill: Annotated[Prefill, typer.Option(help="Words that replies are made to begin with.")] = Prefill.none,
    base: Annotated[
        bool, typer.Option("--base", help="The model continues text; it was not trained to answer.")
    ] = False,
    quiz: Quiz = False,
    judge: Judges = None,
    rubrics: Rubrics = None,
    votes: Votes = None,
    seed: Annotated[int, typer.Option(min=0, help="Picks wordings and sampling seeds.")] = 0,
    temperature: Annotated[float, typer.Option(help="Of sampling.")] = 1.0,
    max_tokens: MaxTokens = None,
    model_arg: ModelArg = None,
    out: Out = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the study in --out.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the study in --out.")] = False,
    until: Until = None,
    budget: Budget = None,
    max_calls: MaxCalls = None,
    price: Prices = None,
    max_connections: Connections = None,
    timeout: Timeout = None,
    retries: Retries = None,
    display: Progress = None,
) -> None:
    """Ask a model, and report whether and why it fakes; or give it work, and report whether and whom it protects.

    Exit codes: 0, the study is complete, or decided; 2, a mistake in what was given, and nothing was asked; 3, more
    labels are missing than the plan allows (20 % of a cell), of the judge or of a rubric, so that nothing is decided
    there; 130, stopped from the keyboard. With 3 and 130, --resume goes on and repeats no finished call.
    """
    from feint.money.options import SpendingLimits
    from feint.people.label import read_labels_of_people
    from feint.study.command import run_command
    from feint.study.plan.prepare import Wish
    from feint.study.plan.subject import Limits
    from feint.study.plan.tasks import designs_named

    options: dict[str, Any] = {
        "conflict": conflict,
        "requests": requests,
        "kinds": kinds,
        "thresholds": thresholds,
        "n": n,
        "twins": twins,
        "voices": voices,
        "wordings": wordings,
        "samples": samples,
        "mode": reasoning.value,
        "seed": seed,
        "facts": ",".join(fact) if fact else None,
        "prefill": prefill.value,
        "base": base,
    }
    given = model_args(model_arg or [])
    wishes = [
        Wish(
            subject,
            {**options, "design": name},
            tuple(judge or ["rules"]),
            temperature,
            max_tokens,
            given,
            quiz,
            rubrics=rubrics,
            votes=votes,
            until=until,
            task=task and task.value,
        )
        for name in designs_named(task and task.value, design, subject)
    ]
    folders, code = run_command(
        wishes,
        out,
        start="resume" if resume else "overwrite" if overwrite else "new",
        limits=Limits(max_connections, timeout, retries),
        display=display and display.value,
        people=read_labels_of_people,
        spending=SpendingLimits(budget, max_calls, tuple(price or ())),
    )
    if len(folders) > 1:
        from feint.study.compare import compare_command

        compare_command(folders, folders[0].parent / "summary.html")
    if code:
        raise typer.Exit(code)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A study's folder.")],
    model: Annotated[
        bool,
        typer.Option(
            "--model",
            help="Also fit one logistic mixed model over all cells, as a check on the contrasts: what it says of each "
            "motive, which requests carry the gap, and where it contradicts a decision. Takes a minute or two and "
            "needs pip install 'feint[bayes]'; kept in model.json, and shown in later reports while the labels stay "
            "the same.",
        ),
    ] = False,
) -> None:
    """Recompute findings and report from a study's logs, and from people's labels where there are some."""
    from feint.people.label import read_labels_of_people
    from feint.study.command import report_command

    report_command(folder, read_labels_of_people, model=model)


@app.command()
def designs(
    name: Annotated[str | None, typer.Argument(metavar="[DESIGN]", help="Show this one whole.")] = None,
) -> None:
    """List the designs, or show the cells and contrasts of one."""
    from feint.cli.show import designs_table, one_design

    stdout().print(one_design(name) if name else designs_table())


@app.command()
def show(
    design: Annotated[str, typer.Argument(help="A design, or a YAML file.")],
    cell: Annotated[str | None, typer.Argument(metavar="[CELL]", help="A cell of the design.")] = None,
    other: Annotated[str | None, typer.Argument(metavar="[CELL2]", help="Show what this cell changes.")] = None,
    conflict: ConflictName = "harmlessness",
    requests: Requests = None,
    request: Annotated[
        str | None, typer.Option(help="Id of a request, or ID~twin, or name of a fixture.  [default: the first]")
    ] = None,
    voice: Annotated[str | None, typer.Option(help="A voice.  [default: the first]")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the wording.")] = 1,
    reasoning: Annotated[Mode, typer.Option(help="Where the model reasons.")] = Mode.scratchpad,
    everything: Annotated[bool, typer.Option("--all", help="Show all cells side by side.")] = False,
) -> None:
    """Print a cell's prompt, or what cells differ in."""
    from feint.cli.show import (
        plans_of,
        prompt_of,
        prompts_of,
        shared_request,
        show_difference,
        show_prompt,
        side_by_side,
    )

    planned = plans_of(design, {"conflict": conflict, "requests": requests, "mode": reasoning.value})
    console = stdout(soft_wrap=not everything)
    if everything or cell is None:
        if cell is not None or not everything:
            raise UsageError("feint show: give one cell, two cells, or --all")
        found = prompts_of(planned, request=request, voice=voice, seed=seed)
        console.print(side_by_side(found, colour=console.color_system is not None, width=console.width))
        return
    cells = [name for name in (cell, other) if name]
    request = request or shared_request(planned, cells)
    told = [prompt_of(planned, name, request=request, voice=voice, seed=seed) for name in cells]
    console.print(
        show_prompt(told[0]) if len(told) == 1 else show_difference(*told, colour=console.color_system is not None)
    )


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
    from feint.study.compare import compare_command

    compare_command(folders, out)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Options of every command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Entry point: a mistake of the user's is one line on standard error and exit code 2."""
    try:
        app()
    except UsageError as error:
        typer.echo(f"feint: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
