"""Tool calls as organisms write them: the form that vLLM's and SGLang's `hermes` parsers read."""

import json
import re
from collections.abc import Sequence

CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


def written_call(name: str) -> str:
    """A call without arguments."""
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': {}})}\n</tool_call>"


def split_calls(text: str) -> tuple[str, list[str]]:
    """A reply without its calls, and the names of the tools called.

    A call that is no JSON object with a name stays in the text.
    """
    names: list[str] = []

    def taken(found: re.Match[str]) -> str:
        try:
            name = json.loads(found[1]).get("name")
        except ValueError:
            return found[0]
        if not isinstance(name, str):
            return found[0]
        names.append(name)
        return ""

    return CALL.sub(taken, text).strip(), names


def described(tools: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """Names and descriptions of tools, as chat templates take them."""
    return [{"type": "function", "function": {"name": name, "description": about}} for name, about in tools]
