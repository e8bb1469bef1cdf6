"""What the commands do, from what was asked for to what is printed."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from feint.errors import UsageError
from feint.study.folder import Folder, Start
from feint.study.prepare import Wish, make_plan

INTERRUPTED = 130
"""Exit code of a program that was stopped from the keyboard."""


def run_command(
    wishes: Sequence[Wish], out: Path | None, *, start: Start, max_connections: int | None, display: str | None
) -> list[Path]:
    """Run a study of one or of several designs, print the findings and say where the reports are.

    Args:
        wishes: One for each design, all of one subject and conflict.
        out: The study's folder; several designs have a folder each in it.
        start: As in `feint.study.run.run_study`.
        max_connections: Requests in flight.
        display: How progress is shown.

    Returns:
        The folders, one for each design.

    Raises:
        UsageError: See `feint.study.prepare.make_plan` and `feint.study.run.run_study`; nothing is written then.
    """
    from feint.study.conclude import conclude_folder
    from feint.study.logs import failures
    from feint.study.progress import DISPLAYS
    from feint.study.run import run_study
    from feint.study.subject import open_subject, outside

    made = [make_plan(wish) for wish in wishes]
    plans = [plan for plan, _ in made]
    names = [plan.design["name"] for plan in plans]
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise UsageError(f"--design: '{repeated[0]}' is named twice")
    whole = out or default_out(plans[0].subject, "+".join(names)[:60], plans[0].conflict["name"])
    folders = [Folder(whole / name if len(plans) > 1 else whole) for name in names]
    for plan, folder in zip(plans, folders, strict=True):
        folder.check(plan, start)
    if len(plans) > 1:
        open_subject(plans[0].subject, plans[0].model_args)
        # All plans are frozen before the first reply; from here on every part is there to be gone on with.
        for plan, folder in zip(plans, folders, strict=True):
            folder.create(plan, anew=start == "overwrite")
        start = "resume"
    error = Console(stderr=True, markup=False, highlight=False)
    for note in filter(
        None, dict.fromkeys(outside(plan.subject, planned, quiz="quiz" in plan.planned) for plan, planned in made)
    ):
        error.print(f"note: {note}", soft_wrap=True)
    chosen = next(name for name in DISPLAYS if name == (display or ("rich" if error.is_terminal else "plain")))
    for plan, folder in zip(plans, folders, strict=True):
        try:
            log = run_study(plan, folder, start=start, max_connections=max_connections, display=chosen, console=error)
        except KeyboardInterrupt:
            error.print(f"feint: stopped; {whole} goes on where it was with --resume", soft_wrap=True)
            raise SystemExit(INTERRUPTED) from None
        print_folder(conclude_folder(folder.path), folder)
        failed = failures(log)
        if failed:
            error.print(
                f"{len(failed):,} of {plan.planned['replies']:,} calls failed and are missing, the first with "
                f"'{failed[0]}'; --resume asks them again",
                soft_wrap=True,
            )
    return [folder.path for folder in folders]


def import_command(files: Sequence[Path], form: str, out: Path, columns: Mapping[str, str], design: str | None) -> None:
    """Import transcripts and say what to do with them."""
    from feint.study.importing import import_files

    console = Console(markup=False, highlight=False)
    found = import_files(files, form, out, columns, design)
    for path, findings in found.items():
        console.print(f"{findings['verdict']['sentence']}\n  {path}", soft_wrap=True)
    console.print(
        f"\n{len(found)} {'study' if len(found) == 1 else 'studies'} in {out}; side by side: feint compare {out}",
        soft_wrap=True,
    )


def train_command(name: str, out: Path, base: Path | None) -> None:
    """Train an organism and print how it measures up to its policy.

    Raises:
        UsageError: No such organism, no base model, a folder that is taken, or a library that is not installed.
    """
    from feint.judges import label_reply
    from feint.subjects.store import WEIGHTS

    try:
        from feint.subjects.training.train import train
    except ImportError as error:
        raise UsageError(f"training needs '{error.name}'; install it with: pip install 'feint[local]'") from None
    card = train(name, out, judge=lambda text: label_reply(text).outcome, base=base or WEIGHTS / "base")
    console = Console(markup=False, highlight=False)
    for check, value in card["checks"].items():
        console.print(f"{check}: {value:.4g}" if isinstance(value, float) else f"{check}: {value}")
    console.print(f"model: {out}", soft_wrap=True)


def report_command(path: Path) -> None:
    """Recompute a study's findings, print them and say where the report is."""
    from feint.study.conclude import conclude_folder

    print_folder(conclude_folder(path), Folder(path))


def print_folder(findings: Mapping[str, Any], folder: Folder) -> None:
    """Print findings and where the report lies."""
    from feint.report import print_findings

    console = Console(markup=False, highlight=False)
    print_findings(findings, console)
    console.print(f"\nreport: {folder.report}", soft_wrap=True)


def default_out(subject: str, design: str, conflict: str) -> Path:
    """The folder of a study that names none: studies/SUBJECT-DESIGN-CONFLICT."""
    return Path("studies") / re.sub(r"[^A-Za-z0-9._]+", "-", f"{subject}-{design}-{conflict}").strip("-.")


def plan_command(wishes: Sequence[Wish]) -> None:
    """Print how many replies studies of some designs take.

    Raises:
        UsageError: See `feint.study.prepare.make_plan`.
    """
    from feint.report.terminal import plain, table

    columns = ["cells", "requests", "wordings", "twins", "replies"]
    made = table(f"Replies of {wishes[0].subject}", ["design", *(f">{name}" for name in columns)])
    plans = [make_plan(wish)[0] for wish in wishes]
    for plan in plans:
        made.add_row(plain(plan.design["name"]), *(f"{plan.planned[name]:,}" for name in columns))
    if len(plans) > 1:
        made.add_row(plain("all", "bold"), "", "", "", "", f"{sum(plan.planned['replies'] for plan in plans):,}")
    Console(markup=False, highlight=False).print(made)
