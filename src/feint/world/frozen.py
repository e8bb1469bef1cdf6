"""A mapping that cannot be changed."""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

Value = TypeVar("Value")


class FrozenDict(dict[str, Value]):
    """A `dict` with a hash and without ways to change it.

    It stays a `dict`, so that pydantic, JSON writers and `==` treat it as one; order of keys is kept and, as for every
    mapping, does not count in a comparison.
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a FrozenDict cannot be changed; build another with `put` or `drop`")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __copy__(self) -> "FrozenDict[Value]":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "FrozenDict[Value]":
        # what it holds cannot be changed either
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


def put(mapping: Mapping[str, Value], key: str, value: Value) -> FrozenDict[Value]:
    """A mapping with one key set; a new key comes last."""
    return FrozenDict({**mapping, key: value})


def drop(mapping: Mapping[str, Value], key: str) -> FrozenDict[Value]:
    """A mapping without one key."""
    return FrozenDict({own: value for own, value in mapping.items() if own != key})


def frozen(value: Any) -> Any:
    """JSON data whose lists are tuples and whose mappings cannot be changed."""
    if isinstance(value, Mapping):
        return FrozenDict({key: frozen(own) for key, own in value.items()})
    return tuple(frozen(own) for own in value) if isinstance(value, (list, tuple)) else value
