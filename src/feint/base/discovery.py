"""Find tasks: the folders of `feint.tasks`, and the packages that installed distributions name.

A task is a package that holds a `task.yaml`. A distribution adds a task by an entry point of the group `feint.tasks`
whose name is the task's and whose value is the package. No module of a task is imported here.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from feint.base.errors import UsageError, unknown

GROUP = "feint.tasks"
CONTENT = "task.yaml"


@cache
def task_packages() -> Mapping[str, str]:
    """Map the name of every task to the dotted name of its package: shipped tasks first, each group by name.

    Raises:
        UsageError: An installed package has a shipped task's name, or holds no `task.yaml`.
    """
    found = shipped_packages()
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name in found:
            raise UsageError(
                f"task '{point.name}': '{point.value}' has the name of another task; rename its entry point"
            )
        try:
            holds = (package_folder(point.value) / CONTENT).is_file()
        except ModuleNotFoundError as error:
            raise UsageError(f"task '{point.name}': cannot be imported ({error}); reinstall its package") from None
        if not holds:
            raise UsageError(f"task '{point.name}': package '{point.value}' holds no {CONTENT}")
        found[point.name] = point.value
    return found


def shipped_packages() -> dict[str, str]:
    """Map the name of every shipped task to the dotted name of its package, by name."""
    shipped = sorted(entry.name for entry in files(GROUP).iterdir() if (entry / CONTENT).is_file())
    return {name: f"{GROUP}.{name}" for name in shipped}


def task_package(name: str) -> str:
    """Name the package of a task; raises `UsageError` if there is no such task."""
    if name not in task_packages():
        raise unknown("task", name, task_packages())
    return task_packages()[name]


@cache
def package_folder(package: str) -> Path:
    """Find the folder of a package without importing it: a task imports Inspect, which takes a second.

    Raises:
        ModuleNotFoundError: No such package.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named '{package}'")
    return Path(next(iter(spec.submodule_search_locations)))


def task_folder(name: str) -> Path:
    """Find the folder of a task's data."""
    return package_folder(task_package(name))


def list_files(name: str, folder: str, ending: str = ".yaml") -> dict[str, Path]:
    """List a task's data files in a folder, by name without the ending; a task without the folder has none."""
    place = task_folder(name) / folder
    if not place.is_dir():
        return {}
    found = sorted((path for path in place.iterdir() if path.name.endswith(ending)), key=lambda path: path.name)
    return {path.name.removesuffix(ending): path for path in found}
