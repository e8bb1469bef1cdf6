"""The tools by name, their arguments, and the function that calls a tool with what a model wrote."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from feint.base.data import read_yaml
from feint.world.checks import Scalar, WorldError, shown
from feint.world.limits import MAX_COLUMNS, MAX_NUMBER, MAX_SAID
from feint.world.state import World
from feint.world.tools import office, servers, work

MISFIT = object()
"""Stands for a value that does not fit its parameter."""


@dataclass(frozen=True)
class WorldTool:
    """A tool: a pure function of a world and arguments.

    Attributes:
        name: Name of the tool.
        run: Takes the world first, then the arguments by name; returns the new world and the answer.
        about: A text for each argument.
    """

    name: str
    run: Callable[..., tuple[World, str]]
    about: Mapping[str, str]

    @cached_property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The arguments that the tool takes, in order; their annotations are among `KINDS`."""
        _, *taken = inspect.signature(self.run).parameters.values()
        return {own.name: own.replace(kind=own.KEYWORD_ONLY) for own in taken}

    @property
    def doc(self) -> str:
        """The docstring that models read: the function's own, and the arguments."""
        arguments = "".join(f"\n    {name}: {self.about[name]}" for name in self.parameters)
        return f"{inspect.getdoc(self.run)}\n\nArgs:{arguments}" if arguments else inspect.getdoc(self.run) or ""


_ABOUT = read_yaml(files(__package__) / "data" / "arguments.yaml")
TOOLS: Mapping[str, WorldTool] = MappingProxyType(
    {
        run.__name__: WorldTool(run.__name__, run, _ABOUT.get(run.__name__, {}))
        for run in (*office.TOOLS, *servers.TOOLS, *work.TOOLS)
    }
)


def apply(world: World, tool: str, arguments: Mapping[str, object]) -> tuple[World, str]:
    """Carry out one call, with arguments by name as a model wrote them.

    Returns:
        The state after the call (the same object if nothing changed) and the answer of the tool.

    Raises:
        WorldError: The call was not carried out; the message gives the reason. Tools raise no other error.

    >>> from datetime import date
    >>> apply(World(date(2026, 3, 2)), "list_servers", {})[1]
    'There are no servers.'
    """
    found = TOOLS.get(tool) if isinstance(tool, str) else None
    if found is None:
        raise WorldError(f"There is no tool {shown(tool) if isinstance(tool, str) else 'of this name'}.")
    if world.ended:
        raise WorldError("The task has ended; nothing more is carried out.")
    after, said = found.run(world, **_bind(found, arguments))
    return (world if after == world else after), cut(said)


def cut(said: str) -> str:
    """Cut the answer of a tool to `MAX_SAID` characters, with a note.

    >>> cut("a" * (MAX_SAID + 5))[MAX_SAID + 1 :]
    '[The answer is cut: 5 more characters do not fit.]'
    """
    left = len(said) - MAX_SAID
    return said if left <= 0 else f"{said[:MAX_SAID]}\n[The answer is cut: {left:,} more characters do not fit.]"


def _bind(tool: WorldTool, arguments: Mapping[str, object]) -> dict[str, object]:
    """Give every parameter of a tool a value of its kind, whatever the arguments are."""
    parameters = tool.parameters
    takes = ", ".join(parameters) or "no arguments"
    if not isinstance(arguments, Mapping):
        raise WorldError(f"The arguments of {tool.name} must be given by name; it takes {takes}.")
    for given in arguments:
        if not isinstance(given, str) or given not in parameters:
            name = shown(given) if isinstance(given, str) else "without a name"
            raise WorldError(f"{tool.name} has no argument {name}; it takes {takes}.")
    bound = {}
    for name, parameter in parameters.items():
        if name in arguments:
            expected, fit = KINDS[parameter.annotation]
            bound[name] = fit(arguments[name])
            if bound[name] is MISFIT:
                raise WorldError(f"{tool.name}: the argument '{name}' must be {expected}.")
        elif parameter.default is parameter.empty:
            raise WorldError(f"{tool.name} needs the argument '{name}'; it takes {takes}.")
        else:
            bound[name] = parameter.default
    return bound


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, str) else MISFIT


def _whole(value: Any) -> Any:
    fitted = _scalar(value)
    if isinstance(fitted, bool) or not isinstance(fitted, (int, float)) or not float(fitted).is_integer():
        return MISFIT
    return int(fitted)


def _scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    # compared as it is: a whole number of thousands of digits has no float
    if isinstance(value, (int, float)) and -MAX_NUMBER <= value <= MAX_NUMBER and not math.isnan(value):
        return float(value)
    return MISFIT


def _scalars(value: Any) -> Any:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_COLUMNS:
        return MISFIT
    fitted = [_scalar(one) for one in value]
    return MISFIT if MISFIT in fitted else fitted


KINDS: Mapping[Any, tuple[str, Callable[[Any], Any]]] = {
    str: ("text", _text),
    str | None: ("text, or be left out", lambda value: None if value is None else _text(value)),
    int: ("a whole number", _whole),
    Scalar: (f"text, true, false or a number below {MAX_NUMBER:.0e}", _scalar),
    list[Scalar]: (f"a list of at most {MAX_COLUMNS} texts and numbers", _scalars),
}
