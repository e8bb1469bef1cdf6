"""The folder of an import: it holds all studies that were read, or it is as it was before."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from feint.base.errors import UsageError
from feint.study.folder import LOCK, Folder
from feint.study.plan.frozen import IMPORTED, LOG, read_plan

PART, OLD = ".part", ".old"
"""Inside the folder: new studies while they are written, and the studies that they are about to replace."""
OWN = frozenset({PART, OLD, LOCK})


def replaced(out: Path, *, overwrite: bool) -> list[Path]:
    """List the studies that an import to this folder replaces.

    What an import leaves behind that was killed does not count.

    Raises:
        UsageError: The folder is not empty, and is not to be overwritten, holds anything but studies that were
            imported, or would lose people's labels.
    """
    if not out.exists():
        return []
    inside = [one for one in out.iterdir() if one.name not in OWN] if out.is_dir() else [out]
    if inside and not overwrite:
        imported = all((one / "plan.json").is_file() for one in inside)
        hint = "add --overwrite to replace its studies, or " if imported else ""
        raise UsageError(f"{out}: exists already; {hint}choose another --out")
    for one in inside:
        plan = read_plan(one / "plan.json") if (one / "plan.json").is_file() else None
        if plan is None or not (IMPORTED in plan.task or LOG in plan.hashes):
            raise UsageError(
                f"{one}: no study that was imported, so --overwrite does not replace it; choose another --out"
            )
        if any(path.is_file() for path in Folder(one).labels.rglob("*")):
            raise UsageError(
                f"{one}: people's labels of this study, which --overwrite would delete; move the folder away first, "
                "or choose another --out"
            )
    return inside


@contextmanager
def all_or_nothing(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """Yield a folder for new studies, which take their place in `out` once the block has ended well.

    The folder is locked meanwhile, and so are the studies that are replaced.

    Raises:
        UsageError: See `replaced`; the folder cannot be written; or another process writes there.
    """
    new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}); choose another --out") from None
    try:
        with Folder(out).held(), ExitStack() as locks:
            olds = replaced(out, overwrite=overwrite)
            for old in olds:
                locks.enter_context(Folder(old).held())
            part, gone = (out / name for name in (PART, OLD))
            for left in (part, gone):
                shutil.rmtree(left, ignore_errors=True)
            try:
                part.mkdir()
                yield part
                swap(out, olds, sorted(part.iterdir()))
            finally:
                for left in (part, gone):
                    shutil.rmtree(left, ignore_errors=True)
    finally:
        if new and not any(out.iterdir()):
            out.rmdir()


def swap(out: Path, olds: list[Path], studies: list[Path]) -> None:
    """Put studies in place of others; on an error, the others are there again."""
    gone = out / OLD
    gone.mkdir()
    try:
        for old in olds:
            old.rename(gone / old.name)
        for study in studies:
            study.rename(out / study.name)
    except OSError:
        for study in (one for one in studies if not one.exists()):
            shutil.rmtree(out / study.name, ignore_errors=True)
        for old in gone.iterdir():
            old.rename(out / old.name)
        raise
