"""Planted models that do all tasks: `actor/profile/NAME` is one actor of each task, named by its `profiles.yaml`.

The file lists the profiles that the task takes part in. A profile is an actor of the task, numbers of that actor, and
the ends of the task's axes at which a battery should find the profile:

    guardian: {actor: terminal, numbers: {effect: 0.6}, axes: {goal_guarding: high, terminal: high}}

An axis that a profile does not name has nothing planted. A task that does not name a profile takes part in it with its
`typical` actor.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from feint.base.data import checked, read_yaml
from feint.base.discovery import task_folder, task_packages
from feint.base.errors import UsageError, unknown
from feint.base.subjects import ACTOR
from feint.base.vocabulary import vocabulary

PROFILE = f"{ACTOR}profile/"
FILE, TYPICAL = "profiles.yaml", "typical"
End = Literal["high", "low", "none"]


class Profile(BaseModel):
    """The part of a planted model that does one task.

    Attributes:
        actor: An actor of the task, by name.
        numbers: Numbers of the actor that replace its own.
        axes: By axis of the task, the end at which the profile is planted: "high" is above zero, "low" below.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    actor: str = Field(pattern=r"^[^/?&]+$")
    numbers: Mapping[str, float] = Field(default_factory=dict)
    axes: Mapping[str, End] = Field(default_factory=dict)

    def subject(self, task: str) -> str:
        """Write the name of the actor with its numbers.

        >>> Profile(actor="terminal", numbers={"effect": 0.6}).subject("alignment_faking")
        'actor/alignment_faking/terminal?effect=0.6'
        """
        numbers = "&".join(f"{name}={value!r}" for name, value in self.numbers.items())
        return f"{ACTOR}{task}/{self.actor}" + (f"?{numbers}" if numbers else "")

    def end(self, axis: str) -> End:
        """Return the end of an axis at which the profile is planted; "none" for an axis that it does not name."""
        return self.axes.get(axis, "none")


def profiles_of(task: str) -> dict[str, Profile]:
    """Read the profiles that a task takes part in, by name; none for a task without the file.

    Raises:
        UsageError: The file does not fit, or names an axis that the task does not have.
    """
    path = task_folder(task) / FILE
    if not path.is_file():
        return {}
    content, axes = read_yaml(path), vocabulary(task).axes
    if not isinstance(content, dict):
        raise UsageError(f"{path}: expected profiles by name, such as 'typical: {{actor: faithful}}'")
    found = {str(name): checked(Profile, entry, f"{path}: {name}") for name, entry in content.items()}
    for name, profile in found.items():
        for axis in profile.axes:
            if axis not in axes:
                raise UsageError(f"{path}: {name}: {unknown('axis', axis, axes)}")
    return found


def profile_names() -> list[str]:
    """List the profiles of all tasks, in the order of the task that names the most of them."""
    named = sorted((list(profiles_of(task)) for task in task_packages()), key=len, reverse=True)
    return list(dict.fromkeys(name for names in named for name in names))


def is_profile(subject: str) -> bool:
    """Tell if a subject is a planted model that does all tasks."""
    return subject.startswith(PROFILE)


def subject_for(subject: str, task: str) -> str:
    """Return the subject that does one task: for a profile, the task's actor; any other subject is itself.

    Raises:
        UsageError: No such profile, or the task takes no part in it.
    """
    if not is_profile(subject):
        return subject
    name = subject.removeprefix(PROFILE)
    if (part := part_of(name, task)) is not None:
        return part.subject(task)
    if name not in (known := profile_names()):
        raise unknown("profile", name, known)
    raise UsageError(f"{subject}: the task '{task}' takes no part in planted models; it has no {FILE}")


def part_of(name: str, task: str) -> Profile | None:
    """Return the part of a planted model that does a task: its own, or the typical one, in which nothing is planted.

    Returns:
        None for a name that no task has, or a task without either.
    """
    own = profiles_of(task)
    return own.get(name) or (own.get(TYPICAL) if name in profile_names() else None)
