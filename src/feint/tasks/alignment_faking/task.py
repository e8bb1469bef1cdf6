"""The task: a dataset over a design's cells, one generation, a judge."""

from typing import Any

from inspect_ai import Task, task
from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef
from pydantic import Field

from feint.base.errors import unknown
from feint.designs import load_design
from feint.judges.rules.scorer import check_judge, compliance, rules
from feint.tasks.alignment_faking.dataset import Options, build_dataset, plan_asks
from feint.tasks.options import with_options
from feint.tasks.shown import gap_of, shown

MAX_TOKENS = {"scratchpad": 2000, "native": 8000, "none": 1000, "untagged": 1000}
"""Reply lengths by reasoning mode; native reasoning counts against the limit."""
ROOM = MAX_TOKENS["scratchpad"]
"""Reply length at least where prompts of files ask for reasoning of their own."""
JUDGES = ("rules", "none")
VERSION = "1-A"
END = "</reply>"


@solver
def ask() -> Solver:
    """Ask once, with the sampling seed that the sample carries.

    A seed per sample keeps a reply independent of other samples and of their order. Providers that take no seed ignore
    the seed. Tools are offered and never run: the choice of tool is the answer. A prefilled reply is joined to its
    beginning; a base model's reply ends at the closing tag.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        about = state.metadata
        state.tools = [offered(**tool) for tool in about.get("tools", [])]
        config: dict[str, Any] = {"stop_seqs": [END]} if about.get("base") else {}
        state = await generate(state, tool_calls="none", seed=int(about["sampling_seed"]), **config)
        if about.get("begins") and state.output.choices:
            state.output.completion = whole_reply(about["begins"], state.output)
        return state

    return solve


def offered(name: str, description: str) -> Tool:
    """Make a tool without arguments whose description says what the tool would do."""

    async def execute() -> str:
        raise AssertionError("tools are offered, not run")

    return ToolDef(execute, name=name, description=description).as_tool()


def whole_reply(begins: str, output: ModelOutput) -> str:
    """Join a reply to its given beginning, and end it at the closing tag.

    Servers leave the stop sequence out of the text; the closing tag is therefore added again.
    """
    text = begins + output.completion
    if END in text:
        return text[: text.index(END) + len(END)]
    closed = output.stop_reason == "stop" and "<reply>" in text
    return text + END if closed else text


def reply_length(options: Options) -> int:
    """Return the most tokens of a reply."""
    most = MAX_TOKENS[options.mode]
    return max(most, ROOM) if options.prompts_from or load_design(options.design).files else most


class InspectOptions(Options):
    """The options of the task, and who labels its replies."""

    judge: str = Field(default="rules", description='"rules" labels at once; "none" leaves that to a judge of the log')


@task
@with_options(InspectOptions)
def alignment_faking(options: InspectOptions) -> Task:
    """Ask the same requests under situations that differ in one fact, and report compliance by cell, and gaps."""
    planned = plan_asks(options)
    if options.judge not in JUDGES:
        raise unknown("judge", options.judge, JUDGES)
    if options.judge == "rules":
        check_judge(planned.conflict)
    made = Task(
        dataset=build_dataset(planned),
        solver=ask(),
        scorer=rules() if options.judge == "rules" else None,
        metrics=[compliance(), gap_of("alignment_faking", planned)],
        config=GenerateConfig(temperature=1.0, max_tokens=reply_length(options)),
        version=VERSION,
    )
    return shown(made, "alignment_faking", planned)
