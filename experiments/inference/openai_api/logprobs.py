"""Log-probabilities in the two forms endpoints send them: a list of entries (chat), or parallel lists (raw completions)."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..base import TokenChance

#: Endpoints name tokens by their text only.
_NO_ID = -1


class Token(NamedTuple):
    """One token. `likeliest` are the alternatives at its place, likeliest first; empty where none were sent.

    `logprob` is None where no finite number came, as for the first token of a text. `offset` is its place in the text in
    characters, where told.
    """

    text: str
    logprob: float | None
    likeliest: tuple[TokenChance, ...] = ()
    offset: int | None = None


def tokens_of(told: Any) -> Iterator[Token]:
    """The tokens of a choice's `logprobs`, be they chat's or raw completions'."""
    if not isinstance(told, dict):
        return
    if isinstance(told.get("content"), list):
        for entry in told["content"]:
            if isinstance(entry, dict):
                likeliest = _from_entries(entry.get("top_logprobs"))
                yield Token(str(entry.get("token", "")), _finite(entry.get("logprob")), likeliest)
    elif isinstance(told.get("token_logprobs"), list):
        numbers = told["token_logprobs"]
        texts, tops, offsets = (_as_long(told.get(name), len(numbers)) for name in ("tokens", "top_logprobs", "text_offset"))
        for text, number, top, offset in zip(texts, numbers, tops, offsets, strict=True):
            yield Token(str(text or ""), _finite(number), _from_names(top), offset if isinstance(offset, int) else None)


def _from_entries(entries: Any) -> tuple[TokenChance, ...]:
    known = [entry for entry in entries or () if isinstance(entry, dict)]
    return _ordered((str(entry.get("token", "")), entry.get("logprob")) for entry in known)


def _from_names(numbers: Any) -> tuple[TokenChance, ...]:
    if not isinstance(numbers, dict):
        return ()
    return _ordered(numbers.items())


def _ordered(told: Iterable[tuple[str, Any]]) -> tuple[TokenChance, ...]:
    chances = (TokenChance(_NO_ID, text, value) for text, number in told if (value := _finite(number)) is not None)
    return tuple(sorted(chances, key=lambda chance: -chance.logprob))


def _as_long(values: Any, n: int) -> list[Any]:
    return values if isinstance(values, list) and len(values) == n else [None] * n


def _finite(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
