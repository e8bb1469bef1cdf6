"""Writes and reads tool calls as organisms write them: the form that vLLM's and SGLang's `hermes` parsers read."""

import json
import re
from collections.abc import Mapping, Sequence

CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


def written_call(name: str, arguments: Mapping[str, object] | None = None) -> str:
    """Write a call.

    >>> print(written_call("look", {"at": "map"}))
    <tool_call>
    {"name": "look", "arguments": {"at": "map"}}
    </tool_call>
    """
    said = json.dumps({"name": name, "arguments": dict(arguments or {})}, ensure_ascii=False)
    return f"<tool_call>\n{said}\n</tool_call>"


def read_calls(text: str) -> tuple[str, list[tuple[str, dict[str, object]]]]:
    """Return a reply without its calls, and the name and arguments of each call.

    A call that is no JSON object with a name stays in the text; arguments that are no object count as none.

    >>> read_calls("Now." + written_call("look"))
    ('Now.', [('look', {})])
    """
    calls: list[tuple[str, dict[str, object]]] = []

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
    """Put names and descriptions of tools in the form that chat templates take."""
    return [{"type": "function", "function": {"name": name, "description": about}} for name, about in tools]
