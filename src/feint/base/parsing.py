"""Parse JSON and YAML from anywhere: a text that does not fit is told of in one `UsageError` with the line."""

import json
import re
from collections.abc import Iterable
from typing import Any

import yaml

from feint.base.errors import UsageError

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, several times as fast where PyYAML comes with libyaml."""
DEEPEST = 100
"""Levels of nested YAML at most."""
SUSPECT = 1000
"""Signs that may nest YAML, from which its depth is measured before it is parsed: libyaml crashes at some 100,000."""
MOST_NODES = 1_000_000
"""Values of a YAML text at most, with each value counted as often as aliases repeat it."""
TEXT, MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
BREAKS = {0x85: "\ue085", 0x2028: "\ue028", 0x2029: "\ue029"}
"""Characters that YAML 1.1 takes for line breaks, and private characters that stand for them while YAML is parsed."""
RESTORED = {ord(private): chr(code) for code, private in BREAKS.items()}
HALF = re.compile("[\ud800-\udfff]")
HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


class TwiceError(ValueError):
    """A key that stands twice in one mapping."""


def parse_json(text: str, where: str) -> Any:
    """Parse one JSON value; the error of a text that is no JSON names the place `where`.

    Half a character (a lone surrogate, as programs write that cut a text within an emoji) becomes U+FFFD: no file can
    hold it.

    >>> parse_json("[1, true]", "a.json")
    [1, True]

    Raises:
        UsageError: The text is no JSON, or an object has a key twice.
    """
    try:
        value = json.loads(text, object_pairs_hook=once)
        return whole(value) if HALF_ESCAPED.search(text) else value
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise UsageError(f"{where}: not valid JSON ({error.msg} at {line}column {error.colno})") from None
    except TwiceError as error:
        number = line_of_twice(text)
        line = f", line {number}" if number > 1 else ""
        raise UsageError(f"{where}{line}: key '{error}' stands twice in one object; remove one of the two") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not valid JSON ({error})") from None


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make a JSON object; raises `TwiceError` if a key stands twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        raise TwiceError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def line_of_twice(text: str) -> int:
    r"""Find the line on which the first key stands that its JSON object has already; 0 without one.

    >>> line_of_twice('{"a": {"b": 1},\n "b": 2,\n "a": 3}')
    3
    """
    objects: list[set[str]] = []
    for token in re.finditer(r'("(?:[^"\\]|\\.)*")(\s*:)?|[\[\]{}]', text):
        if token[0] in "[{":
            objects.append(set())
        elif token[0] in "]}":
            objects.pop()
        elif token[2]:
            key = json.loads(token[1], strict=False)
            if key in objects[-1]:
                return text[: token.start()].count("\n") + 1
            objects[-1].add(key)
    return 0


def whole(value: Any) -> Any:
    """Replace half characters in all texts of a JSON value."""
    if isinstance(value, str):
        return HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [whole(one) for one in value]
    return {whole(key): whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def parse_yaml(text: str, where: str) -> Any:
    """Parse YAML, in which no Python object can be named; `where` begins the error, as "a.yaml:" does.

    Lines end at CR and LF only. Half a character becomes U+FFFD, as in JSON.

    >>> parse_yaml("cells: {rated: yes}", "a.yaml:")
    {'cells': {'rated': True}}

    Raises:
        UsageError: The text is no YAML, a mapping has a key twice, or values are too deep or too many.
    """
    loader = None
    try:
        odd = any(chr(code) in text for code in BREAKS)
        text = HALF.sub("\ufffd", text.translate(BREAKS) if odd else text)
        # Events are not nested: their depth can be measured where a tree would crash.
        if sum(map(text.count, "[{-?")) > SUSPECT or len(text) > SUSPECT * SUSPECT:
            check_depth(yaml.parse(text, Loader=LOADER))
        loader = LOADER(text)
        node = loader.get_single_node()
        if node is None:
            return None
        check_nodes(node, loader, restore=odd)
        return loader.construct_document(node)
    except TwiceError as error:
        raise UsageError(f"{where} {error}") from None
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError, TypeError) as error:
        raise UsageError(f"{where} not valid YAML: {' '.join(str(error).split())}") from None
    finally:
        if loader is not None:
            loader.dispose()


def check_depth(events: Iterable[Any]) -> None:
    """Check that the events of a YAML text nest no deeper than `DEEPEST`."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.YAMLError(f"line {event.start_mark.line + 1}: nested more than {DEEPEST} levels deep")


def check_nodes(root: Any, loader: Any, *, restore: bool) -> None:
    """Check that no mapping has a key twice, that nothing is too deep, and that aliases repeat no more than allowed.

    `restore` gives texts back the characters that stood for line breaks while the text was parsed.
    """
    sizes: dict[int, int] = {}

    def size_of(node: Any, depth: int) -> int:
        line = node.start_mark.line + 1
        if (known := sizes.get(id(node))) is not None:
            if not known:
                raise yaml.YAMLError(f"line {line}: a value that holds itself")
            return known
        if depth > DEEPEST:
            raise yaml.YAMLError(f"line {line}: nested more than {DEEPEST} levels deep")
        sizes[id(node)] = 0
        size = 1
        if isinstance(node, yaml.ScalarNode):
            node.value = node.value.translate(RESTORED) if restore else node.value
        else:
            mapping = isinstance(node, yaml.MappingNode)
            if mapping:
                check_keys(node, loader)
            for inner in (one for pair in node.value for one in pair) if mapping else node.value:
                size += size_of(inner, depth + 1)
        if size > MOST_NODES:
            raise yaml.YAMLError(f"line {line}: aliases repeat more than {MOST_NODES:,} values")
        sizes[id(node)] = size
        return size

    size_of(root, 0)


def check_keys(node: Any, loader: Any) -> None:
    """Check that a YAML mapping has no key twice, in whatever spelling; raises `TwiceError` with the lines."""
    seen: dict[object, int] = {}
    for key, _ in node.value:
        value = key.value if key.tag in (TEXT, MERGE) else loader.construct_object(key, deep=True)
        line = key.start_mark.line + 1
        if value in seen:
            raise TwiceError(
                f"line {line}: key '{key.value}' stands already in line {seen[value]}; remove one of the two"
            )
        seen[value] = line
