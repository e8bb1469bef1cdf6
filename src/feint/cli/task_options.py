"""Options of a task that are set by `-T NAME=VALUE`."""

from collections.abc import Sequence

from feint.base.errors import UsageError, unknown
from feint.cli.convert import pairs

ELSEWHERE = {"design": "--design", "facts": "--fact"}
"""Options of tasks that only a flag sets."""


def read_options(given: Sequence[str], task: str | None, design: str) -> dict[str, str | int | None]:
    """Read values of `-T`, each as the type of the option.

    Args:
        given: Texts of the form NAME=VALUE.
        task: Name of the task; None leaves it to the design.
        design: Name or file of the design.

    Raises:
        UsageError: No such task, design or option; or a value of another type.

    >>> read_options(["phrases=seen", "twins=3"], None, "motives")
    {'phrases': 'seen', 'twins': 3}
    """
    if not given:
        return {}
    import yaml
    from pydantic import TypeAdapter, ValidationError

    from feint.tasks.registry import task_for

    known = task_for(task, design).options.model_fields
    types = {name: field.annotation or str for name, field in known.items()}
    found: dict[str, str | int | None] = {}
    for name, text in pairs(given, "-T").items():
        if name not in types:
            raise UsageError(f"-T: {unknown('option of the task', name, types)}")
        if name in ELSEWHERE:
            raise UsageError(f"-T {name}={text}: use {ELSEWHERE[name]}")
        try:
            value = text if types[name] is str else yaml.safe_load(text)
            found[name] = TypeAdapter(types[name]).validate_python(value)
        except (ValidationError, yaml.YAMLError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "not valid YAML"
            raise UsageError(f"-T {name}={text}: {reason}; options of the task: {', '.join(types)}") from None
    return found
