"""What the commands do, from what was asked for to what is printed."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from feint.base.errors import UsageError
from feint.money.options import SpendingLimits
from feint.money.prices import own_prices
from feint.study.conclude.correct import People
from feint.study.folder import Folder, Start
from feint.study.plan.prepare import Wish, as_before, make_plan
from feint.study.plan.subject import Limits

if TYPE_CHECKING:
    from feint.base.progress import Display
    from feint.study.plan.frozen import Plan

NO_LIMIT = SpendingLimits()
INTERRUPTED = 130
"""Exit code of a program that was stopped from the keyboard."""
LABELS_MISSING = 3
"""Exit code of a study in which more labels are missing than its plan allows."""


@own_prices()
def run_command(
    wishes: Sequence[Wish],
    out: Path | None,
    *,
    start: Start,
    limits: Limits,
    display: str | None,
    people: People | None = None,
    spending: SpendingLimits = NO_LIMIT,
) -> tuple[list[Path], int]:
    """Run a study of one or of several designs, print the findings and say where the reports are.

    Args:
        wishes: One for each design, all of one subject and conflict.
        out: The study's folder; several designs have a folder each in it.
        start: As in `feint.study.ask.run.run_study`.
        limits: Of the calls of models.
        display: How progress is shown.
        people: Reads the labels that people gave.
        spending: What may be spent, and what models cost.

    Returns:
        The folders, one for each design that was begun, and the exit code: 0, or `LABELS_MISSING`.

    Raises:
        UsageError: See `prepare.make_plan` and `run.run_study`; nothing is written then.
    """
    from feint.study.ask.gates import has_room
    from feint.study.ask.run import run_study
    from feint.study.ask.spending import open_budget, register_prices, stop_note
    from feint.study.conclude.conclude import conclude_folder
    from feint.study.judge.current import open_current
    from feint.study.logs import failures, newest_log
    from feint.study.plan.subject import open_subject, outside
    from feint.study.plan.tasks import job_of

    register_prices(wishes, spending.prices)
    made = [make_plan(wish) for wish in wishes]
    plans = [plan for plan, _ in made]
    names = [plan.design["name"] for plan in plans]
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise UsageError(f"--design: '{repeated[0]}' is named twice")
    whole = out or default_out(plans[0].subject, "+".join(names)[:60], about(plans[0]))
    folders = [Folder(whole / name if len(plans) > 1 else whole) for name in names]
    if start == "resume":
        made = [as_before(one, wish, folder) for one, wish, folder in zip(made, wishes, folders, strict=True)]
        plans = [plan for plan, _ in made]
    for plan, folder in zip(plans, folders, strict=True):
        folder.check(plan, start)
    budget = open_budget(made, folders, spending, start)
    if len(plans) > 1:
        open_subject(plans[0].subject, plans[0].model_args)
        open_current(plans[0], limits)
        # All plans are frozen before the first reply; from here on every part is there to be gone on with.
        for plan, folder in zip(plans, folders, strict=True):
            folder.create(plan, anew=start == "overwrite")
        start = "resume"
    error, chosen = told_on(display)
    for note in filter(
        None, dict.fromkeys(outside(plan.subject, planned, quiz="quiz" in plan.planned) for plan, planned in made)
    ):
        error.print(f"note: {note}", soft_wrap=True)
    code = 0
    begun: list[Path] = []
    for (plan, planned), folder in zip(made, folders, strict=True):
        if begun and newest_log(folder.logs) is None and not has_room(budget, plan, planned):
            error.print(f"feint: nothing is left for {folder.path}, which is not begun", soft_wrap=True)
            continue
        begun.append(folder.path)
        try:
            log = run_study(plan, folder, start=start, budget=budget, limits=limits, display=chosen, console=error)
        except KeyboardInterrupt:
            error.print(f"feint: stopped; {whole} goes on where it was with --resume", soft_wrap=True)
            raise SystemExit(INTERRUPTED) from None
        findings = conclude_folder(folder.path, people)
        print_folder(findings, folder)
        failed = failures(log)
        if failed:
            error.print(
                f"{len(failed):,} of {plan.planned['replies']:,} calls failed and are missing, the first with "
                f"'{failed[0]}'; --resume asks them again",
                soft_wrap=True,
            )
        asked = findings["replies"]["planned"] - unasked(findings)
        if note := stop_note(budget, asked, plan.planned["replies"], replies=job_of(plan).words.replies):
            error.print(f"feint: {folder.path} {note}", soft_wrap=True)
        code = max(code, tell_missing(findings, plan, error))
    return begun, code


def unasked(findings: Mapping[str, Any]) -> int:
    """Replies that were planned and not asked for."""
    return int(findings["replies"]["missing_by_reason"].get("not_asked", 0))


def told_on(display: str | None) -> tuple[Console, "Display"]:
    """Where progress is shown, and how."""
    from feint.base.progress import DISPLAYS

    error = Console(stderr=True, markup=False, highlight=False)
    wanted = display or ("rich" if error.is_terminal else "plain")
    return error, next(name for name in DISPLAYS if name == wanted)


def tell_missing(findings: Mapping[str, Any], plan: "Plan", error: Console) -> int:
    """Say where more labels are missing than the plan allows.

    Returns:
        The exit code: 0, or `LABELS_MISSING`.
    """
    from feint.study.conclude.judges import beyond

    most = plan.read_settings().max_missing
    places = beyond(findings, most)
    if not places:
        return 0
    more = f" and {len(places) - 3} more places" if len(places) > 3 else ""
    error.print(
        f"feint: more than {most:.0%} of the labels are missing in {', '.join(places[:3])}{more}; nothing is decided "
        "there, and findings.json counts the reasons",
        soft_wrap=True,
    )
    return LABELS_MISSING


def import_command(files: Sequence[Path], form: str, out: Path, columns: Mapping[str, str], design: str | None) -> None:
    """Import transcripts and say what to do with them."""
    from feint.study.importing.files import import_files

    console = Console(markup=False, highlight=False)
    found = import_files(files, form, out, columns, design)
    for path, findings in found.items():
        console.print(f"{findings['verdict']['sentence']}\n  {path}", soft_wrap=True)
    console.print(
        f"\n{len(found)} {'study' if len(found) == 1 else 'studies'} in {out}; side by side: feint compare {out}",
        soft_wrap=True,
    )


def report_command(path: Path, people: People | None = None, *, model: bool = False) -> None:
    """Recompute a study's findings, print them and say where the report is.

    Args:
        path: The study's folder.
        people: Reads the labels that people gave.
        model: Whether to fit the model of all cells anew.
    """
    from feint.study.conclude.conclude import conclude_folder
    from feint.study.conclude.modelled import fit_study

    print_folder(conclude_folder(path, people, fit_study if model else None), Folder(path))


def print_folder(findings: Mapping[str, Any], folder: Folder) -> None:
    """Print findings and where the report lies."""
    from feint.report import print_findings

    console = Console(markup=False, highlight=False)
    print_findings(findings, console)
    console.print(f"\nreport: {folder.report}", soft_wrap=True)


def default_out(subject: str, design: str, conflict: str) -> Path:
    """The folder of a study that names none: studies/SUBJECT-DESIGN-CONFLICT."""
    return Path("studies") / re.sub(r"[^A-Za-z0-9._]+", "-", f"{subject}-{design}-{conflict}").strip("-.")


def about(plan: "Plan") -> str:
    """What the name of a study's folder ends in: its conflict, where there are several."""
    from feint.study.plan.tasks import job_of

    return "" if job_of(plan).in_turns else plan.conflict["name"]


@own_prices()
def plan_command(wishes: Sequence[Wish], prices: Sequence[str] = ()) -> None:
    """Print how many replies studies of some designs take, and what their models are asked and cost.

    Args:
        wishes: One for each design.
        prices: Values of --price.

    Raises:
        UsageError: See `feint.study.plan.prepare.make_plan` and `feint.money.prices.set_prices`.
    """
    from feint.money.prices import set_prices
    from feint.report.terminal import plain, table
    from feint.study.ask.gates import models_of
    from feint.study.ask.looks import until_note
    from feint.study.ask.spending import register_prices
    from feint.study.plan.cost import estimate_plan
    from feint.study.plan.cost_table import notes, usage_table

    register_prices(wishes, prices)
    columns = ["cells", "requests", "wordings", "twins", "replies"]
    words = wishes[0].job.words
    heads = {"requests": words.requests, "replies": words.replies}
    shown = table(
        f"{words.replies.capitalize()} of {wishes[0].subject}",
        ["design", *(f">{heads.get(name, name)}" for name in columns)],
    )
    made = [make_plan(wish) for wish in wishes]
    plans = [plan for plan, _ in made]
    for plan in plans:
        shown.add_row(plain(plan.design["name"]), *(f"{plan.planned[name]:,}" for name in columns))
    if len(plans) > 1:
        shown.add_row(plain("all", "bold"), "", "", "", "", f"{sum(plan.planned['replies'] for plan in plans):,}")
    models = models_of(plans[0])
    set_prices(prices, models[0], models[1:])
    estimates = [one for plan, planned in made for one in estimate_plan(plan, planned)]
    console = Console(markup=False, highlight=False)
    console.print(shown, "", usage_table(estimates), sep="\n")
    for note in (*filter(None, [until_note(plans[0])]), *notes(*made[0], estimates)):
        console.print(note, soft_wrap=True)
