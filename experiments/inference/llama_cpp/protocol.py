"""What the parent and the engine's child process say to each other: one JSON object a line, over two pipes.

To the child: first the settings of `native.EngineSettings`, then {"ask": {...}} with the fields of `Ask` and {"cancel": id}.
From the child: {"ready": {...}} or {"broken": why} once, then frames {"texts": {id: more text}, "finished": [Finished...],
"refused": [[id, why]]}. A frame covers all sequences and is sent a few times a second, at once if a text begins or ends.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

# The longest line either side reads: a request with a prompt as long as the longest that a template may write.
MAX_LINE_BYTES = 64_000_000


class Refused(Exception):
    """This request cannot be answered, now or later; the text says why."""


@dataclass(frozen=True)
class Ask:
    """One text to be written, going on after `prefix`, or, where it is `given`, to be read and scored.

    What is `given` is a text, or the ids of its tokens. `decoding` has the fields of `domain.types.Decoding`; `top_logprobs`
    and `entropy` ask for what `Finished` then tells.
    """

    id: int
    messages: list[dict[str, str]]
    decoding: dict[str, Any]
    seed: int
    run: str
    attempt: str
    condition: str = ""
    prefix: str = ""
    given: str | list[int] | None = None
    top_logprobs: int = 0
    entropy: bool = False


@dataclass(frozen=True)
class Finished:
    """How one text ended. Its last words came, or come in the same frame, as `texts`.

    `tokens` are the ids of what was written. `tops` holds (token, its text, logprob) of the likeliest tokens at each position,
    and nothing where they were not wanted.
    """

    id: int
    reason: str
    prompt_tokens: int
    cached_tokens: int
    logprobs: list[float]
    tops: list[list[tuple[int, str, float]]]
    entropies: list[float]
    self_certainties: list[float]
    stop_string: str = ""
    tokens: list[int] = field(default_factory=list)


@dataclass
class Frame:
    """What happened since the last frame."""

    texts: dict[int, str] = field(default_factory=dict)
    finished: list[Finished] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    is_urgent: bool = False

    def add_text(self, id: int, more: str) -> None:
        self.texts[id] = self.texts.get(id, "") + more

    def as_message(self) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "finished": [asdict(finished) for finished in self.finished],
            "refused": self.refused,
        }


def encode(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    return json.loads(line)
