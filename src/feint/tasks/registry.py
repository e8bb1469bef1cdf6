"""Choose the task, the designs and the subjects of a study."""

from feint.base.errors import UsageError
from feint.base.subjects import ORGANISM
from feint.designs import load_design
from feint.subjects import store
from feint.tasks.actors import full_names, task_of
from feint.tasks.load import list_tasks, load_task
from feint.tasks.task import Task

__all__ = ["check_task", "designs_named", "list_tasks", "load_task", "task_for"]


def task_for(task: str | None, design: str | None) -> Task:
    """Choose the task of a study: the named task, or the task of its design.

    Raises:
        UsageError: No such task or design, or a design of another task.
    """
    if design is None:
        return load_task(task)
    found = load_task(load_design(design).task)
    if task is not None and load_task(task) is not found:
        raise UsageError(f"--task {task}: design '{design}' is one of the task '{found.name}'; choose one")
    return found


def designs_named(task: str | None, designs: str | None, subject: str) -> list[str]:
    """Name the designs of a study: the user's, separated by commas, or the usual design of the task.

    An organism or an actor does one task only, so that the user need not name the task.

    Raises:
        UsageError: No such task, organism or actor.
    """
    return designs.split(",") if designs else [load_task(task or task_of(subject)).vocabulary.design]


def check_task(subject: str, task: Task) -> None:
    """Check that a subject can do a task.

    Raises:
        UsageError: The subject is an organism or an actor of another task.
    """
    own = task_of(subject)
    if own is None or own == task.name:
        return
    able = [ORGANISM + name for name in store.names() if task_of(ORGANISM + name) == task.name]
    able += [name for name, found in full_names().items() if found.task == task.name]
    raise UsageError(
        f"subject '{subject}': it does the task '{own}' and not '{task.name}'; add --task {own}, or take a subject of "
        f"known motive that does '{task.name}': {', '.join(able)}"
    )
