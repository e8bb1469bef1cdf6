"""Keep arguments for a log: immutable, bounded, and writable as JSON, whatever a model gave."""

from collections.abc import Mapping
from typing import Any

from feint.world.frozen import FrozenDict
from feint.world.limits import MAX_DEPTH, MAX_NAME, MAX_NUMBER

ENTRY = 8
"""Characters that an entry counts beside its text: its quotes, commas, and any number of usual length."""


def keep(arguments: Any, limit: int) -> FrozenDict[Any]:
    """Copy arguments for a log.

    Args:
        arguments: The given arguments; anything but a mapping is kept as an empty mapping.
        limit: Characters that are kept; the rest is left out, and a text that is cut ends in "…".

    >>> keep({"path": "a" * 30, "more": [1, 2]}, 40)
    {'path': 'aaaaaaaaaaaaaaaaaaaa…'}
    """
    kept = _Keeper(limit).keep(arguments, 0) if isinstance(arguments, Mapping) else None
    return kept if isinstance(kept, FrozenDict) else FrozenDict()


def seen(text: str) -> str:
    r"""Make text writable as UTF-8: halves of surrogate pairs become escapes.

    >>> seen("a\ud800")
    'a\\ud800'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class _Keeper:
    """Walks through a value and stops when its characters are used up."""

    def __init__(self, left: int) -> None:
        self.left = left

    def keep(self, value: Any, depth: int) -> Any:
        self.left -= ENTRY
        if isinstance(value, str):
            return self._text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            # not every number is one in JSON, and one of thousands of digits cannot even be printed
            return value if -MAX_NUMBER <= value <= MAX_NUMBER else "(a number out of range)"
        if depth >= MAX_DEPTH:
            return "(nested too deep)"
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, (list, tuple)):
            kept = []
            for one in value:
                if self.left <= 0:
                    break
                kept.append(self.keep(one, depth + 1))
            return tuple(kept)
        return f"(a {seen(type(value).__name__[:MAX_NAME])})"

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        kept: dict[str, object] = {}
        for key, one in value.items():
            if self.left <= 0:
                break
            name = key if isinstance(key, str) else f"(a {type(key).__name__})"
            name = self._text(name[:MAX_NAME])
            kept[name] = self.keep(one, depth + 1)
        return FrozenDict(kept)

    def _text(self, text: str) -> str:
        kept = text[: max(self.left, 0)]
        self.left -= len(kept)
        return seen(kept) + ("…" if len(kept) < len(text) else "")
