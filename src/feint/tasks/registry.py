"""Finds tasks and actors by name, and chooses the task, the designs and the subjects of a study."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from feint.base.discovery import task_package, task_packages
from feint.base.errors import UsageError, unknown
from feint.base.subjects import ACTOR, ORGANISM, is_actor, is_organism
from feint.base.vocabulary import usual_task
from feint.designs import load_design
from feint.subjects import knowledge, store
from feint.tasks.actor import Actor, choose
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


@dataclass(frozen=True)
class FoundActor:
    """An actor, and the task that it belongs to."""

    task: str
    actor: Actor


def actors_by_task() -> dict[str, Mapping[str, Actor]]:
    """Return the actors of each task that has some, by name."""
    return {task.name: actors for task in list_tasks() if (actors := task.actors())}


def find_actor(subject: str, given: Mapping[str, object] | None = None) -> FoundActor:
    """Find an actor, with some of its numbers replaced.

    Args:
        subject: `actor/NAME?KEY=NUMBER&KEY=NUMBER`, or `actor/TASK/NAME` where two tasks use one name. A bare name is
            that of the first task that has it; `agent/NAME` asks first the tasks whose actors work with tools.
        given: More numbers by key.

    Raises:
        UsageError: No such task, actor or key, a key that is given twice, or a number that does not fit.
    """
    kind, _, name = subject.partition("/")
    every = actors_by_task()
    bare = name.partition("?")[0]
    task, slash, own = bare.rpartition("/")
    if slash:
        if task == "profile":
            raise UsageError(
                f"{subject}: a planted model of several tasks; name one of them with --task, or run feint battery"
            )
        if task not in every:
            raise unknown("task with actors", task, every)
        return FoundActor(task, choose(name.removeprefix(f"{task}/"), every[task], given, kind))
    for task, actors in sorted(every.items(), key=lambda item: {actor.kind for actor in item[1].values()} != {kind}):
        if own in actors:
            return FoundActor(task, choose(name, actors, given, kind))
    raise unknown(kind, bare, {name for actors in every.values() for name in actors})


def task_of(subject: str) -> str | None:
    """Name the task that an organism or an actor of this package does; None for any other model.

    Raises:
        UsageError: No organism or actor has this name.
    """
    if is_actor(subject):
        return find_actor(subject).task
    return knowledge.task_of(subject) if is_organism(subject) else None


def full_names() -> dict[str, FoundActor]:
    """List every actor by the name of the subject that asks it: `actor/NAME`, or `actor/TASK/NAME` if that is taken."""
    found: dict[str, FoundActor] = {}
    for task, actors in actors_by_task().items():
        for name, actor in actors.items():
            found[f"{ACTOR}{task}/{name}" if f"{ACTOR}{name}" in found else f"{ACTOR}{name}"] = FoundActor(task, actor)
    return found
