"""The solver: one generation with the sample's own seed, for chat models, tool users and base models."""

from typing import Any

from inspect_ai.model import ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import Tool, ToolDef

END = "</reply>"


@solver
def ask() -> Solver:
    """Ask once, with the sampling seed that the sample carries.

    A seed per sample, not per run, keeps a reply the same whatever else is asked beside it and in whatever order.
    Providers that take no seed ignore it. Tools are offered and never run: which one is called is the answer. Where the
    reply was begun for the model, it is put together again; a base model's ends at the closing tag.
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
    """A tool without arguments that says what it would do."""

    async def execute() -> str:
        raise AssertionError("tools are offered, not run")

    return ToolDef(execute, name=name, description=description).as_tool()


def whole_reply(begins: str, output: ModelOutput) -> str:
    """A reply with the beginning it was given, up to the end of it.

    Servers leave the stop sequence out of the text, so a reply that was stopped at its closing tag gets it back.

    Args:
        begins: What the model went on with.
        output: What it wrote.
    """
    text = begins + output.completion
    if END in text:
        return text[: text.index(END) + len(END)]
    closed = output.stop_reason == "stop" and "<reply>" in text
    return text + END if closed else text
