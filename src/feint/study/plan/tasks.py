"""The tasks that can be studied, and what a study needs to know of each."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from inspect_ai import Task

from feint.base.errors import UsageError, unknown
from feint.base.vocabulary import vocabulary
from feint.base.words import Words
from feint.designs import load_design
from feint.judges.task import Judging
from feint.money.usage import TaskUsage
from feint.tasks import alignment_faking as faking
from feint.tasks import peer_preservation as peers
from feint.tasks.actors import task_of
from feint.tasks.alignment_faking.judging import JUDGING as JUDGING_REPLIES
from feint.tasks.alignment_faking.usage import USAGE as USAGE_REPLIES
from feint.tasks.peer_preservation.judging import JUDGING as JUDGING_RUNS
from feint.tasks.peer_preservation.usage import USAGE as USAGE_RUNS
from feint.tasks.planned import Plans

if TYPE_CHECKING:
    from feint.study.plan.frozen import Plan

FAKING, PEERS = "alignment_faking", "peer_preservation"


@dataclass(frozen=True)
class Job:
    """A task, as a study sees it.

    Attributes:
        name: Its name, by which designs call it.
        options: What may be chosen, a dataclass.
        plan: From options, and the content of their design where it was read before, to what is asked.
        make: The Inspect task of the same options.
        design: The design where none is named.
        judging: How its samples are judged.
        usage: The expected usage of its samples.
        in_turns: Whether a sample is a run of many turns, with tools, and not one reply.
    """

    name: str
    options: type[Any]
    plan: Callable[..., Plans]
    make: Callable[..., Task]
    design: str
    judging: Judging
    usage: TaskUsage
    in_turns: bool = False

    @property
    def labels(self) -> str:
        """Name of the labels that its own judge writes into a log."""
        return self.judging.labels

    @property
    def words(self) -> Words:
        """How to speak of what it measures."""
        return vocabulary(self.name).words

    def knows(self, option: str) -> bool:
        """Whether it has an option of this name."""
        return option in {field.name for field in fields(self.options)}


JOBS = {
    FAKING: Job(
        FAKING, faking.Options, faking.plan_asks, faking.alignment_faking, "motives", JUDGING_REPLIES, USAGE_REPLIES
    ),
    PEERS: Job(
        PEERS,
        peers.Options,
        peers.plan_runs,
        peers.peer_preservation,
        "peer-attribution",
        JUDGING_RUNS,
        USAGE_RUNS,
        in_turns=True,
    ),
}


def job_named(name: str) -> Job:
    """A task by name.

    Raises:
        UsageError: No such task.
    """
    if name not in JOBS:
        raise unknown("task", name, JOBS)
    return JOBS[name]


def job_for(task: str | None, design: str | None) -> Job:
    """The task that a study is of: the one that is named, else the one that its design belongs to.

    Raises:
        UsageError: No such task or design, or a design of another task.
    """
    if design is None:
        return job_named(task or FAKING)
    found = job_named(load_design(design).task)
    if task is not None and job_named(task) is not found:
        raise UsageError(
            f"--task {task}: design '{design}' is one of the task '{found.name}'; choose another of the two"
        )
    return found


def designs_named(task: str | None, designs: str | None, subject: str) -> list[str]:
    """The designs of a study: those that are named, separated by commas, else the usual one of the task.

    An organism or an actor of this package does one task only, so its task need not be named.

    Raises:
        UsageError: No such task.
    """
    return designs.split(",") if designs else [job_named(task or task_of(subject) or FAKING).design]


def job_of(plan: "Plan") -> Job:
    """The task of a plan."""
    return job_named(str(plan.design.get("task", FAKING)))


def planned_as(plan: "Plan") -> Plans:
    """Everything that a plan may ask, in all cells of its design as it was frozen."""
    job = job_of(plan)
    return job.plan(job.options(**plan.task), plan.read_design())
