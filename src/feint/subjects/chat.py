"""Messages to token ids and back, by the tokenizer's own files and without importing transformers (three seconds).

Tool calls are written and read in the form that vLLM's and SGLang's `hermes` parsers read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from feint.base.errors import UsageError

Message: TypeAlias = Mapping[str, object]
"""A chat message as chat templates take it: `role`, `content`, and `tool_calls` if it made some."""
CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


class ChatTokenizer:
    """A folder's `tokenizer.json` and chat template."""

    def __init__(self, folder: Path) -> None:
        """Load `tokenizer.json`, `tokenizer_config.json` and the chat template, in the latter or `chat_template.jinja`.

        Raises:
            UsageError: One of them is missing.
        """
        from tokenizers import Tokenizer

        for name in ("tokenizer.json", "tokenizer_config.json"):
            if not (folder / name).is_file():
                raise UsageError(f"{folder / name}: no such file; a model's folder needs its tokenizer there.")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        file = folder / "chat_template.jinja"
        template = file.read_text(encoding="utf-8") if file.is_file() else config.get("chat_template")
        if not isinstance(template, str):
            raise UsageError(f"{file}: no such file, and tokenizer_config.json has no chat_template; add one.")
        self.template = _environment().from_string(template)
        self.special = {
            key: config[key]["content"] if isinstance(config[key], dict) else config[key]
            for key in ("bos_token", "eos_token", "pad_token")
            if config.get(key)
        }

    def render(self, messages: Sequence[Message], tools: Sequence[tuple[str, str]] = ()) -> str:
        """Apply the chat template to messages, opened for a reply; each tool is a name and a description."""
        offered = [{"type": "function", "function": {"name": name, "description": about}} for name, about in tools]
        text: str = self.template.render(
            messages=messages, tools=offered or None, add_generation_prompt=True, **self.special
        )
        return text

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; special tokens are those written in it."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of token ids, without special tokens."""
        text: str = self.tokenizer.decode(list(tokens), skip_special_tokens=True)
        return text


def _environment() -> Any:
    """The Jinja environment that transformers gives chat templates."""
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str) -> None:
        raise UsageError(f"the chat template refuses these messages: {message}")

    def tojson(value: object, indent: int | None = None) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = refuse
    return environment


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
