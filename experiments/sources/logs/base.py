"""What every reader of logs ends in, and what they share."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...domain.errors import InvalidInput

LARGEST_LOG = 200_000_000


@dataclass(frozen=True)
class Record:
    """One answer to one problem. `prompt` names the wording and `template` is its text, as far as the log tells them.

    The same model, prompt and problem again is a further repeat. `score` is in [0, 1] or None; `is_right` is None where the
    tool did not judge the answer. `model` is empty where the log does not name it.
    """

    model: str
    prompt: str
    problem: str
    question: str
    targets: tuple[str, ...]
    text: str
    choices: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    template: str = "{{ question }}"
    is_right: bool | None = None
    score: float | None = None
    extracted: str | None = None
    explanation: str = ""
    error: str = ""
    is_cut_off: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True)
class Log:
    """A file's records. `tool` is what wrote it, `name` its task or data set."""

    tool: str
    name: str
    records: tuple[Record, ...]


def parsed(text: str | bytes, where: str) -> Any:
    """The JSON value; NaN and infinities, which some tools write, become None. Raises InvalidInput naming the place."""
    try:
        return json.loads(text, parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{where} is not JSON: {error}. Nothing was imported.") from None


def mapping(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def words(value: Any) -> str:
    """The value as a text: strings as they are, nothing as an empty text, all else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def texts(value: Any) -> tuple[str, ...]:
    """One text or a list of them, as several; nothing as none."""
    return tuple(words(each) for each in (value if isinstance(value, list) else [value]) if each is not None)


def amount(value: Any) -> float:
    """The number where it is one from 0 on, else 0."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) and value >= 0 else 0


def unit(value: Any) -> float | None:
    """The score where it is a truth value or a number from 0 to 1, else None."""
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None


def check_storable(records: tuple[Record, ...]) -> None:
    """Raises InvalidInput for the characters that JSON can escape and databases do not store."""
    for record in records:
        for text in _strings(vars(record)):
            if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
                raise InvalidInput(
                    f"Problem “{ascii(record.problem)[1:-1]}” holds a NUL character or half of a surrogate pair, "
                    "which no database stores. Nothing was imported."
                )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
