"""`feint label`: people label a study's replies."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from feint.base.errors import UsageError
from feint.cli.convert import whole


def label(
    folder: Annotated[Path, Parameter(name="DIR", help="A finished study's folder.")],
    /,
    *,
    person: Annotated[str | None, Parameter(metavar="NAME", help="Who labels.  [default: your user name]")] = None,
    n: Annotated[
        int | None,
        whole(1),
        Parameter(name=("-n", "--n"), help="How many replies.  [default: 100, or 14 a cell]"),
    ] = None,
    seed: Annotated[int | None, whole(0), Parameter(help="Decides which.  [default: 0]")] = None,
    port: Annotated[
        int | None, whole(1, 65535), Parameter(help="Port of this machine.  [default: a free port]")
    ] = None,
    export: Annotated[
        Path | None, Parameter(metavar="FILE.csv", help="Write the labels that there are, and show no page.")
    ] = None,
    read: Annotated[
        Path | None,
        Parameter(name="--import", metavar="FILE.csv", help="Add labels from a table, and show no page."),
    ] = None,
) -> None:
    """Label a study's replies yourself, to see how far its judge can be trusted.

    Opens a page of this machine only. The page shows one reply at a time, and neither its cell nor the judge's label.
    Keys label the reply, and every label is saved at once. Stop whenever you like: the same command goes on. Then:
    feint judge check DIR, and feint report DIR for contrasts corrected by your labels. Another person labels the same
    replies with --person.

    feint label studies/mine
    feint label studies/mine --export labels.csv
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
