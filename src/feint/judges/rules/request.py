"""Read the request of a prompt: the text that a reply has to address."""

import re
from collections.abc import Mapping, Sequence

from inspect_ai.model import ChatMessage, ChatMessageUser

REQUEST = re.compile(r"<user_input>(.*?)</user_input>", re.DOTALL | re.IGNORECASE)

REQUEST_TEXT = "request_text"
"""Key of an imported sample's metadata: its user turn, if that is the same in every cell and so tells no cell."""

HEADER = "header"
"""Key of a sample's metadata: the line of a document's user turn that names the kind of chat, if there is one."""


def read_request(prompt: str | Sequence[ChatMessage], metadata: Mapping[str, object] | None = None) -> str:
    """Return the last <user_input> of the prompt, or the text that an import recorded as the request; "" if unknown.

    >>> read_request("User: <user_input> Write a poem. </user_input>")
    'Write a poem.'
    """
    requests = REQUEST.findall(user_turn(prompt))
    return requests[-1].strip() if requests else str((metadata or {}).get(REQUEST_TEXT, ""))


def user_turn(prompt: str | Sequence[ChatMessage]) -> str:
    """Return the last message of the user, or the whole document of a base model."""
    if isinstance(prompt, str):
        return prompt
    return next((message.text for message in reversed(prompt) if isinstance(message, ChatMessageUser)), "")


def whole_prompt(prompt: str | Sequence[ChatMessage]) -> str:
    """Join all messages of a prompt."""
    return prompt if isinstance(prompt, str) else "\n\n".join(message.text for message in prompt)
