"""The task of a plan, and what its options plan."""

from feint.study.plan.frozen import Plan
from feint.tasks.registry import load_task
from feint.tasks.task import Plans, Task


def task_of(plan: Plan) -> Task:
    """Load the task of a plan."""
    return load_task(plan.read_design().task)


def plans_of(plan: Plan) -> Plans:
    """Plan everything that a plan may ask, in all cells of its design as it was frozen."""
    task = task_of(plan)
    return task.plan(task.options(**plan.task), plan.read_design())  # type: ignore[arg-type]  # frozen from these options
