"""`feint label`: people label a study's replies."""

from pathlib import Path
from typing import Annotated

import typer

from feint.base.errors import UsageError


def label(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A finished study's folder.")],
    person: Annotated[str | None, typer.Option(help="Who labels.  [default: your user name]")] = None,
    n: Annotated[
        int | None, typer.Option("-n", "--n", min=1, help="How many replies.  [default: 100, or 14 a cell]")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Decides which.  [default: 0]")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of this machine.  [default: one that is free]")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the labels that there are, and show no page.")
    ] = None,
    read: Annotated[
        Path | None, typer.Option("--import", metavar="FILE.csv", help="Add labels from a table, and show no page.")
    ] = None,
) -> None:
    """Label a study's replies yourself, to see how far its judge can be trusted.

    Opens a page of this machine only, which shows one reply at a time, blind to its cell and to what the judge says.
    Keys label it, and every label is saved at once. Stop whenever you like: the same command goes on. Then: feint judge
    check DIR, and feint report DIR for contrasts corrected by your labels. Another person labels the same replies with
    --person.
    """
    from feint.people.label.command import export_command, import_command, label_command

    asked = [name for name, value in (("--export", export), ("--import", read)) if value is not None]
    for_page = [name for name, value in (("-n", n), ("--seed", seed), ("--port", port)) if value is not None]
    if len(asked) > 1 or (asked and for_page):
        raise UsageError(f"{asked[0]} goes without {(asked[1:] + for_page)[0]}; leave one out")
    if export is not None:
        export_command(folder, export)
    elif read is not None:
        import_command(folder, read)
    else:
        label_command(folder, person=person, n=n, seed=seed, port=port or 0)
