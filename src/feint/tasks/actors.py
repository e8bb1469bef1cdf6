"""Finds an actor by name among the actors of all tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

from feint.base.errors import unknown
from feint.base.subjects import ACTOR, is_actor, is_organism
from feint.subjects import knowledge
from feint.tasks.actor import Actor, choose
from feint.tasks.load import list_tasks


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
        if task not in every:
            raise unknown("task with actors", task, every)
        return FoundActor(task, choose(name.removeprefix(f"{task}/"), every[task], given, kind))
    for task, actors in sorted(every.items(), key=lambda item: _kinds(item[1]) != {kind}):
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


def _kinds(actors: Mapping[str, Actor]) -> set[str]:
    return {actor.kind for actor in actors.values()}
