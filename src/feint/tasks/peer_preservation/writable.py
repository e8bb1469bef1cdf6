"""Make the message of a model fit for the log.

Inspect writes a message that is input again as strict JSON. A message without a JSON form ends the whole eval, not just
its sample. Therefore values without a JSON form are replaced at once. The copy that Inspect logged when the message
arrived is changed too: Inspect writes a whole number of more than 4,300 digits, such as YAML's 0xfff…, without an
error, and then no sample of the log can be read again.
"""

from collections.abc import Mapping
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessageAssistant
from pydantic_core import PydanticSerializationError

from feint.world import seen

DEEPEST = 50
"""Nesting of arguments that is kept; Inspect refuses calls from 100 on, and no tool takes more than 2."""
MOST_BITS = 1_000
"""Size of whole numbers that are kept. One of 4,300 digits cannot be printed, not even in an error."""
HUGE = 1e300


def spell_out(message: ChatMessageAssistant) -> None:
    """Change a message in place if it has no JSON form: halves of surrogate pairs, numbers of thousands of digits,
    nesting without end. Other messages stay as they are.
    """
    if not _spell(message):
        return
    logged = next((event for event in reversed(transcript().events) if isinstance(event, ModelEvent)), None)
    for choice in logged.output.choices if logged else ():
        if choice.message.id == message.id:
            _spell(choice.message)


def _spell(message: ChatMessageAssistant) -> bool:
    """Spell out one copy; says whether anything changed."""
    changed = False
    for call in message.tool_calls or []:
        spelt = writable(call.arguments)
        changed, call.arguments = changed or spelt != call.arguments, spelt
    try:
        message.model_dump_json()
    except (PydanticSerializationError, UnicodeEncodeError):
        fit = ChatMessageAssistant.model_validate(writable(message.model_dump()))
        message.content, message.tool_calls, message.metadata = fit.content, fit.tool_calls, fit.metadata
        changed = True
    return changed


def writable(value: Any, depth: int = 0) -> Any:
    """Replace the parts of a value, which is `depth` deep in the whole, that JSON cannot write and read again.

    Beside JSON's kinds, arguments hold those that YAML has: dates, sets, bytes, keys of any kind.

    >>> writable({1: {3, 2}, "wide": 10**400})
    {'1': ['2', '3'], 'wide': 1e+300}
    """
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= MOST_BITS else HUGE if value > 0 else -HUGE
    if isinstance(value, (Mapping, list, tuple, set, frozenset)) and depth >= DEEPEST:
        return "(nested too deep)"
    if isinstance(value, Mapping):
        return {_key(key): writable(own, depth + 1) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [writable(own, depth + 1) for own in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_key(own) for own in value)
    return _key(value)


def _key(value: Any) -> str:
    """Something as text, whatever it is."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return seen(str(writable(value) if isinstance(value, (int, tuple)) else value))
