"""Changes to a row of logits before anything is drawn from it: penalties for what was written, and biases of tokens."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np


class Adjustments:
    """One sequence's penalties and biases. The prompt does not count as written.

    As OpenAI defines them, a token written c times loses `presence_penalty + c * frequency_penalty`. Before that
    `repeat_penalty` divides its logit if that is positive and multiplies it if not (Keskar et al. 2019, CTRL, section 4.1).
    """

    def __init__(self, decoding: Mapping[str, Any]):
        self._presence = decoding["presence_penalty"]
        self._frequency = decoding["frequency_penalty"]
        self._repeat = decoding["repeat_penalty"]
        bias = {int(token): bias for token, bias in decoding["logit_bias"].items()}
        self._biased = np.array(list(bias), np.intp)
        self._bias = np.array(list(bias.values()), np.float32)
        self._written: Counter[int] = Counter()

    @property
    def are_neutral(self) -> bool:
        return not len(self._biased) and not self._has_penalties

    @property
    def _has_penalties(self) -> bool:
        return bool(self._presence or self._frequency or self._repeat != 1)

    def note(self, token: int) -> None:
        """Count a token as written."""
        if self._has_penalties:
            self._written[token] += 1

    def apply(self, logits: np.ndarray) -> None:
        """Change one row of logits in place."""
        if self._written:
            tokens = np.fromiter(self._written, np.intp)
            counts = np.fromiter(self._written.values(), np.float32)
            those = logits[tokens]
            those = np.where(those > 0, those / np.float32(self._repeat), those * np.float32(self._repeat))
            logits[tokens] = those - np.float32(self._presence) - counts * np.float32(self._frequency)
        logits[self._biased] += self._bias
