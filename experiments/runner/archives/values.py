"""A column's value as plain JSON and back, the same from every database."""

import base64
import math
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import models

from ...domain.storable import restored, restored_json, storable, storable_json
from ...models.exact import ExactCharField, ExactJSONField, ExactTextField

#: By the kind of a whole-number column, what every database can keep in it.
_RANGES = {
    "PositiveSmallIntegerField": (0, 2**15 - 1),
    "PositiveIntegerField": (0, 2**31 - 1),
    "PositiveBigIntegerField": (0, 2**63 - 1),
    "IntegerField": (-(2**31), 2**31 - 1),
    "BigIntegerField": (-(2**63), 2**63 - 1),
}
_INFINITE = {"inf": math.inf, "-inf": -math.inf}


def writer(field: models.Field) -> Callable[[Any], Any]:
    """What makes plain JSON of the field's values. Raises TypeError for a kind of field that archives do not know."""
    return _kind_of(field)[0]


def reader(field: models.Field) -> Callable[[Any], Any]:
    """What makes the field's values of plain JSON, or raises ValueError with the rest of a sentence about the column."""
    read = partial(_kind_of(field)[1], field)
    choices = {value for value, _ in field.flatchoices}

    def checked(value: Any) -> Any:
        if value is None and field.null:
            return None
        found = read(value)
        if choices and found not in choices and not (found == "" and field.blank):
            raise ValueError(f"is none of {', '.join(map(str, sorted(choices)))}")
        return found

    return checked


def storable_text(text: Any, longest: int | None = None) -> str:
    """The text, if every database can keep it."""
    if not isinstance(text, str):
        raise ValueError("is not text")
    if longest is not None and len(text) > longest:
        raise ValueError(f"is longer than {longest} characters")
    if "\0" in text:
        raise ValueError("holds a NUL character, which no database stores")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds half of a surrogate pair, which no database stores")
    return text


def whole_number(value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is not a whole number")
    if not least <= value <= most:
        raise ValueError(f"is not from {least} to {most}")
    return value


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("holds a number that is too large")
    return value


def _write_number(value: float | None) -> float | str | None:
    return value if value is None or math.isfinite(value) else str(value)


def _write_exact_text(value: str | None) -> str | None:
    return None if value is None else storable(value)


def _write_bytes(value: bytes | memoryview | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _write_moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()


def _same(value: Any) -> Any:
    return value


def _read_text(field: models.Field, value: Any) -> str:
    return storable_text(value, field.max_length)


def _read_exact_text(field: models.Field, value: Any) -> str:
    return restored(_read_text(field, value))


def _read_whole(field: models.Field, value: Any) -> int:
    return whole_number(value, *_RANGES[field.get_internal_type()])


def _read_number(field: models.Field, value: Any) -> float:
    if isinstance(value, str) and value in _INFINITE:
        return _INFINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("is too large a number")
    return number


def _read_flag(field: models.Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _read_json(field: models.Field, value: Any) -> Any:
    kinds = (field.default,) if field.default in (dict, list) else (dict, list)
    if not isinstance(value, kinds):
        raise ValueError(f"is not {' or '.join('an object' if kind is dict else 'a list' for kind in kinds)}")
    return restored_json(_storable(value))


def _read_bytes(field: models.Field, value: Any) -> bytes:
    try:
        return base64.b64decode(storable_text(value), validate=True)
    except ValueError:
        raise ValueError("is not base64") from None


def _read_moment(field: models.Field, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(storable_text(value))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("is not a time with its zone, such as 2026-01-31T12:00:00+00:00")


#: The more special ones first. Exact texts stand in the file as they do in a database, without what none can keep.
_KINDS: tuple[tuple[type[models.Field], Callable, Callable], ...] = (
    (ExactCharField, _write_exact_text, _read_exact_text),
    (ExactTextField, _write_exact_text, _read_exact_text),
    (ExactJSONField, storable_json, _read_json),
    (models.CharField, _same, _read_text),
    (models.TextField, _same, _read_text),
    (models.BooleanField, _same, _read_flag),
    (models.IntegerField, _same, _read_whole),
    (models.FloatField, _write_number, _read_number),
    (models.BinaryField, _write_bytes, _read_bytes),
    (models.DateTimeField, _write_moment, _read_moment),
)


def _kind_of(field: models.Field) -> tuple[Callable, Callable]:
    for kind, write, read in _KINDS:
        if isinstance(field, kind):
            return write, read
    raise TypeError(f"Archives do not know how to write {field}. Add its kind to archives/values.py.")
