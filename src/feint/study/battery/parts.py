"""The plan of every task of a battery, and the faults of one task as the battery tells them."""

from pathlib import Path

from feint.base.errors import UsageError
from feint.base.failures import one_line, words_of
from feint.base.vocabulary import all_flags
from feint.study.ask.form import FormError
from feint.study.battery.order import Order, study_folder
from feint.study.folder import Folder, Start
from feint.study.logs import set_aside
from feint.study.parts import going_on
from feint.study.plan.frozen import Plan
from feint.study.plan.prepare import make_plan
from feint.tasks.plans import Plans

Part = tuple[Plan, Plans, Folder]
"""The plan of one task, its samples, and the folder of its study."""


def in_a_battery(error: Exception, task: str) -> str:
    """Say in one line why a task failed, and the remedy as a battery takes it.

    >>> in_a_battery(UsageError("no such design"), "values")
    'no such design'
    >>> in_a_battery(KeyError("cell"), "values")
    "KeyError: 'cell' (a fault of the task: feint study MODEL --task values shows where)"
    """
    if isinstance(error, FormError):
        names = {f"--{flag.name or option}": option for option, flag in all_flags().items()}
        flags = [
            f"-T {task}.{names[flag]}={value}" if flag in names else f"{flag} {value}"
            for flag, value in error.flags.items()
        ]
        return f"{one_line(str(error), 1000)}; in a battery: {' '.join(flags)}"
    if isinstance(error, UsageError | OSError):
        return one_line(str(error), 1000)
    fault = f"{type(error).__name__}: {words_of(error)}"
    return f"{one_line(fault, 500)} (a fault of the task: feint study MODEL --task {task} shows where)"


def plan_parts(order: Order, out: Path, start: Start) -> tuple[dict[str, Part], dict[str, str]]:
    """Plan every task, and check the folders of those that go on.

    Returns:
        The parts, and the tasks that cannot be planned with the reason.

    Raises:
        UsageError: No task can be planned, or a folder holds the study of another plan.
    """
    parts, failed = dict[str, Part](), dict(order.failed)
    for task, setup in order.setups.items():
        folder = study_folder(out, task)
        try:
            plan, planned = make_plan(setup)
            if start == "resume":
                plan, planned = going_on(setup, plan, planned, folder)
        except UsageError as error:
            failed[task] = str(error)
            continue
        parts[task] = plan, planned, folder
    if not parts:
        raise UsageError(next(iter(failed.values()), "no task can be asked"))
    for plan, _, folder in parts.values():
        if start == "resume" and folder.plan.is_file():
            folder.check(plan, start)
            set_aside(folder)
        elif start == "overwrite":
            folder.check(plan, start)
    return parts, failed
