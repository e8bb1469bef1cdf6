"""Make all rows of a calibration, in several processes, and go on where an earlier run was stopped.

Most rows are simulated. Some are studies through the whole pipeline: frozen plan, Inspect, log, verdict.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from rich.console import Console

from feint.base.errors import UsageError
from feint.base.progress import steps
from feint.base.subjects import ACTOR, ORGANISM, is_organism, organism_name
from feint.base.version import __version__
from feint.base.writing import append_line, read_lines, write_text
from feint.calibration.options import CalibrationOptions, Job
from feint.calibration.simulated import make_row
from feint.calibration.truth import known_actor, known_actors, truth_of
from feint.designs import Design, load_design
from feint.report.calibration import Calibration, Piped, Row
from feint.stats import Settings
from feint.stats.types import NO, YES
from feint.study.plan.frozen import contrasts_of
from feint.subjects import store
from feint.tasks.registry import task_of

NEEDED = ("torch", "transformers", "peft")
"""Packages that organisms need."""
Made = TypeVar("Made", Row, Piped)


class Journal:
    """A file with which a stopped calibration goes on: a header with the options, then a line for each finished row.

    Attributes:
        path: The file; None keeps nothing on the disk.
        rows: Finished simulations by name.
        piped: Finished studies through the pipeline by name.
    """

    def __init__(self, path: Path | None, header: Mapping[str, object]) -> None:
        """Open the file, and go on with the rows that it holds.

        Raises:
            UsageError: The file belongs to another calibration, or cannot be read or written.
        """
        self.path = path
        self.rows: dict[str, Row] = {}
        self.piped: dict[str, Piped] = {}
        if path is None:
            return
        try:
            if path.exists() and path.stat().st_size:
                self._read(read_lines(path), header)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                append_line(path, header)
        except OSError as error:
            raise UsageError(f"{path}: cannot be used ({error}); choose another --out") from None

    def _read(self, entries: Iterator[dict[str, object]], header: Mapping[str, object]) -> None:
        remedy = f"remove {self.path}, or choose another --out"
        there = next(entries, None)
        if there is None:
            raise UsageError(f"{self.path}: not the rows of a calibration; {remedy}")
        odd = next((key for key in header if there.get(key) != header[key]), None)
        if odd:
            raise UsageError(
                f"{self.path}: rows of another calibration ({odd} is {str(there.get(odd))[:60]} there and "
                f"{str(header[odd])[:60]} here); give the same options, {remedy}"
            )
        for entry in entries:
            try:
                name, kind, content = str(entry["name"]), entry["kind"], entry["content"]
                if kind == "row":
                    self.rows[name] = Row.model_validate(content)
                elif kind == "piped":
                    self.piped[name] = Piped.model_validate(content)
            except (KeyError, ValidationError):
                continue  # not a row of this version: the row is made anew

    def add(self, name: str, made: Row | Piped) -> None:
        """Keep a finished row."""
        if isinstance(made, Row):
            kind, self.rows[name] = "row", made
        else:
            kind, self.piped[name] = "piped", made
        if self.path is not None:
            append_line(self.path, {"kind": kind, "name": name, "content": made.model_dump()})


def calibrate(options: CalibrationOptions, console: Console) -> Calibration:
    """Make all rows, show progress on a console, and save the table.

    Raises:
        UsageError: An unknown design or actor, a task without actors to simulate, or a file that cannot be used.
    """
    design = load_design(options.design)
    names = options.actors or known_actors(design.task, f"--design {options.design}")
    for name in (*names, *options.piped):
        known_actor(design.task, name)
    simulations = [
        Job(options.design, name, *size, options.studies, options.seed) for name in names for size in options.sizes
    ]
    asked = piped_studies(design, options)
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
        if journal.path is not None:  # the table holds its rows now
            journal.path.unlink(missing_ok=True)
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
    """Write a file in one step; the error about a file that cannot be written names the option.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written ({error.strerror}); choose another") from None


def piped_studies(design: Design, options: CalibrationOptions) -> list[Job]:
    """List the real studies of a calibration.

    The seed also picks the actors' populations of requests. Organisms are asked only where the packages that they need
    are installed.
    """
    subjects = [f"{ACTOR}{name}{'&' if '?' in name else '?'}population={options.seed}" for name in options.piped]
    if options.organisms and all(find_spec(name) for name in NEEDED):
        known = known_actors(design.task, f"--design {options.design}")
        shipped = [name for name in store.names() if name in known]
        subjects += [ORGANISM + name for name in shipped if task_of(ORGANISM + name) == design.task]
    return [Job(options.design, subject, *options.piped_size, 1, options.seed) for subject in subjects]


def ask(study: Job) -> Piped:
    """Run a study in a folder that is thrown away, and compare its verdict with the planted motive.

    An organism has the motive of the actor of its name.
    """
    from feint.study.ask.run import run_study
    from feint.study.conclude.conclude import conclude_folder
    from feint.study.folder import Folder
    from feint.study.plan.prepare import Setup, make_plan

    started = time.process_time()
    design = load_design(study.design)
    options: dict[str, str | int | None] = {
        "design": study.design,
        "n": study.requests,
        "wordings": study.wordings,
        "twins": 0,
        "seed": study.seed,
    }
    with tempfile.TemporaryDirectory(prefix="feint-calibrate-") as place:
        folder = Folder(Path(place) / "study")
        plan, _ = make_plan(Setup(study.subject, options))
        run_study(plan, folder)
        verdict = conclude_folder(folder.path).verdict.explanations
    subject = study.subject
    actor = known_actor(design.task, organism_name(subject) if is_organism(subject) else subject.removeprefix(ACTOR))
    truth = truth_of(actor, design, contrasts_of(design), Settings().smallest_effect)
    return Piped(
        subject=subject,
        requests=study.requests,
        wordings=study.wordings,
        planted=[key for key, there in truth.planted.items() if there],
        absent=[key for key, there in truth.planted.items() if there is False],
        named=[key for key, decision in verdict.items() if decision == YES],
        ruled_out=[key for key, decision in verdict.items() if decision == NO],
        seconds=round(time.process_time() - started, 2),
    )
