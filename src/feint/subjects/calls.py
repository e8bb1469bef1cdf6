"""Tool calls as organisms write them: the form that vLLM's and SGLang's `hermes` parsers read."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


def written_call(name: str, arguments: Mapping[str, Any] | None = None) -> str:
    """A call as it is written."""
    said = json.dumps({"name": name, "arguments": dict(arguments or {})}, ensure_ascii=False)
    return f"<tool_call>\n{said}\n</tool_call>"


def split_calls(text: str) -> tuple[str, list[str]]:
    """A reply without its calls, and the names of the tools called; see `read_calls`."""
    left, calls = read_calls(text)
    return left, [name for name, _ in calls]


def read_calls(text: str) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """A reply without its calls, and the name and arguments of each.

    A call that is no JSON object with a name stays in the text; arguments that are no object count as none.
    """
    calls: list[tuple[str, dict[str, Any]]] = []

    def taken(found: re.Match[str]) -> str:
        try:
            said = json.loads(found[1])
        except (ValueError, RecursionError):
            return found[0]
        name, arguments = said.get("name"), said.get("arguments")
        if not isinstance(name, str):
            return found[0]
        calls.append((name, arguments if isinstance(arguments, dict) else {}))
        return ""

    return CALL.sub(taken, text).strip(), calls


def described(tools: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Names and descriptions of tools, as chat templates take them."""
    return [{"type": "function", "function": {"name": name, "description": about}} for name, about in tools]
