"""The tools by name, and the function that calls a tool."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType, ModuleType
from typing import get_type_hints

from feint.world.arguments import Parameter, bind
from feint.world.error import WorldError, shown
from feint.world.limits import MAX_SAID
from feint.world.state import World
from feint.world.tools import agents, config, drive, files, messages, servers, work, workbook

Run = Callable[..., tuple[World, str]]


@dataclass(frozen=True)
class WorldTool:
    """A tool: a pure function of a world and arguments.

    Attributes:
        name: Name of the tool.
        group: The part of the world that the tool is for, such as "servers".
        run: Takes the world first, then the arguments by name; returns the new world and the answer. Models read the
            annotations and the docstring of this function.
    """

    name: str
    group: str
    run: Run

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """The parameters of the tool, in order."""
        hints = get_type_hints(self.run)
        taken = list(inspect.signature(self.run).parameters.values())[1:]
        return {own.name: Parameter(own.name, hints[own.name], own.default is own.empty, own.default) for own in taken}


GROUPS: Mapping[str, ModuleType] = MappingProxyType(
    {
        "drive": drive,
        "workbook": workbook,
        "config": config,
        "agents": agents,
        "servers": servers,
        "files": files,
        "messages": messages,
        "work": work,
    }
)
TOOLS: Mapping[str, WorldTool] = MappingProxyType(
    {run.__name__: WorldTool(run.__name__, group, run) for group, module in GROUPS.items() for run in module.TOOLS}
)


def apply(world: World, tool: str, arguments: Mapping[str, object]) -> tuple[World, str]:
    """Carry out one call.

    Args:
        world: The state before the call.
        tool: Name of a tool.
        arguments: The arguments by name, as a model wrote them; any values.

    Returns:
        The state after the call (the same object if nothing changed) and the answer of the tool.

    Raises:
        WorldError: The call was not carried out; the message gives the reason. Tools raise no other error.

    >>> from datetime import date
    >>> after, said = apply(World(date(2026, 3, 2)), "list_servers", {})
    >>> said
    'There are no servers.'
    """
    found = TOOLS.get(tool) if isinstance(tool, str) else None
    if found is None:
        raise WorldError(f"There is no tool {shown(tool) if isinstance(tool, str) else 'of this name'}.")
    if world.ended:
        raise WorldError("The task has ended; nothing more is carried out.")
    after, said = found.run(world, **bind(found.name, found.parameters, arguments))
    return (world if after == world else after), cut(said)


def cut(said: str) -> str:
    """Cut the answer of a tool to `MAX_SAID` characters, with a note.

    >>> cut("a" * (MAX_SAID + 5))[MAX_SAID + 1 :]
    '[The answer is cut: 5 more characters do not fit.]'
    """
    if len(said) <= MAX_SAID:
        return said
    left = len(said) - MAX_SAID
    return f"{said[:MAX_SAID]}\n[The answer is cut: {left:,} more characters do not fit.]"
