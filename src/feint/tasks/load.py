"""Load tasks by name."""

from functools import cache
from importlib import import_module

from feint.base.discovery import task_package, task_packages
from feint.base.errors import UsageError
from feint.base.vocabulary import usual_task
from feint.tasks.task import Task


@cache
def load_task(name: str | None = None) -> Task:
    """Load a task by name; the usual task by default.

    Raises:
        UsageError: No such task, or a package that has no `TASK`.
    """
    name = name or usual_task()
    package = task_package(name)
    try:
        found = getattr(import_module(package), "TASK", None)
    except ImportError as error:
        raise UsageError(f"task '{name}': '{package}' cannot be imported ({error}); reinstall its package") from error
    if not isinstance(found, Task):
        raise UsageError(f"task '{name}': '{package}' has no attribute TASK that is a feint.tasks.task.Task")
    if found.name != name:
        raise UsageError(f"task '{name}': '{package}' calls its task '{found.name}'; give both one name")
    return found


def list_tasks() -> list[Task]:
    """Load all tasks: shipped ones first, each group by name."""
    return [load_task(name) for name in task_packages()]
