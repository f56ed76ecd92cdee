"""One text on its way through the engine: what it is to become, what it has become, and what it still needs."""

from dataclasses import dataclass, field

import numpy as np

from .beginnings import Beginning
from .sampler import Sampler
from .text import TextWriter


@dataclass(eq=False)
class Text:
    """One text being written or waiting to be. `sequence` is its place in the cache, None while it has none.

    A text with `given` tokens is not written but read, for their logprobs; all but the last of them end its `prompt`.
    """

    id: int
    run: str
    attempt: str
    prompt: np.ndarray
    max_new_tokens: int
    sampler: Sampler
    writer: TextWriter
    condition: str = ""
    stop_tokens: frozenset[int] = frozenset()
    beginning: Beginning | None = None
    given: list[int] = field(default_factory=list)
    n_tops: int = 0
    wants_entropy: bool = False
    sequence: int | None = None
    cached_tokens: int | None = None
    new_tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    tops: list[list[tuple[int, str, float]]] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)
    self_certainties: list[float] = field(default_factory=list)

    @property
    def kind(self) -> tuple[str, str]:
        """Texts of one kind tend to be of like lengths."""
        return self.run, self.condition

    @property
    def n_asked(self) -> int:
        """Tokens of the prompt as it was asked, what is given left out."""
        return len(self.prompt) - max(len(self.given) - 1, 0)

    @property
    def next_row(self) -> int:
        """The first position whose logits are still needed."""
        return self.n_asked - 1 + len(self.logprobs) if self.given else self.n_tokens - 1

    @property
    def n_tokens(self) -> int:
        return len(self.prompt) + len(self.new_tokens)

    def tokens(self) -> np.ndarray:
        """Prompt and what was written so far; recomputed as a whole after a preemption."""
        return np.concatenate((self.prompt, np.array(self.new_tokens, np.int32)))

    def tokens_from(self, start: int, n: int) -> np.ndarray:
        if start >= len(self.prompt):
            written = start - len(self.prompt)
            return np.array(self.new_tokens[written : written + n], np.int32)
        return self.tokens()[start : start + n]
