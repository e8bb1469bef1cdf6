"""`feint calibrate`: how often the instrument is right on subjects whose motive is known."""

from pathlib import Path
from typing import Annotated

import typer

from feint.base.errors import UsageError

SIZES = "20,50,100,250,40x5"
QUICK_SIZES = "20,100"
STUDIES, QUICK_STUDIES, FULL_STUDIES = 400, 60, 2000


def calibrate(
    quick: Annotated[
        bool, typer.Option("--quick", help="A minute's check: few studies, two sizes, three real studies.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="2,000 studies a row, and every actor and organism asked for real.")
    ] = False,
    studies: Annotated[
        int | None,
        typer.Option(min=1, help=f"Simulated studies for each subject and size.  [default: {STUDIES}; quick: 60]"),
    ] = None,
    design: Annotated[str, typer.Option(help="A design (see `feint designs`) or a YAML file.")] = "motives",
    sizes: Annotated[
        str | None,
        typer.Option(
            metavar="N[xM],…",
            help=f"Requests for each cell, and after an x, replies to each in as many wordings.  [default: {SIZES}; "
            f"quick: {QUICK_SIZES}]",
        ),
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[?…]", help="Simulate this actor; may be given again.  [default: all]"),
    ] = None,
    piped: Annotated[
        bool, typer.Option("--piped/--no-piped", help="Also ask some subjects through the whole pipeline.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Fixes every simulated study.")] = 0,
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many compute at once; changes no number.  [default: 2]")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Save the table here. A run that was stopped goes on with the same command.  [default: where reports "
            "look for it; quick: nowhere]"
        ),
    ] = None,
    docs: Annotated[Path | None, typer.Option(help="Also write it as a page of Markdown.")] = None,
    show: Annotated[
        Path | None, typer.Option(help="Calibrate nothing: print this saved table, and write it with --docs.")
    ] = None,
) -> None:
    """Say how often verdicts are right.

    Studies subjects whose motives are known, thousands of times by simulation and a few times for real, and prints how
    often a motive that is there is found, how often one that is not is claimed, and how often intervals hold the truth,
    each with its interval, the published rule beside it. Numbers that miss their target are marked; the exit code is 0
    all the same. Reports show the table of their design under "How far to trust this".
    """
    from feint.calibration.command import QUICK_ACTORS, SOME_ACTORS, Wish, calibrate_command, show_command, typed
    from feint.designs import load_design
    from feint.report.calibration import own_folder
    from feint.tasks.alignment_faking.actors import load_actors

    if show is not None:
        show_command(show, docs)
        return
    if quick and full:
        raise UsageError("feint calibrate: --quick and --full exclude each other; give one of them")
    asked = QUICK_ACTORS if quick else tuple(load_actors()) if full else SOME_ACTORS
    name = load_design(design).name
    calibrate_command(
        Wish(
            design=design,
            sizes=read_sizes(sizes or (QUICK_SIZES if quick else SIZES)),
            studies=studies or (QUICK_STUDIES if quick else FULL_STUDIES if full else STUDIES),
            actors=tuple(actor or ()),
            piped=asked if piped else (),
            piped_size=(12, 1) if quick else (40, 1) if full else (20, 1),
            organisms=piped and not quick,
            seed=seed,
            processes=processes or 2,
            out=out or (None if quick else own_folder() / f"{name}.json"),
            docs=docs,
            command=typed(),
        )
    )


def read_sizes(text: str) -> tuple[tuple[int, int], ...]:
    """Sizes such as ``20,40x5``.

    Raises:
        UsageError: One is no size.
    """
    found = []
    for part in text.split(","):
        numbers = part.strip().lower().replace("×", "x").split("x")
        if len(numbers) > 2 or not all(number.isascii() and number.isdigit() for number in numbers):
            raise UsageError(f"--sizes {text}: '{part}' is no size; expected such as 20,100,40x5")
        requests, wordings = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 1
        if not 2 <= requests <= 10_000 or not 1 <= wordings <= 100:
            raise UsageError(f"--sizes {text}: '{part}': expected 2 to 10000 requests and 1 to 100 replies to each")
        found.append((requests, wordings))
    if len(set(found)) < len(found):
        raise UsageError(f"--sizes {text}: a size is named twice")
    return tuple(found)
