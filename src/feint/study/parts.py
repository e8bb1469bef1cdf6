"""The plans of designs that are asked together, with their samples and folders."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from feint.base.errors import UsageError
from feint.base.naming import folder_name, hashed
from feint.money.prices import SpendingLimits
from feint.study.folder import Folder, Start
from feint.study.plan.prepare import Setup, make_plan
from feint.study.plan.subject import Limits
from feint.tasks.options import COMPOSED

if TYPE_CHECKING:
    from feint.money.budget import Budget
    from feint.study.ask.paid import Paid
    from feint.study.plan.frozen import Plan
    from feint.tasks.plans import Plans

SIZES = ("n", "fixtures", "wordings", "samples")
"""Options of tasks that say how much is asked."""


def make_parts(
    setups: Sequence[Setup], out: Path | None, start: Start, limits: Limits, spending: SpendingLimits
) -> tuple[list[tuple["Plan", "Plans", Folder]], Path, "Budget"]:
    """Make and check the plan of every design, and open the budget of all.

    Returns:
        The plans with their samples and folders, the folder of the whole study, and the budget.

    Raises:
        UsageError: See `prepare.make_plan`; or a folder holds another study.
    """
    from feint.study.ask.gates import open_budget, register_prices
    from feint.study.logs import set_aside
    from feint.study.plan.frozen import task_of

    register_prices(setups, spending.prices)
    made = [make_plan(setup) for setup in setups]
    names = [plan.design["name"] for plan, _ in made]
    repeated = [name for name in names if names.count(name) > 1]
    if repeated:
        raise UsageError(f"--design: '{repeated[0]}' is named twice")
    first = made[0][0]
    conflict = first.conflict["name"] if task_of(first).knows("conflict") else ""
    whole = out or own_out(default_out(first.subject, "+".join(names)[:60], conflict), names, first.subject)
    parts = []
    for (plan, planned), setup in zip(made, setups, strict=True):
        folder = Folder(whole / plan.design["name"] if len(names) > 1 else whole)
        plan, planned = going_on(setup, plan, planned, folder) if start == "resume" else (plan, planned)
        parts.append((plan, planned, folder))
    for plan, _, folder in parts:
        folder.check(plan, start)
        if start == "resume":
            set_aside(folder)
    return parts, whole, open_budget(parts, spending, start)


def going_on(setup: Setup, plan: "Plan", planned: "Plans", folder: Folder) -> tuple["Plan", "Plans"]:
    """Return the plan of a study that goes on, with its samples: defaults may have changed since it was begun."""
    from feint.study.plan.frozen import read_plan

    if folder.plan.is_file() and (frozen := read_plan(folder.plan)).sha256 != plan.sha256:
        return make_plan(as_begun(setup, frozen))
    return plan, planned


def freeze(parts: Sequence[tuple["Plan", "Plans", Folder]], start: Start, limits: Limits, paid: "Paid") -> None:
    """Open all models and freeze all plans of several designs before the first reply, so that each can be resumed.

    Raises:
        UsageError: A model cannot be opened, or a folder cannot be written.
    """
    from feint.study.judge.panel import open_judges, open_reader

    first = parts[0][0]
    paid.open(first, limits)
    if first.grading is not None:
        open_judges(first.grading, first, limits)
    open_reader(first, limits)
    for plan, _, folder in parts:
        folder.create(plan, anew=start == "overwrite")


def untaught(parts: Sequence[tuple["Plan", "Plans", Folder]]) -> list[str]:
    """Return a sentence about everything that an organism is asked and never learnt, each once."""
    from feint.study.plan.frozen import BESIDE, task_of

    said = [
        task_of(plan).unknown_to(plan.subject, planned, quiz=bool(BESIDE.keys() & plan.planned.keys()))
        for plan, planned, _ in parts
    ]
    return list(filter(None, dict.fromkeys(said)))


def as_begun(setup: Setup, plan: "Plan") -> Setup:
    """Return the setup of a resumed study: its numbers that decide, first size, library and end of asking count.

    The user may name another size or end. Defaults may have changed since the study was begun.
    """
    given = {name: value for name, value in setup.options.items() if value is not None}
    numbers = {} if setup.size else {name: plan.task[name] for name in SIZES if name in plan.task}
    told = {"library": plan.task.get("library", COMPOSED)} if "voices" in plan.task else {}
    return replace(setup, options={**told, **numbers, **given}, until=setup.until or plan.until, begun=plan.settings)


def default_out(subject: str, design: str, conflict: str) -> Path:
    """Name the folder of a study for which the user named no folder.

    >>> str(default_out("openai/gpt-4o", "motives", "harmlessness"))
    'studies/openai-gpt-4o-motives-harmlessness'
    """
    return Path("studies") / folder_name(f"{subject}-{design}-{conflict}")


def own_out(path: Path, designs: Sequence[str], subject: str) -> Path:
    """Return a default folder, with a hash in its name if it holds the study of another subject with a like name."""
    from feint.study.plan.frozen import read_plan

    plans = [Folder(one).plan for one in (path, *(path / name for name in designs))]
    other = any(plan.is_file() and read_plan(plan).subject != subject for plan in plans)
    return path.with_name(hashed(path.name, subject)) if other else path
