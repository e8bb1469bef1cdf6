"""Read whole files: text, JSON, YAML and front matter, checked by pydantic; errors name the file and the key."""

import gzip
import json
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from feint.base.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, several times as fast where PyYAML comes with libyaml."""


def read_text(path: Traversable | Path) -> str:
    """Read a UTF-8 file, without a byte order mark; a file named .gz is unpacked.

    Raises:
        UsageError: The file is missing, cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.name.endswith(".gz") else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8") from None


def parse_json(text: str, where: str) -> Any:
    """Parse one JSON value.

    Args:
        text: The JSON text.
        where: The place of the text, for the error.

    Raises:
        UsageError: The text is no JSON.

    >>> parse_json("[1, true]", "a.json")
    [1, True]
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise UsageError(f"{where}: not valid JSON ({error.msg} at {line}column {error.colno})") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not valid JSON ({error})") from None


def parse_yaml(text: str) -> Any:
    """Parse YAML, in which no Python object can be named.

    Raises:
        yaml.YAMLError: The text is no YAML.

    >>> parse_yaml("cells: {rated: yes}")
    {'cells': {'rated': True}}
    """
    return yaml.load(text, Loader=LOADER)


def read_yaml(path: Traversable | Path) -> Any:
    """Parse one YAML file.

    Raises:
        UsageError: The file is missing, is not text or is not YAML.
    """
    try:
        return parse_yaml(read_text(path))
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None


def read_front_matter(path: Traversable | Path) -> tuple[dict[str, object], str]:
    """Read a template file: YAML front matter between two lines of three dashes, then the template.

    Returns:
        The keys of the front matter, and the template.

    Raises:
        UsageError: The file cannot be read, or has no front matter.
    """
    parts = read_text(path).replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise UsageError(f"{path}: expected front matter between two lines of '---' before the template")
    try:
        front = parse_yaml(parts[1])
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: front matter is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(front, dict):
        raise UsageError(f"{path}: front matter: expected a mapping of keys, such as 'name: compliance'")
    return front, parts[2]


def checked(model: type[Model], content: object, source: object) -> Model:
    """Validate parsed data against a pydantic model.

    Args:
        model: The model of the data.
        content: The parsed data.
        source: The file of the data, for the error.

    Raises:
        UsageError: The data does not fit; the message names the first wrong key and the expected value.

    >>> class Size(BaseModel):
    ...     width: int
    >>> checked(Size, {"width": "wide"}, "size.yaml")
    Traceback (most recent call last):
    feint.base.errors.UsageError: size.yaml: key 'width': Input should be a valid integer, unable to parse ...
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
