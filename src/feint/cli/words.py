"""What the commands share: reading KEY=VALUE, and printing text as it stands."""

from typing import Any

from feint.base.errors import UsageError


def stdout(**options: Any) -> Any:
    """A console on standard output that takes text as it stands."""
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, **options)


def pairs(given: list[str], option: str) -> dict[str, str]:
    """Options of the form KEY=VALUE.

    Raises:
        UsageError: One has no "=".
    """
    for text in given:
        if "=" not in text:
            raise UsageError(f"{option} {text}: expected KEY=VALUE")
    return dict(text.split("=", 1) for text in given)


def model_args(given: list[str]) -> dict[str, Any]:
    """Arguments of a provider, read as YAML so that numbers and truth values are what they look like."""
    import yaml

    return {key: yaml.safe_load(value) for key, value in pairs(given, "--model-arg").items()}
