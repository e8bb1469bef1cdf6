"""`feint calibrate`, from what was asked for to what is printed and saved."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from feint.base.errors import UsageError
from feint.base.progress import steps
from feint.base.version import __version__
from feint.base.vocabulary import usual_task
from feint.base.writing import write_text
from feint.calibration.docs import calibration_page
from feint.calibration.journal import Journal
from feint.calibration.piped import Errand, ask, errands
from feint.calibration.simulated import Job, make_row
from feint.calibration.table import sheets
from feint.designs import Design, load_design
from feint.report.calibration import FORMAT, Calibration, read_calibration
from feint.report.terminal import plain, table
from feint.stats import Settings
from feint.tasks.alignment_faking.actors import get_actor, load_actors

QUICK_ACTORS = ("terminal", "sycophant", "never")
"""Asked for real in a quick calibration: two with a motive, one without."""
SOME_ACTORS = ("guarded", "terminal", "sycophant", "cooperative", "never", "lost-null")
WIDE = 150
"""Columns of a terminal from which tables are printed whole."""
INTERRUPTED = 130
Done = TypeVar("Done")
J = TypeVar("J", Job, Errand)


@dataclass(frozen=True)
class Wish:
    """What is to be calibrated.

    Attributes:
        design: Name or file of the design.
        sizes: Requests for each cell and wordings of each.
        studies: Simulated studies for each subject and size.
        actors: Subjects that are simulated; all without.
        piped: Actors that are asked through the whole pipeline.
        piped_size: How much these are asked.
        organisms: Whether organisms are asked, too.
        seed: Fixes everything but the organisms' replies.
        processes: How many compute at once; the result does not depend on it.
        out: Where to save the table; nowhere without.
        docs: Where to write it as a page of documentation; nowhere without.
        command: What was typed.
    """

    design: str = "motives"
    sizes: tuple[tuple[int, int], ...] = ((20, 1), (100, 1))
    studies: int = 400
    actors: tuple[str, ...] = ()
    piped: tuple[str, ...] = ()
    piped_size: tuple[int, int] = (12, 1)
    organisms: bool = False
    seed: int = 0
    processes: int = 1
    out: Path | None = None
    docs: Path | None = None
    command: str = ""

    def header(self, design: Design) -> dict[str, Any]:
        """What rows must have been made with to be gone on with."""
        return {"format": FORMAT, "feint": __version__, "design": design.sha256, "studies": self.studies,
                "seed": self.seed, "settings": asdict(Settings())}  # fmt: skip


def calibrate_command(wish: Wish) -> None:
    """Calibrate, print the tables, and save them where that is asked for."""
    error, console = Console(stderr=True, markup=False, highlight=False), Console(markup=False, highlight=False)
    try:
        found = calibrate(wish, error)
    except KeyboardInterrupt:
        kept = f"; the same command goes on where it was ({journal_path(wish.out)})" if wish.out else ""
        error.print(f"feint: stopped{kept}", soft_wrap=True)
        raise SystemExit(INTERRUPTED) from None
    print_calibration(found, console)
    if wish.out:
        console.print(f"\ncalibration: {wish.out}", soft_wrap=True)
    write_page(found, wish.docs, console)


def show_command(path: Path, docs: Path | None) -> None:
    """Print a calibration that was saved, and write its page where that is asked for."""
    console, found = Console(markup=False, highlight=False), read_calibration(path)
    print_calibration(found, console)
    write_page(found, docs, console)


def write_page(found: Calibration, docs: Path | None, console: Console) -> None:
    """Write the page of documentation, and say where it is."""
    if docs:
        write(docs, calibration_page(found), "--docs")
        console.print(f"page: {docs}", soft_wrap=True)


def calibrate(wish: Wish, console: Console) -> Calibration:
    """Make all rows and save the table.

    Args:
        wish: What is to be calibrated.
        console: Where progress is shown.

    Raises:
        UsageError: An unknown design or actor, or a file that cannot be used.
    """
    design = load_design(wish.design)
    if design.task != usual_task():
        raise UsageError(
            f"--design {wish.design}: one of the task '{design.task}', whose subjects are not simulated; choose one of "
            f"'{usual_task()}'"
        )
    names = wish.actors or tuple(load_actors())
    for name in (*names, *wish.piped):
        get_actor(name)
    jobs = [Job(wish.design, name, *size, wish.studies, wish.seed) for name in names for size in wish.sizes]
    asked = errands(wish.piped, wish.design, wish.piped_size, wish.seed, organisms=wish.organisms)
    journal = Journal(journal_path(wish.out), wish.header(design))
    work("simulated studies", jobs, "row", make_row, journal, console, wish.processes)
    work("real studies", asked, "piped", ask, journal, console, 1)
    rows = [journal.done["row", name_of(job)] for job in jobs]
    piped = [journal.done["piped", name_of(errand)] for errand in asked]
    found = Calibration.model_validate({
        "feint": __version__,
        "design": design.name,
        "contrasts": {key: spec.expression for key, spec in design.contrasts.items()},
        "settings": asdict(Settings()),
        "command": wish.command,
        "seed": wish.seed,
        "studies": wish.studies,
        "seconds": round(sum(row.seconds for row in [*rows, *piped]), 1),  # type: ignore[attr-defined]
        "rows": [row.model_dump() for row in rows],
        "piped": [one.model_dump() for one in piped],
    })  # fmt: skip
    if wish.out:
        write(wish.out, found.model_dump_json() + "\n", "--out")
        journal.close()
    return found


def name_of(job: Job | Errand) -> str:
    """What a row is kept under."""
    return job.name if isinstance(job, Job) else f"{job.subject} {job.requests}x{job.wordings}"


def work(
    doing: str, jobs: Sequence[J], kind: str, make: Callable[[J], Any], journal: Journal, console: Console, count: int
) -> None:
    """Do those jobs that are not done yet, and keep each as it is finished."""
    left = [job for job in jobs if (kind, name_of(job)) not in journal.done]
    with steps(doing, console) as show:
        show(len(jobs) - len(left), len(jobs))
        for done, (job, made) in enumerate(results(left, make, min(count, len(left))), start=len(jobs) - len(left) + 1):
            journal.add(kind, name_of(job), made)
            show(done, len(jobs))


def results(jobs: Sequence[J], make: Callable[[J], Done], processes: int) -> Iterator[tuple[J, Done]]:
    """Jobs and what came of them, as they are finished."""
    if processes < 2:
        yield from ((job, make(job)) for job in jobs)
        return
    # A forked process could inherit a lock that the thread which shows progress holds.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(partial(make), job): job for job in jobs}
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def print_calibration(found: Calibration, console: Console) -> None:
    """Print every table."""
    for sheet in sheets(found):
        console.print()
        if not sheet.rows:
            console.print(plain(f"{sheet.title}: nothing."))
            continue
        fitting = sheet if console.width >= WIDE else sheet.narrow()
        shown = table(fitting.title, fitting.head)
        for row in fitting.rows:
            shown.add_row(*(Text("\n").join(map(plain, cell.split("\n"))) for cell in row))
        console.print(shown)
    console.print(
        f"\n{found.simulated:,} simulated studies ({found.studies:,} a row), {len(found.piped)} real ones; seed "
        f"{found.seed}; {found.seconds:,.0f} s of processor time",
        soft_wrap=True,
    )


def journal_path(out: Path | None) -> Path | None:
    """Where rows are kept until the table is whole."""
    return out.with_name(out.name + ".rows.jsonl") if out else None


def write(path: Path, text: str, option: str) -> None:
    """Write a file in one step.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written ({error.strerror}); choose another") from None


def typed() -> str:
    """The command as it was typed, without the path of the program."""
    import shlex

    return shlex.join(["feint", *sys.argv[1:]])
