"""Files of a known format, read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from feint.base.errors import UsageError, unknown
from feint.study.importing.table import read_table
from feint.study.importing.transcript import Collection
from feint.study.importing.vlaf import read_vlaf

FORMATS = ("table", "vlaf")


def read_files(
    files: Sequence[Path], form: str, columns: Mapping[str, str] | None = None, design: str | None = None
) -> Collection:
    """Read transcripts.

    Args:
        files: Files of one format.
        form: One of `FORMATS`.
        columns: For tables, the file's name of a column by ours.
        design: For tables, a design's name or file.

    Raises:
        UsageError: An unknown format, no such file, or content that the reader cannot read.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    if form == "table":
        return read_table(files, columns, design)
    if columns or design:
        raise UsageError("--map and --design go with --format table; the columns of vlaf are known")
    return read_vlaf(files)
