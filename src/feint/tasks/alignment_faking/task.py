"""The task: a dataset over a design's cells, one generation, a judge."""

from inspect_ai import Task, task
from inspect_ai.model import GenerateConfig
from pydantic import Field

from feint.base.errors import unknown
from feint.judges.rules.scorer import check_judge, rules
from feint.tasks.alignment_faking.dataset import Options, build_dataset, plan_asks
from feint.tasks.alignment_faking.solver import ask
from feint.tasks.options import with_options

MAX_TOKENS = {"scratchpad": 2000, "native": 8000, "none": 1000}
"""Reply lengths by reasoning mode; native reasoning counts against the limit."""
JUDGES = ("rules", "none")
VERSION = "1-A"


class InspectOptions(Options):
    """The options of the task, and who labels its replies."""

    judge: str = Field(default="rules", description='"rules" labels at once; "none" leaves that to a judge of the log')


@task
@with_options(InspectOptions)
def alignment_faking(options: InspectOptions) -> Task:
    """Ask the same requests under situations that differ in one fact, and report compliance by cell."""
    planned = plan_asks(options)
    if options.judge not in JUDGES:
        raise unknown("judge", options.judge, JUDGES)
    if options.judge == "rules":
        check_judge(planned.conflict)
    return Task(
        dataset=build_dataset(planned),
        solver=ask(),
        scorer=rules() if options.judge == "rules" else None,
        config=GenerateConfig(temperature=1.0, max_tokens=MAX_TOKENS[options.mode]),
        version=VERSION,
    )
