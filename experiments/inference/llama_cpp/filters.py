"""Top-k, top-p and min-p: which tokens may be drawn at all. In llama.cpp's order, at temperature 1, before the temperature."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

# Tokens less likely than exp(-reach) times the likeliest are looked at only if need be.
_REACHES = (3.0, 6.0, 12.0)
# A grammar is asked about so many of the likeliest tokens, and about more only where they do not decide what is kept.
_ASKED_ABOUT = (64, 1024, 16_384)


class NothingFits(Exception):
    """No token at all may come next."""


@dataclass(frozen=True)
class Filters:
    """`top_k` 0, `top_p` 1 and `min_p` 0 each keep everything."""

    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0

    @property
    def keep_all(self) -> bool:
        return not self.top_k and self.top_p == 1 and not self.min_p

    def candidates(self, logits: np.ndarray, top: np.float32, total: float) -> tuple[np.ndarray, np.ndarray]:
        """(the tokens kept, likeliest first, exp(logit - top) of each). `total` is the sum of exp(logits - top) over all."""
        tokens = _likeliest_first(logits, self._surely_enough(logits, top, total))
        weights = np.exp((logits[tokens] - top).astype(np.float64))
        return self._cut(tokens, weights, total)

    def allowed_candidates(
        self, logits: np.ndarray, allowed: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """As `candidates` would give them for a row without the tokens that are not `allowed`, which is asked about few of them.

        Asking about a whole vocabulary takes milliseconds. The likeliest tokens mostly decide alone what is kept, because
        the others can have no more than the probability that is left. Raises NothingFits if no possible token is allowed.
        """
        n_possible = np.count_nonzero(logits > -np.inf)
        if not n_possible:
            raise NothingFits
        top = logits.max()
        everything = float(np.exp(logits - top).sum(dtype=np.float64))
        for asked in _ever_more(logits):
            if not len(tokens := asked[allowed(asked)]):
                continue
            # Relative to the likeliest that is allowed, which may be very much less likely than one that is not.
            best = float(logits[tokens[0]])
            weights = np.exp(logits[tokens] - best, dtype=np.float64)
            left = 0.0
            if len(asked) < n_possible:
                seen = np.exp(logits[asked] - top, dtype=np.float64).sum()
                left = max(everything - seen, 0.0) * math.exp(min(float(top) - best, 700.0))
            if self._are_decided(weights, math.exp(min(float(logits[asked[-1]]) - best, 700.0)), left):
                return self._cut(tokens, weights, weights.sum())
        raise NothingFits

    def _cut(self, tokens: np.ndarray, weights: np.ndarray, total: float) -> tuple[np.ndarray, np.ndarray]:
        """What is kept of tokens in descending order; `total` is the weight of all tokens, kept or not."""
        if self.top_k:
            tokens, weights = tokens[: self.top_k], weights[: self.top_k]
            total = weights.sum()
        keep = weights >= self.min_p * weights[0]
        if self.top_p < 1:
            keep &= np.cumsum(weights) - weights < self.top_p * total
        return tokens[keep], weights[keep]

    def _are_decided(self, weights: np.ndarray, least: float, left: float) -> bool:
        """Whether further tokens, each of weight `least` at most and together of `left`, change nothing about what is kept."""
        if not left or (self.top_k and len(weights) >= self.top_k):
            return True
        total, most = weights.sum(), weights.sum() + left
        others_go = self.min_p * weights[0] > least or (self.top_p < 1 and total >= self.top_p * most)
        if not others_go or self.top_p == 1:
            return others_go
        before = np.cumsum(weights) - weights
        return not ((before >= self.top_p * total) & (before < self.top_p * most)).any()

    def _surely_enough(self, logits: np.ndarray, top: np.float32, total: float) -> np.ndarray:
        """Tokens that include all that can be kept: sorting the whole vocabulary would take milliseconds."""
        for reach in _REACHES:
            near = np.flatnonzero(logits > top - reach)
            if self.top_k:
                is_enough = len(near) >= self.top_k
            elif self.top_p < 1:
                is_enough = np.exp(logits[near] - top).sum(dtype=np.float64) >= self.top_p * total
            else:
                is_enough = self.min_p >= math.exp(-reach)
            if is_enough:
                return near
        return likeliest(logits, self.top_k or len(logits))


def likeliest(logits: np.ndarray, n: int) -> np.ndarray:
    """The `n` likeliest possible tokens, likeliest first, and all that are as likely as the last of them."""
    least = np.partition(logits, -n)[-n] if n < len(logits) else -np.inf
    return _likeliest_first(logits, np.flatnonzero((logits >= least) & (logits > -np.inf)))


def _ever_more(logits: np.ndarray) -> Iterator[np.ndarray]:
    for n in (*_ASKED_ABOUT, len(logits)):
        if n <= len(logits):
            yield likeliest(logits, n)


def _likeliest_first(logits: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Equal ones keep the vocabulary's order, on every machine."""
    return tokens[np.argsort(-logits[tokens], kind="stable")]
