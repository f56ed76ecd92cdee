"""JSON that gives back what went in: tuples stay tuples, and keys that are no text keep their type."""

from typing import Any

_TUPLE, _ITEMS = "__tuple__", "__items__"


def pack(value: Any) -> Any:
    """The value as plain JSON data. Raises TypeError for anything but None, bool, numbers, text, lists, tuples and dicts."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list):
        return [pack(item) for item in value]
    if isinstance(value, tuple):
        return {_TUPLE: [pack(item) for item in value]}
    if isinstance(value, dict):
        if all(type(key) is str and key not in (_TUPLE, _ITEMS) for key in value):
            return {key: pack(item) for key, item in value.items()}
        return {_ITEMS: [[pack(key), pack(item)] for key, item in value.items()]}
    raise TypeError(f"{type(value).__name__} has no exact form in JSON")


def unpack(packed: Any) -> Any:
    """What `pack` was given."""
    if isinstance(packed, list):
        return [unpack(item) for item in packed]
    if not isinstance(packed, dict):
        return packed
    if _TUPLE in packed:
        return tuple(unpack(item) for item in packed[_TUPLE])
    if _ITEMS in packed:
        return {unpack(key): unpack(item) for key, item in packed[_ITEMS]}
    return {key: unpack(item) for key, item in packed.items()}
