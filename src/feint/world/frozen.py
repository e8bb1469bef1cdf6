"""A mapping that cannot be changed."""

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

Value = TypeVar("Value")


class FrozenDict(dict[str, Value]):
    """A `dict` with a hash and without ways to change it.

    The class is a `dict` for pydantic, JSON writers and `==`. The order of keys is kept and, as for every mapping, does
    not count in a comparison.
    """

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a FrozenDict cannot be changed: build another with `put` or `drop`")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __copy__(self) -> "FrozenDict[Value]":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "FrozenDict[Value]":
        # the values cannot be changed either
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


def put(mapping: Mapping[str, Value], key: str, value: Value) -> FrozenDict[Value]:
    """Copy a mapping with one key set; a new key comes last.

    >>> put({"a": 1}, "b", 2)
    {'a': 1, 'b': 2}
    """
    return FrozenDict({**mapping, key: value})


def drop(mapping: Mapping[str, Value], key: str) -> FrozenDict[Value]:
    """Copy a mapping without one key.

    >>> drop({"a": 1, "b": 2}, "a")
    {'b': 2}
    """
    return FrozenDict({own: value for own, value in mapping.items() if own != key})


def frozen(value: Any) -> Any:
    """Freeze JSON data: lists become tuples, mappings become `FrozenDict`.

    >>> frozen({"a": [1, {"b": 2}]})
    {'a': (1, {'b': 2})}
    """
    if isinstance(value, Mapping):
        return FrozenDict({key: frozen(own) for key, own in value.items()})
    return tuple(frozen(own) for own in value) if isinstance(value, (list, tuple)) else value
