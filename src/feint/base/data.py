"""Read data files: YAML checked by pydantic, errors that name the file and the key."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from feint.base.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, several times as fast where PyYAML comes with libyaml."""


def parse_yaml(text: str) -> Any:
    """Parse YAML, which can name no Python object.

    Raises:
        yaml.YAMLError: It is none.
    """
    return yaml.load(text, Loader=LOADER)


def read_yaml(path: Traversable | Path) -> Any:
    """Parse one YAML file.

    Raises:
        UsageError: The file is missing, is not text or is not YAML.
    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None


def checked(model: type[Model], content: Any, source: object) -> Model:
    """Validate parsed data against a pydantic model.

    Args:
        model: What the data must look like.
        content: The parsed data.
        source: The file it came from, for the error.

    Raises:
        UsageError: The data does not fit; the message names the first key that is wrong and what was expected.
    """
    if not isinstance(content, dict):
        raise UsageError(f"{source}: expected a mapping of keys at the top level, found {type(content).__name__}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first, count = error.errors()[0], error.error_count()
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        more = f" (and {count - 1} more)" if count > 1 else ""
        raise UsageError(f"{source}: key '{key}': {first['msg']}{more}") from None
