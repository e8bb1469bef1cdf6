"""The solver: a generation with the sample's own seed, for chat models, tool users and base models."""

from typing import Any

from inspect_ai.model import ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef

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

    Args:
        begins: The beginning of the reply.
        output: The model's output.
    """
    text = begins + output.completion
    if END in text:
        return text[: text.index(END) + len(END)]
    closed = output.stop_reason == "stop" and "<reply>" in text
    return text + END if closed else text
