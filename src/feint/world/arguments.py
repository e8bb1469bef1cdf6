"""Turn the arguments that a model wrote into those of a tool, or say in an error which argument does not fit."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from feint.world.checks import Scalar
from feint.world.error import WorldError, shown
from feint.world.limits import MAX_COLUMNS, MAX_NUMBER


@dataclass(frozen=True)
class Parameter:
    """An argument that a tool takes.

    Attributes:
        name: Its name.
        hint: Its annotation, one of `KINDS`.
        required: Whether a call must give it.
        default: The value if a call does not give the argument.
    """

    name: str
    hint: Any
    required: bool
    default: Any


def bind(tool: str, parameters: Mapping[str, Parameter], arguments: Mapping[str, object]) -> dict[str, object]:
    """Match arguments with parameters.

    Args:
        tool: Name of the tool, for errors.
        parameters: The parameters of the tool.
        arguments: The given arguments; anything at all.

    Returns:
        Every parameter with a value of its kind.

    Raises:
        WorldError: An argument is missing, unknown or of another kind.

    >>> bind("open", {"row": Parameter("row", int, True, None)}, {"row": "3"})
    Traceback (most recent call last):
    feint.world.error.WorldError: open: the argument 'row' must be a whole number.
    """
    takes = ", ".join(parameters) or "no arguments"
    if not isinstance(arguments, Mapping):
        raise WorldError(f"The arguments of {tool} must be given by name; it takes {takes}.")
    for given in arguments:
        if not isinstance(given, str) or given not in parameters:
            name = shown(given) if isinstance(given, str) else "without a name"
            raise WorldError(f"{tool} has no argument {name}; it takes {takes}.")
    bound = {}
    for name, parameter in parameters.items():
        if name not in arguments and parameter.required:
            raise WorldError(f"{tool} needs the argument '{name}'; it takes {takes}.")
        bound[name] = _fit(tool, parameter, arguments[name]) if name in arguments else parameter.default
    return bound


def _fit(tool: str, parameter: Parameter, value: Any) -> Any:
    expected, fit = KINDS[parameter.hint]
    fitted = fit(value)
    if fitted is MISFIT:
        raise WorldError(f"{tool}: the argument '{parameter.name}' must be {expected}.")
    return fitted


MISFIT = object()


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


def _optional(value: Any) -> Any:
    return None if value is None else _text(value)


KINDS: Mapping[Any, tuple[str, Callable[[Any], Any]]] = {
    str: ("text", _text),
    str | None: ("text, or be left out", _optional),
    int: ("a whole number", _whole),
    Scalar: (f"text, true, false or a number below {MAX_NUMBER:.0e}", _scalar),
    list[Scalar]: (f"a list of at most {MAX_COLUMNS} texts and numbers", _scalars),
}
