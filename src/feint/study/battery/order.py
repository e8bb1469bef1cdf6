"""The tasks of a battery, a setup for each, and the folder that holds their studies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feint.base.discovery import task_packages
from feint.base.errors import UsageError, unknown
from feint.base.naming import folder_name
from feint.base.subjects import is_actor, is_organism
from feint.base.vocabulary import vocabularies, vocabulary
from feint.designs import load_design
from feint.findings.battery import FILE, BatteryFindings, is_battery, read_battery
from feint.study.folder import Folder, Start
from feint.study.plan.frozen import ALL
from feint.study.plan.prepare import Setup
from feint.tasks.profiles import is_profile, subject_for
from feint.tasks.registry import load_task

QUICK = "quick"
Options = Mapping[str, str | int | None]
"""Options of a task, by name."""


@dataclass(frozen=True)
class Order:
    """A battery as the user wants it.

    Attributes:
        subject: The subject that the user named.
        size: The preset of the numbers that are asked.
        tasks: The tasks in the order in which they are asked.
        setups: The setup of each task that can be asked.
        failed: By task, why no setup could be made.
    """

    subject: str
    size: str
    tasks: Sequence[str]
    setups: Mapping[str, Setup]
    failed: Mapping[str, str]


def tasks_with_axes() -> list[str]:
    """List the tasks that the card has axes for: shipped tasks first, each group by name."""
    return [name for name, words in vocabularies().items() if words.axes]


def chosen_tasks(named: str | None, begun: BatteryFindings | None = None) -> list[str]:
    """Choose the tasks of a battery: the user's, separated by commas; those of a battery that goes on; or all.

    Raises:
        UsageError: No such task, a task without axes, or a task that is named twice.
    """
    if named is None:
        return list(begun.studies) if begun is not None else tasks_with_axes()
    able, names = tasks_with_axes(), [name.strip() for name in named.split(",") if name.strip()]
    for name in names:
        if name not in task_packages():
            raise unknown("task", name, able)
        if name not in able:
            raise UsageError(f"--tasks: the task '{name}' has no axes on the card; choose among {', '.join(able)}")
        if names.count(name) > 1:
            raise UsageError(f"--tasks: '{name}' is named twice")
    if not names:
        raise UsageError(f"--tasks: names no task; choose among {', '.join(able)}")
    return names


def make_order(subject: str, size: str, tasks: Sequence[str], setup: Setup, options: Mapping[str, Options]) -> Order:
    """Make the setup of each task from one that all tasks share.

    A task with an axis that is an estimand is asked to its end, since estimands cannot be looked at on the way.

    Args:
        subject: The subject that the user named.
        size: The preset of the numbers that are asked.
        tasks: The tasks.
        setup: The options that all tasks share.
        options: By task, the options of that task alone.

    Raises:
        UsageError: The subject is an actor or an organism, which does one task, and not a planted model of all.
    """
    if (is_actor(subject) or is_organism(subject)) and not is_profile(subject) and len(tasks) > 1:
        raise UsageError(
            f"{subject}: does one task only; name it with --tasks, or take a planted model of all: "
            "actor/profile/typical"
        )
    setups, failed = dict[str, Setup](), dict[str, str]()
    for task in tasks:
        try:
            setups[task] = task_setup(subject, size, task, setup, options.get(task, {}))
        except UsageError as error:
            failed[task] = str(error)
    return Order(subject, size, list(tasks), setups, failed)


def task_setup(subject: str, size: str, task: str, setup: Setup, options: Options) -> Setup:
    """Make the setup of one task; see `make_order`.

    Raises:
        UsageError: The task cannot be loaded, or a planted model has no part in it.
    """
    words, known = vocabulary(task), load_task(task)
    contrasts = load_design(words.design).contrasts
    whole = any(axis.of not in contrasts for axis in words.axes.values())
    return replace(
        setup,
        subject=subject_for(subject, task),
        task=task,
        options={**setup.options, **options, "design": words.design},
        size=size if known.sizes else None,
        until=setup.until or (ALL if whole else None),
    )


def battery_folder(subject: str) -> Path:
    """Name the folder of a battery for which the user named none.

    >>> str(battery_folder("openai/gpt-4o"))
    'studies/openai-gpt-4o-battery'
    """
    return Path("studies") / folder_name(f"{subject}-battery")


def check_folder(out: Path, start: Start, subject: str) -> BatteryFindings | None:
    """Check that a battery may be written to a folder; return what is there if the battery goes on.

    Raises:
        UsageError: The folder exists and the battery is new, is no battery's, or is the battery of another subject.
    """
    taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
    if start == "new":
        if taken:
            hint = "add --resume to finish it or --overwrite to replace it, or " if is_battery(out) else ""
            raise UsageError(f"{out}: exists already; {hint}choose another --out")
        return None
    if start == "overwrite":
        if taken and not is_battery(out):
            raise UsageError(f"{out}: no battery's folder, so it is not overwritten; choose another --out")
        return None
    if not is_battery(out):
        raise UsageError(f"{out}: holds no {FILE}, so there is nothing to resume; leave --resume out")
    begun = read_battery(out)
    if begun.subject != subject:
        raise UsageError(f"{out}: the battery of '{begun.subject}'; give the same subject, or choose another --out")
    return begun


def study_folder(out: Path, task: str) -> Folder:
    """Return the folder of one task's study."""
    return Folder(out / task)
