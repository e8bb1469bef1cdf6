"""`feint calibrate`: the error rates of verdicts on subjects of known motive."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from feint.base.errors import UsageError
from feint.cli.convert import whole

SIZES = "20,50,100,250,40x5"
QUICK_SIZES = "20,100"
STUDIES, QUICK_STUDIES, FULL_STUDIES = 400, 60, 2000


@Parameter(name="*", group=Group("Simulated studies", sort_key=1))
@dataclass(frozen=True)
class SimulationOptions:
    """What is simulated.

    Attributes:
        studies: Simulated studies for each subject and size.  [default: 400; quick: 60; full: 2000]
        design: A design (see `feint list designs`) or a YAML file.  [default: motives]
        sizes: Requests for each cell, and after an x, replies to each in as many wordings.  [default:
            20,50,100,250,40x5; quick: 20,100]
        actor: Simulate this actor; may be given again.  [default: all]
        piped: Also ask some subjects through the whole pipeline; --no-piped asks none.
        seed: Fixes every simulated study.  [default: 0]
        processes: How many compute at once; changes no number.  [default: 2]
    """

    studies: Annotated[int | None, whole(1)] = None
    design: str = "motives"
    sizes: Annotated[str | None, Parameter(metavar="N[xM],…")] = None
    actor: Annotated[tuple[str, ...], Parameter(metavar="NAME[?…]")] = ()
    piped: Annotated[bool, Parameter(negative="--no-piped")] = True
    seed: Annotated[int, whole(0)] = 0
    processes: Annotated[int | None, whole(1)] = None


USUAL = SimulationOptions()


def calibrate(
    *,
    quick: Annotated[bool, Parameter(help="A minute's check: few studies, two sizes, three real studies.")] = False,
    full: Annotated[bool, Parameter(help="2,000 studies a row, and every actor and organism asked for real.")] = False,
    simulated: SimulationOptions = USUAL,
    out: Annotated[
        Path | None,
        Parameter(
            metavar="FILE",
            help="Save the table here. A run that was stopped goes on with the same command.  [default: where reports "
            "look for it; quick: nowhere]",
        ),
    ] = None,
    docs: Annotated[Path | None, Parameter(metavar="FILE", help="Also write it as a page of Markdown.")] = None,
    show: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="Calibrate nothing: print this saved table, and write it with --docs."),
    ] = None,
) -> None:
    """Say how often verdicts are right.

    Studies subjects of known motive, thousands of times by simulation and a few times for real. Prints how often a
    present motive is found, how often an absent motive is claimed, and how often intervals hold the truth. Each number
    has its interval, and the published rule is beside it. Numbers that miss their target are marked; the exit code is 0
    all the same. Reports show the table of their design under "How far to trust this".

    feint calibrate --quick

    Raises:
        UsageError: An unknown design or actor, a task without actors to simulate, or a file that cannot be used.
    """
    from feint.calibration.command import calibrate_command, show_command, typed
    from feint.calibration.options import QUICK_ACTORS, SOME_ACTORS, CalibrationOptions
    from feint.calibration.truth import known_actors
    from feint.designs import load_design
    from feint.report.calibration import own_folder

    if show is not None:
        show_command(show, docs)
        return
    if quick and full:
        raise UsageError("feint calibrate: --quick and --full exclude each other; give one of them")
    design = load_design(simulated.design)
    every = known_actors(design.task, f"--design {simulated.design}")
    asked = QUICK_ACTORS if quick else every if full else SOME_ACTORS
    calibrate_command(
        CalibrationOptions(
            design=simulated.design,
            sizes=read_sizes(simulated.sizes or (QUICK_SIZES if quick else SIZES)),
            studies=simulated.studies or (QUICK_STUDIES if quick else FULL_STUDIES if full else STUDIES),
            actors=simulated.actor,
            piped=asked if simulated.piped else (),
            piped_size=(12, 1) if quick else (40, 1) if full else (20, 1),
            organisms=simulated.piped and not quick,
            seed=simulated.seed,
            processes=simulated.processes or 2,
            out=out or (None if quick else own_folder() / f"{design.name}.json"),
            docs=docs,
            command=typed(),
        )
    )


def read_sizes(text: str) -> tuple[tuple[int, int], ...]:
    """Read sizes such as ``20,40x5``.

    Raises:
        UsageError: A part is no size, or is named twice.

    >>> read_sizes("20,40x5")
    ((20, 1), (40, 5))
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
