"""Every text as one that every database holds, and back.

Models and endpoints write what PostgreSQL refuses in text and in JSON (U+0000) and what has no form in UTF-8 (half of a
surrogate pair). Both are part of the answer: a strategy that is played back must be handed what it was handed before. So
they are stored as U+FDD0, which Unicode keeps for a program's own use, and four digits.
"""

import re
from typing import Any

_MARK = "\ufdd0"
_ODD = re.compile(f"[\0\ud800-\udfff{_MARK}]")
_STORED = re.compile(f"{_MARK}(0000|d[89a-f][0-9a-f]{{2}}|fdd0)")


def storable(text: str) -> str:
    """The text with what cannot be stored written out."""
    return _ODD.sub(lambda odd: f"{_MARK}{ord(odd.group()):04x}", text)


def restored(text: str) -> str:
    """What `storable` was given."""
    return _STORED.sub(lambda stored: chr(int(stored.group(1), 16)), text) if _MARK in text else text


def storable_json(value: Any) -> Any:
    """The same for every text in plain JSON data, keys as well."""
    return _in_each_text(storable, value)


def restored_json(value: Any) -> Any:
    return _in_each_text(restored, value)


def _in_each_text(change, value: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key) if isinstance(key, str) else key: _in_each_text(change, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_in_each_text(change, each) for each in value]
    return value
