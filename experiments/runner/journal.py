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
from ..domain.types import Continuation, Decoding, Message, Purpose
from ..models import Sample


@dataclass(frozen=True)
class Ask:
    """What is asked of a language model: the condition's, or the entry of this name.

    `verifier` asks where it is a judge's text; `about` tells its questions about one sample from those about an equal one.
    With `continuations` no text is written; it is asked how likely each of them begins the answer. With `rates` neither;
    it is asked for the reward of the last message. `inserted` only says what of the prefix is no part of the answer.
    """

    messages: tuple[Message, ...]
    decoding: Decoding
    purpose: Purpose = Purpose.ANSWER
    prefix: str = ""
    continuations: tuple[Continuation, ...] = ()
    verifier: str = ""
    about: str = ""
    language_model: str = ""
    rates: bool = False
    inserted: str = ""


_SPECIAL = ("prefix", "continuations", "verifier", "about", "language_model", "rates")


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
        self.identity = identity
        self._stored = {(row.request_hash, row.occurrence): row for row in stored}
        self._occurrences: Counter[str] = Counter()
        # Judges are numbered for themselves, so that the answers of a pool are 0 to N - 1.
        self._indexes = {True: Indexes(), False: Indexes()}
        for row in self._stored.values():
            self._indexes[row.purpose == Purpose.JUDGE].take(row.index)

    def draw(self, ask: Ask) -> Draw:
        """The next draw of this request. A stored one keeps its index; a new one takes the lowest that is free."""
        name = request_hash(ask)
        key = (name, self._occurrences[name])
        self._occurrences[name] += 1
        stored = self._stored.get(key)
        index = stored.index if stored else self._indexes[ask.purpose == Purpose.JUDGE].lowest_free()
        return Draw(key, index, derive_seed(*self.identity, *key), stored)


class Indexes:
    """Numbers that are given out once, the lowest first."""

    def __init__(self):
        self._taken: set[int] = set()
        self._next = 0

    def take(self, index: int) -> None:
        self._taken.add(index)

    def lowest_free(self) -> int:
        while self._next in self._taken:
            self._next += 1
        self._taken.add(self._next)
        return self._next


def request_hash(ask: Ask) -> str:
    """32 hex digits of what is asked. Whatever is at its default is left out, so new options change no old name."""
    content = {
        "messages": [[message.role, message.content] for message in ask.messages],
        "decoding": ask.decoding.model_dump(mode="json", exclude_defaults=True),
        "purpose": ask.purpose.value,
    }
    content |= {name: value for name in _SPECIAL if (value := getattr(ask, name))}
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]
