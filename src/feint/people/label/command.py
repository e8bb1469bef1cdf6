"""Runs `feint label`."""

import getpass
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from feint.base.errors import UsageError
from feint.people.label.events import Record


def label_command(
    folder: Path, *, person: str | None = None, n: int | None = None, seed: int | None = None, port: int = 0
) -> None:
    """Serve the page on which a person labels replies, until it is stopped from the keyboard.

    Args:
        folder: The folder of a finished study.
        person: The person who labels; the name of the user by default.
        n: Number of replies; by default the number drawn before, or a usual number.
        seed: Decides which replies are drawn; by default as before, or 0.
        port: Port of this machine; 0 takes a free port.
    """
    from feint.people.label.replies import open_study
    from feint.people.label.server import serve
    from feint.people.label.session import Session
    from feint.people.label.store import LabelFile

    study = open_study(folder)
    console = Console(markup=False, highlight=False)
    with LabelFile(folder, person or user()) as file:
        session = Session(study, file, n, seed)
        console.print(f"labels: {file.path}, {done(file.record)}", soft_wrap=True)

        def announce(address: str) -> None:
            console.print(f"\nOpen {address}\nEnd with Ctrl+C; every label is saved as it is given.", soft_wrap=True)

        with suppress(KeyboardInterrupt):
            serve(session, port, announce)
        again = f"go on with: feint label {folder}{f' --person {person}' if person else ''}"
        rest = again if file.record.current() else f"write them as CSV with: feint label {folder} --export FILE.csv"
        console.print(f"\n{done(file.record)}; {rest}", soft_wrap=True)


def export_command(folder: Path, out: Path) -> None:
    """Write all people's labels as CSV."""
    from feint.people.label.table import export_labels

    count = export_labels(folder, out)
    Console(markup=False, highlight=False).print(f"labels written to {out}: {count:,}", soft_wrap=True)


def import_command(folder: Path, file: Path) -> None:
    """Add labels from CSV."""
    from feint.people.label.table import import_labels

    console = Console(markup=False, highlight=False)
    for person, count in import_labels(folder, file).items():
        console.print(f"{person}: labels added: {count:,}", soft_wrap=True)


def user() -> str:
    """Return the name of the user who runs the program."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise UsageError("--person: this user has no name; give one") from None


def done(record: Record) -> str:
    """Tell how many replies a person has labelled."""
    labels = record.labels()
    return f"{sum(key in labels for key in record.queue):,} of {len(record.queue):,} replies labelled"
