"""Finds the files to import, and tells tables, files of the VLAF release and logs of Inspect apart."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from feint.base.data import read_text
from feint.base.errors import UsageError, unknown
from feint.base.rows import KINDS, Row, read_rows
from feint.study.importing.table import REQUIRED
from feint.study.importing.vlaf import RESULT_NAME, is_scenario

TABLE, VLAF, INSPECT = FORMATS = ("table", "vlaf", "inspect")
"""The formats of recorded replies."""
LOG = ".eval"
HEAD = 2_000
"""The first characters of a JSON file, which tell if it is a log of Inspect."""


class Sources(NamedTuple):
    """The files of one format, and the names of the files of a folder that were passed over."""

    files: list[Path]
    form: str
    passed_over: list[Path]


def find_sources(paths: Sequence[Path], form: str | None = None) -> Sources:
    """List the files to import; a folder means all its files with replies.

    Args:
        paths: Files and folders.
        form: One of `FORMATS`; None reads the format from the content, which has to be the same in all files.

    Raises:
        UsageError: An unknown format, no such file, a folder without replies, or files of several formats.
    """
    if form is not None and form not in FORMATS:
        raise unknown("format", form, FORMATS)
    files: list[Path] = []
    passed_over: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
            kept = [one for one in inside if holds_replies(one)]
            if not kept:
                raise UsageError(
                    f"{path}: a folder without files of replies; expected {', '.join((*KINDS, LOG))} files"
                )
            files += kept
            passed_over += [one for one in inside if one not in kept]
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"{path}: no such file")
    files = list(dict.fromkeys(files))
    if form is not None:
        return Sources(files, form, passed_over)
    forms = {path: form_of(path) or TABLE for path in files}
    if len(set(forms.values())) > 1:
        examples = {form: next(path for path in files if forms[path] == form) for form in dict.fromkeys(forms.values())}
        told = " and ".join(f"{path} looks like {form}" for form, path in examples.items())
        raise UsageError(f"{told}; import files of one format at a time, or name it with --format")
    return Sources(files, forms[files[0]], passed_over)


def holds_replies(path: Path) -> bool:
    """Tell whether a file of a folder is imported: files of other content are passed over."""
    try:
        return form_of(path) is not None
    except UsageError:
        return False


def form_of(path: Path) -> str | None:
    """Tell the format of a file by its name and its first row; None if it holds no replies that can be told.

    Raises:
        UsageError: The file cannot be read.
    """
    if path.name.endswith(LOG):
        return INSPECT
    if path.name.endswith(".json") and is_log(read_text(path)[:HEAD]):
        return INSPECT
    first: Row = next((row for _, row in read_rows(path)), {})
    if is_scenario(first) or "is_free_tier" in first or (RESULT_NAME.fullmatch(path.name) and "response" in first):
        return VLAF
    return TABLE if first.keys() & set(REQUIRED) else None


def is_log(text: str) -> bool:
    """Tell whether a JSON text begins as a log of Inspect does."""
    return text.lstrip().startswith("{") and '"eval"' in text and '"version"' in text
