"""Durable by replay: every draw has a name made of its content, so that a strategy run again is handed what is stored.

The name is the request's content and its occurrence, not a call counter: concurrent branches ask in any order, and equal
requests are exchangeable draws.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from ..domain.seeds import derive_seed
from ..domain.types import Decoding, Message
from ..models import Sample


@dataclass(frozen=True)
class Draw:
    """One sample asked for: its name in the journal, its place in the attempt, its seed, and its row if it is stored."""

    key: tuple[str, int]
    index: int
    seed: int
    stored: Sample | None


class Journal:
    """One attempt's draws. `identity` names the attempt for its seeds: run seed, condition, problem, repeat."""

    def __init__(self, identity: tuple, stored: Iterable[Sample] = ()):
        self._identity = identity
        self._stored = {(row.request_hash, row.occurrence): row for row in stored}
        self._occurrences: Counter[str] = Counter()
        self._taken = {row.index for row in self._stored.values()}
        self._lowest_free = 0

    def draw(self, messages: tuple[Message, ...], decoding: Decoding, purpose: str = "answer") -> Draw:
        """The next draw of this request. A stored one keeps its index; a new one takes the lowest that is free."""
        name = request_hash(messages, decoding, purpose)
        key = (name, self._occurrences[name])
        self._occurrences[name] += 1
        stored = self._stored.get(key)
        index = stored.index if stored else self._free_index()
        return Draw(key, index, derive_seed(*self._identity, *key), stored)

    def _free_index(self) -> int:
        while self._lowest_free in self._taken:
            self._lowest_free += 1
        self._taken.add(self._lowest_free)
        return self._lowest_free


def request_hash(messages: tuple[Message, ...], decoding: Decoding, purpose: str) -> str:
    """32 hex digits of what is asked. Decoding options at their default are left out, so new ones change no old name."""
    content = {
        "messages": [[message.role, message.content] for message in messages],
        "decoding": decoding.model_dump(mode="json", exclude_defaults=True),
        "purpose": purpose,
    }
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]
