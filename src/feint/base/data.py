"""Read whole files, checked by pydantic: text, JSON, YAML, front matter. A `UsageError` names the file and the key."""

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
    """Read a UTF-8 file, without a byte order mark; a file named .gz is unpacked."""
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.name.endswith(".gz") else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error}); save it as UTF-8") from None


def parse_json(text: str, where: str) -> Any:
    """Parse one JSON value; the error of a text that is no JSON names the place `where`.

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


def parse_yaml(text: str, where: str) -> Any:
    """Parse YAML, in which no Python object can be named.

    >>> parse_yaml("cells: {rated: yes}", "a.yaml:")
    {'cells': {'rated': True}}
    """
    try:
        return yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise UsageError(f"{where} not valid YAML: {' '.join(str(error).split())}") from None


def read_yaml(path: Traversable | Path) -> Any:
    """Parse one YAML file."""
    return parse_yaml(read_text(path), f"{path}:")


def read_front_matter(path: Traversable | Path) -> tuple[dict[str, object], str]:
    """Read a template file: the keys between two lines of three dashes, and the template after them."""
    parts = read_text(path).replace("\r\n", "\n").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise UsageError(f"{path}: expected front matter between two lines of '---' before the template")
    front = parse_yaml(parts[1], f"{path}: front matter is")
    if not isinstance(front, dict):
        raise UsageError(f"{path}: front matter: expected a mapping of keys, such as 'name: compliance'")
    return front, parts[2]


def checked(model: type[Model], content: object, source: object) -> Model:
    """Validate parsed data of a file `source`; the error names the first wrong key and the expected value.

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
