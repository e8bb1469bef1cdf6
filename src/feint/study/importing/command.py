"""`feint import`: transcripts of other tools become studies."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from feint.study.importing.files import import_files


def import_command(files: Sequence[Path], form: str, out: Path, columns: Mapping[str, str], design: str | None) -> None:
    """Import transcripts, and print the studies made of them."""
    console = Console(markup=False, highlight=False)
    found = import_files(files, form, out, columns, design)
    for path, findings in found.items():
        console.print(f"{findings.verdict.sentence}\n  {path}", soft_wrap=True)
    console.print(
        f"\n{len(found)} {'study' if len(found) == 1 else 'studies'} in {out}; side by side: feint compare {out}",
        soft_wrap=True,
    )
