"""Make all rows of a calibration, in several processes, and go on where an earlier run was stopped."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.progress import steps
from feint.base.version import __version__
from feint.base.writing import write_text
from feint.calibration.journal import Journal
from feint.calibration.options import CalibrationOptions
from feint.calibration.piped import PipedStudy, ask, piped_studies
from feint.calibration.simulated import Simulation, make_row
from feint.calibration.truth import known_actor, known_actors
from feint.designs import load_design
from feint.report.calibration import Calibration, Piped, Row
from feint.stats import Settings

Job = TypeVar("Job", Simulation, PipedStudy)
Made = TypeVar("Made", Row, Piped)


def calibrate(options: CalibrationOptions, console: Console) -> Calibration:
    """Make all rows and save the table.

    Args:
        options: What is calibrated.
        console: Where progress is shown.

    Raises:
        UsageError: An unknown design or actor, a task without actors to simulate, or a file that cannot be used.
    """
    design = load_design(options.design)
    names = options.actors or known_actors(design.task, f"--design {options.design}")
    for name in (*names, *options.piped):
        known_actor(design.task, name)
    simulations = [
        Simulation(options.design, name, *size, options.studies, options.seed)
        for name in names
        for size in options.sizes
    ]
    asked = piped_studies(options.piped, design, options, organisms=options.organisms)
    journal = Journal(options.journal, options.header(design))
    make_all("simulated studies", simulations, journal.rows, make_row, journal, console, options.processes)
    make_all("real studies", asked, journal.piped, ask, journal, console, 1)
    rows = [journal.rows[simulation.name] for simulation in simulations]
    piped = [journal.piped[study.name] for study in asked]
    found = Calibration(
        feint=__version__,
        design=design.name,
        contrasts={key: spec.expression for key, spec in design.contrasts.items()},
        settings=asdict(Settings()),
        command=options.command,
        seed=options.seed,
        studies=options.studies,
        seconds=round(sum(row.seconds for row in rows) + sum(one.seconds for one in piped), 1),
        rows=rows,
        piped=piped,
    )
    if options.out:
        write(options.out, found.model_dump_json() + "\n", "--out")
        journal.close()
    return found


def make_all(
    doing: str,
    jobs: Sequence[Job],
    done: dict[str, Made],
    make: Callable[[Job], Made],
    journal: Journal,
    console: Console,
    processes: int,
) -> None:
    """Make the rows that are not made yet, and keep each as it is finished."""
    left = [job for job in jobs if job.name not in done]
    ready = len(jobs) - len(left)
    with steps(doing, console) as show:
        show(ready, len(jobs))
        for count, (job, made) in enumerate(results(left, make, min(processes, len(left))), start=ready + 1):
            journal.add(job.name, made)
            show(count, len(jobs))


def results(jobs: Sequence[Job], make: Callable[[Job], Made], processes: int) -> Iterator[tuple[Job, Made]]:
    """Yield jobs with their rows, as they are finished."""
    if processes < 2:
        yield from ((job, make(job)) for job in jobs)
        return
    # A forked process could inherit a lock that the thread which shows progress holds.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(make, job): job for job in jobs}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def write(path: Path, text: str, option: str) -> None:
    """Write a file in one step.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written ({error.strerror}); choose another") from None
