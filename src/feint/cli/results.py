"""`feint report`, `feint compare` and `feint import`: what studies found, and transcripts of other tools."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from feint.cli.convert import pairs


def report(
    folder: Annotated[Path, Parameter(name="DIR", help="A study's folder.")],
    /,
    *,
    model: Annotated[
        bool,
        Parameter(
            help="Also fit one logistic mixed model over all cells, as a check on the contrasts: what it says of each "
            "motive, which requests carry the gap, and where it contradicts a decision. Takes a minute or two and "
            "needs pip install 'feint[bayes]'; kept in model.json, and shown in later reports while the labels stay "
            "the same."
        ),
    ] = False,
) -> None:
    """Recompute findings and report from a study's logs, and from people's labels where there are some.

    feint report studies/mine
    """
    from feint.people.label import read_labels_of_people
    from feint.study.command import report_command

    report_command(folder, read_labels_of_people, model=model)


def compare(
    *folders: Annotated[Path, Parameter(name="DIR", required=True, help="Folders of studies.")],
    out: Annotated[Path | None, Parameter(metavar="FILE.html", help="Write the comparison as an HTML page.")] = None,
) -> None:
    """Set subjects side by side.

    feint compare studies/one studies/two --out compare.html
    """
    from feint.study.compare.studies import compare_command

    compare_command(list(folders), out)


def import_(
    *files: Annotated[Path, Parameter(name="FILE", required=True, help="Transcripts that another tool recorded.")],
    out: Annotated[Path, Parameter(metavar="DIR", help="Where to write a study's folder for each subject.")],
    form: Annotated[
        Literal["table", "vlaf"], Parameter(name="--format", help="What the files look like.  [default: table]")
    ] = "table",
    column: Annotated[
        tuple[str, ...],
        Parameter(
            name="--map", metavar="OURS=THEIRS", help="For tables, a column's name in the file; may be given again."
        ),
    ] = (),
    design: Annotated[
        str | None,
        Parameter(
            metavar="NAME|FILE",
            help="For tables, a design or a YAML file.  [default: the one with the table's cells]",
        ),
    ] = None,
) -> None:
    """Read transcripts that other tools recorded, as a study of each subject in them.

    feint import replies.csv --map reply=output --out studies/mine
    """
    from feint.study.importing.files import import_command

    import_command(list(files), form, out, pairs(column, "--map"), design)
