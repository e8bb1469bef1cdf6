"""The commands of studies, from the options to the output."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console

from feint.base.errors import UsageError
from feint.base.naming import folder_name
from feint.money.prices import SpendingLimits, own_prices
from feint.study.conclude.correct import People
from feint.study.folder import Folder, Start
from feint.study.parts import freeze, make_parts, untaught
from feint.study.plan.prepare import Setup
from feint.study.plan.subject import Limits

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

    from feint.base.progress import Display
    from feint.findings import Findings
    from feint.money.budget import Budget
    from feint.study.ask.paid import Paid
    from feint.study.plan.frozen import Plan
    from feint.tasks.plans import Plans

    Parts = list[tuple[Plan, Plans, Folder]]

NO_LIMIT = SpendingLimits()
INTERRUPTED = 130
"""Exit code of a program that was stopped from the keyboard."""
LABELS_MISSING = 3
"""Exit code of a study in which more labels are missing than its plan allows."""


@own_prices()
def run_command(
    setups: Sequence[Setup],
    out: Path | None,
    *,
    start: Start,
    limits: Limits,
    display: str | None,
    people: People | None = None,
    spending: SpendingLimits = NO_LIMIT,
    probe: bool | Literal["form"] = False,
) -> tuple[list[Path], int]:
    """Run a study of one or of several designs, and print the findings and the places of the reports.

    All setups are of one subject and conflict, one for each design. Several designs have a folder each in `out`.
    `people` reads the labels that people gave; `probe` makes one call to the subject and to each judge first; "form"
    also tries on a few samples whether the subject replies in the form asked for.

    Returns:
        The folders, one for each design that was begun, and the exit code: 0, or `LABELS_MISSING`.

    Raises:
        UsageError: See `prepare.make_plan` and `run.run_study`; nothing is written then.
    """
    from feint.study.ask.gates import lacking_room
    from feint.study.ask.paid import Paid
    from feint.study.ask.run import run_study
    from feint.study.logs import newest_log
    from feint.study.plan.outlook import outlook

    parts, whole, budget = make_parts(setups, out, start, limits, spending)
    error, chosen = told_on(display)
    paid = Paid()
    parts = ask_first(parts, start, probe, limits, budget, paid, chosen, error)
    if len(parts) > 1:
        freeze(parts, start, limits, paid)
    for note in untaught(parts):
        error.print(f"note: {note}", soft_wrap=True)
    code = 0
    begun: list[Path] = []
    begin: Start = start if len(parts) == 1 else "resume"  # the plans of several designs are frozen already
    for setup, (plan, planned, folder) in zip(setups, parts, strict=True):
        if begun and newest_log(folder.logs) is None and lacking_room(budget, plan, planned):
            error.print(f"feint: nothing is left for {folder.path}, which is not begun", soft_wrap=True)
            continue
        begun.append(folder.path)
        if chosen != "none" and (start == "overwrite" or newest_log(folder.logs) is None):
            error.print(*outlook(plan, planned, setup.until, budget), sep="\n", soft_wrap=True)
        with placed(folder.path, whole, error):
            log = run_study(
                plan, folder, start=begin, budget=budget, limits=limits, display=chosen, console=error, paid=paid
            )
        code = max(code, conclude_part(plan, folder, budget, people, error, log))
    return begun, code


def ask_first(
    parts: "Parts",
    start: Start,
    probe: bool | Literal["form"],
    limits: Limits,
    budget: "Budget",
    paid: "Paid",
    display: "Display",
    console: Console,
) -> "Parts":
    """Ask each model once before anything is written; see `run_command`. Returns the parts, less what was refused.

    A folder that is to be replaced stays whole until its models have answered.

    Raises:
        UsageError: A model does not answer, or does not follow the form.
    """
    from feint.study.ask.again import probe_again
    from feint.study.ask.form import try_form
    from feint.study.ask.probe import probe_models
    from feint.study.logs import newest_log

    if probe and (start == "overwrite" or newest_log(parts[0][2].logs) is None):
        parts = probe_models(parts, limits, budget, paid, display=display, console=console)
        if probe == "form":
            try_form(parts[0][0], limits, budget, paid, display=display, console=console)
    elif probe:
        with parts[0][2].held():
            try:
                probe_again(parts, limits, budget, paid, display=display, console=console)
            finally:
                paid.move(parts[0][2])
    return parts


@contextmanager
def placed(path: Path, whole: Path, console: Console) -> Iterator[None]:
    """Name the folder of a design in errors of the system, and say how the whole study goes on if it is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"feint: stopped; {whole} goes on where it was with --resume", soft_wrap=True)
        raise SystemExit(INTERRUPTED) from None
    except Exception as fault:
        name_place(fault, path)
        raise


def name_place(error: Exception, path: Path) -> None:
    """Let an error of the system that names no file, or those that an error groups, name a folder.

    >>> error = OSError(28, "No space left on device")
    >>> name_place(error, Path("study"))
    >>> error.filename
    'study'
    """
    for one in (error, *getattr(error, "exceptions", ()), error.__cause__, error.__context__):
        if isinstance(one, OSError) and one.errno is not None and one.filename is None:
            one.filename = str(path)


def conclude_part(
    plan: "Plan",
    folder: Folder,
    budget: "Budget",
    people: People | None,
    error: Console,
    log: "EvalLog | None" = None,
    goes_on: str = "--resume",
    show: "Callable[[Folder, People | None], Findings] | None" = None,
) -> int:
    """Conclude one design. Print its findings, what is missing, and the calls that failed in a log.

    `show` concludes and prints in place of `conclude_and_print`.

    Returns:
        The exit code: 0, or `LABELS_MISSING`.
    """
    from feint.study.ask.gates import stop_note
    from feint.study.conclude.judges import beyond
    from feint.study.logs import failures
    from feint.study.plan.frozen import task_of

    findings = (show or conclude_and_print)(folder, people)
    planned = plan.planned["replies"]
    if log is not None and (failed := failures(log)):
        error.print(
            f"{len(failed):,} of {planned:,} calls failed and are missing, the first with "
            f"'{failed[0]}'; --resume asks them again{rejected(failed[0])}",
            soft_wrap=True,
        )
    asked = findings.replies.planned - findings.replies.missing_by_reason.get("not_asked", 0)
    if note := stop_note(budget, asked, planned, goes_on=goes_on, replies=task_of(plan).words.replies):
        error.print(f"feint: {folder.path} {note}", soft_wrap=True)
    most = plan.read_settings().max_missing
    places = beyond(findings, most)
    if not places:
        return 0
    more = f" and {len(places) - 3} more places" if len(places) > 3 else ""
    error.print(
        f"feint: more than {most:.0%} of the labels are missing in {', '.join(places[:3])}{more}; nothing is decided "
        "there, and findings.json counts the reasons",
        soft_wrap=True,
    )
    return LABELS_MISSING


def rejected(message: str) -> str:
    """Name the option that leaves out a parameter of which a server complains; empty if it complains of nothing known.

    >>> rejected("Unsupported value: 'temperature' does not support 1.0")
    '; a new study with --temperature none does not send it'
    """
    named = next((name for name in ("seed", "temperature", "max_tokens") if re.search(rf"\b{name}\b", message)), None)
    return f"; a new study with --{named.replace('_', '-')} none does not send it" if named else ""


def told_on(display: str | None) -> tuple[Console, "Display"]:
    """Return the console for progress, and its kind of display."""
    from feint.base.progress import DISPLAYS

    error = Console(stderr=True, markup=False, highlight=False)
    wanted = display or ("rich" if error.is_terminal else "plain")
    return error, next(name for name in DISPLAYS if name == wanted)


def report_command(path: Path, people: People | None = None, *, model: bool = False, out: Path | None = None) -> None:
    """Recompute a study's findings, and print them and the place of the report; `model` fits the model of all cells.

    A log that `inspect eval` wrote becomes a study first, in the folder `out`.
    """
    from feint.study.importing.evals import home_of, study_log

    if path.is_file() and (home := home_of(path)) is not None:
        path = home
    elif path.is_file():
        path, log = out or Path("studies") / folder_name(path.stem), path
        study_log(log, path)
    elif out is not None:
        raise UsageError(f"--out: goes with a log; the report of {path} is written there")
    conclude_and_print(Folder(path), people, model=model)


def conclude_and_print(folder: Folder, people: People | None, *, model: bool = False) -> "Findings":
    """Conclude a study, and print its findings and the place of the report.

    Raises:
        NotSavedError: The findings, which are printed, cannot be written.
    """
    from feint.study.conclude.conclude import NotSavedError, conclude_folder

    try:
        findings = conclude_folder(folder.path, people, model=model)
    except NotSavedError as error:
        print_folder(error.findings)
        raise
    print_folder(findings, folder)
    return findings


def print_folder(findings: "Findings", folder: Folder | None = None) -> None:
    """Print findings, and the place of the report if there is one."""
    from feint.report.judged import advice_line
    from feint.report.page import print_findings, report_sections
    from feint.tasks.registry import load_task

    console = Console(markup=False, highlight=False)
    print_findings(findings, console, report_sections(load_task(findings.task).sections()))
    if folder is not None:
        if advice := advice_line([findings], folder.path):
            console.print(f"\n{advice}", soft_wrap=True)
        console.print(f"\nreport: {folder.report}", soft_wrap=True)
