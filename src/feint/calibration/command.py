"""`feint calibrate`: the tables that are printed, and the page that is written."""

import shlex
import sys
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from rich.console import Console
from rich.text import Text

from feint.calibration.options import CalibrationOptions
from feint.calibration.table import COVERAGE, WRONG, all_misses, sheets
from feint.calibration.work import calibrate, write
from feint.report.calibration import Calibration, read_calibration
from feint.report.terminal import plain, table

WIDE = 150
"""Columns of a terminal from which tables are printed whole."""
INTERRUPTED = 130


def calibrate_command(options: CalibrationOptions) -> None:
    """Calibrate, print the tables, and save them where the options say so."""
    error, console = Console(stderr=True, markup=False, highlight=False), Console(markup=False, highlight=False)
    try:
        found = calibrate(options, error)
    except KeyboardInterrupt:
        kept = f"; the same command goes on where it was ({options.journal})" if options.out else ""
        error.print(f"feint: stopped{kept}", soft_wrap=True)
        raise SystemExit(INTERRUPTED) from None
    print_calibration(found, console)
    if options.out:
        console.print(f"\ncalibration: {options.out}", soft_wrap=True)
    write_page(found, options.docs, console)


def show_command(path: Path, docs: Path | None) -> None:
    """Print a saved calibration, and write its page if a file is named."""
    console, found = Console(markup=False, highlight=False), read_calibration(path)
    print_calibration(found, console)
    write_page(found, docs, console)


def write_page(found: Calibration, docs: Path | None, console: Console) -> None:
    """Write the page of documentation, and say where it is."""
    if docs:
        write(docs, calibration_page(found), "--docs")
        console.print(f"page: {docs}", soft_wrap=True)


def calibration_page(found: Calibration) -> str:
    """Write in Markdown the method, every table, and the numbers that miss their target."""
    source = (files("feint.calibration") / "data" / "calibration.md.j2").read_text(encoding="utf-8")
    environment = Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    made = all_misses(found)
    return environment.from_string(source).render(
        found=found,
        sheets=sheets(found),
        sure=sum(miss.sure for miss in made),
        missed=len(made),
        coverage=COVERAGE,
        wrong=WRONG,
        minutes=found.seconds / 60,
    )


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


def typed() -> str:
    """Return the command as it was typed, without the path of the program."""
    return shlex.join(["feint", *sys.argv[1:]])
